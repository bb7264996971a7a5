#!/bin/sh
# collector.sh FILE CACHE: builds the OpenTelemetry Collector of
# tests/collector/builder.yaml as FILE. Go's own caches go below CACHE and are
# removed at the end: a gigabyte to make one program of 30 MB.
set -eu
out=$1
work=$2/go
mkdir -p "$work/dist"
cp tests/collector/builder.yaml "$work/"
cd "$work"

export GOPATH="$work/path" GOCACHE="$work/cache" GOTOOLCHAIN=local
export GOFLAGS='-modcacherw -buildvcs=false'
version=$(sed -n 's/^ *version: *//p' builder.yaml)
go run "go.opentelemetry.io/collector/cmd/builder@v$version" \
    --config builder.yaml

mv "$(echo dist/*collector)" "$out"
rm -rf "$work"
