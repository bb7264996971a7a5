# Steps: what ./dev says while it works. Sourced, not run.

LOGS=build/log

say() { printf '%s\n' "$*" >&2; }
die() { say "dev: $*"; exit 1; }
usage_error() { say "dev: $*"; exit 2; }
have() { command -v "$1" >/dev/null 2>&1; }
now() { date +%s; }

# at_least 3.25 "$(cmake --version)": the first version number in the text
at_least() {
    found=$(printf '%s\n' "$2" | sed -n 's/[^0-9]*\([0-9][0-9.]*\).*/\1/p;1q')
    [ -n "$found" ] &&
        [ "$(printf '%s\n%s\n' "$1" "$found" | sort -V | head -n 1)" = "$1" ]
}

# step TITLE COMMAND…: runs it with its output in a log; shows the time it took,
# or the end of the log.
step() {
    title=$1
    shift
    mkdir -p "$LOGS"
    log=$LOGS/$(printf '%s' "$title" | tr -cs 'A-Za-z0-9.\n' '-').log
    printf '==> %s … ' "$title" >&2
    began=$(now)
    set +e # and not `if`: that would switch off set -e inside the command
    (set -e; "$@") >"$log" 2>&1 </dev/null
    rc=$?
    set -e
    if [ $rc -ne 0 ]; then
        show_failure "$log"
        exit 1
    fi
    say "$(($(now) - began)) s"
}

show_failure() { # LOG
    say failed
    tail -n 40 "$1" | sed 's/^/    /' >&2
    say "dev: the whole output is in $1"
}
