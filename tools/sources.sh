#!/bin/sh
# sources.sh CACHE FOLDER PACKAGE-VERSION…: unpacks upstream sources in FOLDER,
# from the archives that Debian keeps of them, pinned by checksum. Needs no
# root and leaves the system's package lists alone.
set -eu
cache=$1
folder=$2
shift 2

pin() { # sets package, archive and sum
    package=${1%-*}
    case $1 in
    bearssl-0.6)
        archive=bearssl_0.6+dfsg.1.orig.tar.xz
        sum=102a625bd8f6155260867a50c508df8d8c3f796985dd744df1a68e5cd1a79004
        ;;
    nanopb-0.4.7)
        archive=nanopb_0.4.7.orig.tar.gz
        sum=e1d89b166367a3c42d42311bdc2ed57ff78f86aede9a66828516e45490d48c81
        ;;
    *) echo "no pin for $1" && exit 1 ;;
    esac
}
intact() { echo "$sum  $cache/$archive" | sha256sum -c --status 2>/dev/null; }

# The system's sources in both formats → "uri keyring suite…" a line.
system_sources() {
    cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk -v RS= -v FS='\n' '
        /\nEnabled: *no/ { next }
        {
            uris = suites = ""
            key = "-"
            for (i = 1; i <= NF; i++) {
                value = substr($i, index($i, ":") + 1)
                if ($i ~ /^URIs:/) uris = value
                if ($i ~ /^Suites:/) suites = value
                if ($i ~ /^Signed-By: *\//) key = value
            }
            n = split(uris, uri, " ")
            for (i = 1; i <= n; i++) print uri[i], key, suites
        }'
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | awk '
        $1 == "deb" {
            key = match($0, /signed-by=[^] ]+/) \
                ? substr($0, RSTART + 10, RLENGTH - 10) : "-"
            sub(/^deb[ \t]+(\[[^]]*\])?/, "")
            print $1, key, $2
        }'
}

# A deb-src line for each mirror of the distribution's main archive: of all
# sources, those with the release itself as suite and a path named after it.
# Debian keeps older releases, so the one with our versions serves them all.
source_lines() {
    . /etc/os-release
    case $ID in
    debian) wanted='bookworm main' ;;
    *) wanted="$VERSION_CODENAME main universe" ;;
    esac
    system_sources | while read -r uri key suites; do
        case $uri in
        */debian | */debian/ | */ubuntu | */ubuntu/ | */ubuntu-ports*) ;;
        mirror*/debian.list | mirror*/ubuntu*.list) ;;
        *) continue ;;
        esac
        case " $suites " in
        *" ${VERSION_CODENAME:-sid} "* | *" stable "* | *" testing "* | *" sid "*)
            [ "$key" = - ] && key= || key="[signed-by=$key] "
            echo "deb-src $key$uri $wanted"
            ;;
        esac
    done | sort -u
}

# apt-get with lists, cache and sources of its own
private_apt() {
    apt-get -o Dir::Etc::SourceList="$work/sources.list" \
        -o Dir::Etc::SourceParts=/dev/null -o Dir::State="$work/state" \
        -o Dir::State::Status=/dev/null -o Dir::Cache="$work/cache" \
        -o APT::Sandbox::User=root "$@"
}

fetch() { # PACKAGE…, into the cache
    work=$(mktemp -d)
    mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$cache"
    source_lines | tee "$work/sources.list"
    private_apt update
    (cd "$cache" && private_apt source --download-only --tar-only "$@")
    rm -rf "$work"
}

absent=
for name; do
    pin "$name"
    intact || absent="$absent $package"
done
[ -z "$absent" ] || fetch $absent || echo "Could not fetch$absent"

for name; do
    pin "$name"
    if ! intact; then
        variable=SONDE_$(echo "$package" | tr a-z A-Z)_DIR
        echo "This system's package archive does not give $archive with" \
            "sha256 $sum. Please unpack $name yourself and set $variable to" \
            "where it is."
        exit 1
    fi
    rm -rf "${folder:?}/$name"
    mkdir -p "$folder/$name"
    tar -xf "$cache/$archive" -C "$folder/$name" --strip-components 1
    touch "$folder/$name/.complete"
done
