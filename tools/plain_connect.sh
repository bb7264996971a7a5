#!/bin/sh
# plain_connect.sh PIP FOLDER: gets plain.connect's wheels, of its oldest and
# newest way of making tokens. Tests run the one file identity.py out of them;
# they are not installed, for they want a newer Python and much else.
set -eu
while read -r version sum; do
    name=plain_connect-$version-py3-none-any.whl
    [ ! -f "$2/$name" ] || continue
    echo "plain.connect==$version --hash=sha256:$sum" |
        "$1" download --quiet --disable-pip-version-check --no-deps \
            --ignore-requires-python --only-binary :all: --require-hashes \
            --dest "$2" -r /dev/stdin
done <<EOF
0.6.0 1b9dd8ad4f44969a28309bf6fa8dffc0d2e4b85a92c35d8373a465a3614e6966
0.11.0 2a3417b2c9cb261ec1f3646a2f31a00227141fefcaecb1603ba3f12b1a5f59e6
EOF
