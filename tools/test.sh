# ./dev test [PART…]: sourced by dev. Sets up what the parts need, runs each as
# a step of its own with its own closing totals, and sums up.

native_parts='native native-asan native-gcc-asan native-32'
edge_parts='wasm-edge otlp size signed cli prometheus wasmtime python'
module_parts="types js wasm-web $edge_parts browser firefox webkit docs collector"
all_parts="format $native_parts $module_parts"

test_help() {
    cat <<'EOF'
Usage: ./dev test [PART...]

  format            the C sources are formatted
  native            unit tests, shared vectors and fuzz inputs; constant time
                    (valgrind)
  native-asan, native-gcc-asan, native-32
                    the same under clang's sanitizers and gcc's; in 32 bits
  types             the JavaScript, by tsc --strict
  js                the browser package in Node
  wasm-web, wasm-edge
                    both modules: vectors, hostile input, independent decoders
  otlp, signed, prometheus
                    requests, submissions and metrics of others at the edge
  size              what ships, against its budget
  cli               the command line, natively and under Wasmtime
  wasmtime, python  the hosts in C and Python
  browser, firefox, webkit
                    pages in Chromium; in Firefox; in WebKit
  docs              the examples of the manuals
  collector         all signals into the OpenTelemetry Collector

Without a PART, all of them. Exit code 0 is for none failed. What this machine
cannot run is skipped, or with CI=true failed. Output is in build/log.
EOF
}
! wants_help "$@" || { test_help && exit; }

for arg; do
    case " $all_parts " in
    *" $arg "*) ;;
    *) usage_error "./dev test has no part '$arg'; it has: $all_parts" ;;
    esac
done
[ $# -gt 0 ] || set -- $all_parts
chosen=" $* "
runs() { # whether one of these parts was chosen
    for one; do
        case $chosen in *" $one "*) return 0 ;; esac
    done
    return 1
}

# --- set-up, for the parts chosen only

want_base
! runs native-asan || want_clang
! runs native-32 || want_m32
! runs $module_parts || want_web
! runs $edge_parts browser firefox webkit || want_wasi
! runs native || want_valgrind # constant time
! runs prometheus || want_prometheus
! runs browser docs collector || want_chromium
! runs firefox || ! have apt-get || want_firefox # others may do without
! runs webkit || ! have apt-get || want_webkit
install_wanted
! runs format || need_pip clang-format
! runs collector || start_collector
[ "$chosen" = ' format ' ] || need_sources
[ "$chosen" = ' format ' ] || need_cmake
! runs $module_parts || need_node
! runs types js browser || need_packages tests/otel-1.9
! runs wasm-web wasm-edge otlp || need_pip opentelemetry-proto
! runs cli || need_wasmtime_cli
! runs prometheus || need_pip prometheus-client
! runs wasmtime || need_wasmtime_c
! runs wasmtime || need_plain_connect
! runs wasmtime python browser || need_pip wasmtime
! runs wasmtime python || need_pip cryptography
! runs python || need_pip pytest mypy flask django plain setuptools
! runs browser docs collector || need_chromium

# --- running

summary=
passed=0 failed=0 skipped=0

# part NAME KIND COMMAND…: KIND says how to read its totals; `check` is one test
part() {
    name=$1 kind=$2
    shift 2
    mkdir -p $LOGS
    log=$LOGS/test-$name.log
    printf '\n==> test %s\n' "$name"
    began=$(now)
    {
        set +e
        (set -e; "$@") 2>&1 </dev/null
        echo $? >"$log.rc"
    } | tee "$log"
    ok=0 bad=0 off=0
    "count_$kind" "$log"
    # a failure that no total tells of: did not build, crashed, ran no test
    [ "$(cat "$log.rc")" = 0 ] && [ $((ok + bad)) -gt 0 ] ||
        [ "$bad" -gt 0 ] || bad=1
    tally "$name" "$ok" "$bad" "$off" "$(($(now) - began)) s"
}
# skip NAME REASON: what this machine cannot run. In CI that is a failure.
skip() {
    if [ "${CI:-}" = true ]; then
        tally "$1" 0 1 0 "not run: $2"
    else
        tally "$1" 0 0 1 "skipped: $2"
    fi
}
tally() {
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    summary="$summary$(printf '%-16s %6d %6d %7d   %s' "$@")
"
}

last_number() { sed -n "s/$1/\\1/p" "$2" | tail -n 1; }
count_ctest() { # newer ones leave "0 tests failed" out
    bad=$(last_number '.* \([0-9]*\) tests* failed out of .*' "$1")
    all=$(last_number '.* tests .*out of \([0-9]*\).*' "$1")
    bad=${bad:-0} ok=$((${all:-0} - ${bad:-0}))
}
count_node() {
    ok=$(last_number '^. pass \([0-9]*\)$' "$1")
    bad=$(last_number '^. fail \([0-9]*\)$' "$1")
    cut=$(last_number '^. cancelled \([0-9]*\)$' "$1")
    off=$(last_number '^. skipped \([0-9]*\)$' "$1")
    ok=${ok:-0} bad=$((${bad:-0} + ${cut:-0})) off=${off:-0}
}
summed() { # LOG WORD: the number before it in pytest's last line
    tail -n 3 "$1" | sed -n "s/\(^\|.*[^0-9]\)\([0-9][0-9]*\) $2.*/\2/p" | tail -n 1
}
count_pytest() { # 1 failed, 61 passed, 2 skipped in 4.53s
    ok=$(summed "$1" passed) bad=$(summed "$1" failed)
    cut=$(summed "$1" error) off=$(summed "$1" skipped)
    ok=${ok:-0} bad=$((${bad:-0} + ${cut:-0})) off=${off:-0}
}
count_check() {
    if [ "$(cat "$1.rc")" = 0 ]; then ok=1; else bad=1; fi
}

# A test file that hangs is ended, and counts as failed. No --test-force-exit: it
# ends files before all their results have been written.
node_tests() { # FOLDER
    node --test --test-reporter=spec --test-timeout=600000 \
        "$1"/*.test.mjs
}
native_tests() { # PRESET
    step "build $1" build_preset "$1"
    # CMake leaves this test out where it finds no valgrind
    [ "$1" != native ] || [ "${CI:-}" != true ] ||
        ctest --preset native -N | grep -q ' constant_time$' ||
        die 'valgrind or its header is missing: constant time is not tested'
    ctest --preset "$1"
}
wasm_tests() { # ARTEFACT
    SONDE_ARTEFACT=$1 node_tests tests/wasm
}
wasmtime_tests() { # with Wasmtime's C library found, `native` has the host
    step 'build sonde-host' build_preset native
    node_tests tests/wasmtime
}
python_tests() {
    cd wasi/host/python
    "$VENV/bin/python" -m mypy
    "$VENV/bin/python" -m pytest
}
check_types() {
    node_modules/.bin/tsc -p js/tsconfig.json
    node_modules/.bin/tsc -p tests/otel-1.9
    node_modules/.bin/tsc -p wasi/edge/tsconfig.json
}
build_modules() {
    build_web
    ! runs $edge_parts browser firefox webkit || build_edge
    ! runs signed cli wasmtime || build_cli
}

check_modules() { # the parts that want what ships
    ! runs types || part types check check_types
    ! runs js || part js node node_tests js/test
    ! runs wasm-web || part wasm-web node wasm_tests web
    ! runs wasm-edge || part wasm-edge node wasm_tests edge
    ! runs otlp || part otlp node node_tests tests/otlp
    ! runs size || part size check node tests/size.mjs
    ! runs signed || part signed node node_tests tests/signed
    ! runs cli || part cli node node_tests tests/cli
    ! runs prometheus || part prometheus node node_tests tests/prometheus
    ! runs wasmtime || part wasmtime node wasmtime_tests
    ! runs python || part python pytest python_tests
    ! runs browser || part browser node node_tests tests/browser
    if runs firefox && ! has_firefox; then
        skip firefox 'no firefox-esr; SONDE_FIREFOX may name a Firefox'
    else
        ! runs firefox || part firefox node node_tests tests/firefox
    fi
    if runs webkit && ! has_webkit; then
        skip webkit 'no WebKitGTK 4.1 with Xvfb; SONDE_WEBKIT may name its MiniBrowser'
    else
        ! runs webkit || part webkit node node_tests tests/webkit
    fi
    ! runs docs || part docs node node_tests tests
    runs collector || return 0
    if need_collector; then
        part collector node node_tests tests/collector
    else
        tally collector 0 1 0 'did not build'
    fi
}

! runs format || part format check cmd_fmt --check
for preset in $native_parts; do
    if [ $preset = native-32 ] && ! has_m32 2>/dev/null; then
        ! runs $preset || skip $preset 'gcc -m32 does not work here'
    else
        ! runs $preset || part $preset ctest native_tests $preset
    fi
done
if runs $module_parts; then
    part build check build_modules
    if [ $bad -eq 0 ]; then
        check_modules
    else
        say "dev: without a build there is nothing to test: $module_parts"
    fi
fi

printf '\n%-16s %6s %6s %7s   %s\n' part passed failed skipped time
printf '%s\n' "$summary"
printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed -eq 0 ]
