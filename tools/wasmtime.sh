#!/bin/sh
# wasmtime.sh FOLDER CACHE: puts Wasmtime's C headers and static library for
# this machine into FOLDER (include/, lib/). They come in one version from the
# Go module of its Go binding, checked against the sums below. Go's own copy
# goes below CACHE and is removed at the end: 300 MB to get 50.
set -eu
out=$1
work=$2/go-wasmtime
name=github.com/bytecodealliance/wasmtime-go/v39
version=v39.0.1
sum=h1:RibaT47yiyCRxMOj/l2cvL8cWiWBSqDXHyqsa9sGcCE=
sum_of_mod=h1:miR4NYIEBXeDNamZIzpskhJ0z/p8al+lwMWylQ/ZJb4=

case $(uname -s)-$(uname -m) in
Linux-x86_64) platform=linux-x86_64 ;;
Linux-aarch64) platform=linux-aarch64 ;;
Darwin-x86_64) platform=macos-x86_64 ;;
Darwin-arm64) platform=macos-aarch64 ;;
*)
    echo "There is no Wasmtime C library for $(uname -s) on $(uname -m) in" \
        "$name. Please unpack the C API of a Wasmtime 39 release yourself and" \
        "set WASMTIME_DIR to where it is."
    exit 1
    ;;
esac

mkdir -p "$work"
cd "$work"
printf 'module setup\ngo 1.18\nrequire %s %s\n' $name $version >go.mod
printf '%s %s %s\n' $name $version $sum $name $version/go.mod $sum_of_mod \
    >go.sum

# What is in the user's module cache already need not come again.
have=$(go env GOMODCACHE)/cache/download
from=$(go env GOPROXY)
export GOPROXY="file://$have,$from" GOMODCACHE="$work/modules" \
    GOTOOLCHAIN=local GOFLAGS='-modcacherw -mod=mod'
go mod download $name

module=$work/modules/$name@$version
rm -rf "$out.new"
mkdir -p "$out.new/lib"
cp -R "$module/build/include" "$out.new/include"
cp "$module/build/$platform/libwasmtime.a" "$out.new/lib/"
cp "$module/LICENSE" "$out.new/"
find "$out.new" -name empty.go -exec rm {} +
rm -rf "$out"
mv "$out.new" "$out"
cd /
rm -rf "$work"
