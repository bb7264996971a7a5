# ./dev test [PART…]: sourced by dev. Sets up what the parts need, runs each as
# a step of its own with its own closing totals, and sums up.

for arg; do
    case " $(echo $PARTS) " in
    *" $arg "*) ;;
    *) usage_error "there is no part '$arg' in ./dev test; it has:" $PARTS ;;
    esac
done
[ $# -gt 0 ] || set -- $PARTS
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
! runs js types wasm-web browser size collector || want_web
! runs wasm-edge size || want_wasi
! runs browser collector || want_chromium
install_wanted
! runs format || need_pip clang-format
! runs collector || start_collector
need_sources
need_cmake
if runs js types wasm-web wasm-edge browser size collector; then
    need_node
fi
! runs wasm-web wasm-edge || need_pip opentelemetry-proto
! runs browser collector || need_chromium

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
count_ctest() {
    line='.* \([0-9]*\) tests\{0,1\} failed out of'
    bad=$(last_number "$line .*" "$1")
    all=$(last_number '.* failed out of \([0-9]*\).*' "$1")
    bad=${bad:-0} ok=$((${all:-0} - bad))
}
count_node() {
    ok=$(last_number '^. pass \([0-9]*\)$' "$1")
    bad=$(last_number '^. fail \([0-9]*\)$' "$1")
    off=$(last_number '^. skipped \([0-9]*\)$' "$1")
    ok=${ok:-0} bad=${bad:-0} off=${off:-0}
}
count_check() {
    if [ "$(cat "$1.rc")" = 0 ]; then ok=1; else bad=1; fi
}

node_tests() { # FOLDER
    node --test --test-reporter=spec "$1"/*.test.mjs
}
native() {
    step "build $1" build_preset "$1"
    part "$1" ctest ctest --preset "$1"
}

! runs format || part format check cmd_fmt --check
! runs native || native native
! runs native-asan || native native-asan
! runs native-gcc-asan || native native-gcc-asan
if runs native-32; then
    if has_m32 2>/dev/null; then
        native native-32
    else
        skip native-32 'gcc -m32 does not work here'
    fi
fi
if runs js types wasm-web browser size collector; then
    build_web
fi
! runs wasm-edge size || build_edge
! runs types || part types check node_modules/.bin/tsc -p js/tsconfig.json
! runs js || part js node node_tests js/test
for artefact in web edge; do
    export SONDE_ARTEFACT=$artefact
    ! runs wasm-$artefact || part wasm-$artefact node node_tests tests/wasm
done
! runs size || part size check node tests/size.mjs
! runs browser || part browser node node_tests tests/browser
if runs collector; then
    need_collector
    part collector node node_tests tests/collector
fi

printf '\n%-16s %6s %6s %7s   %s\n' part passed failed skipped time
printf '%s\n' "$summary"
printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed -eq 0 ]
