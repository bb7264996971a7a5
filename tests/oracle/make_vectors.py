"""Writes what tests/vectors/logs.txt and spans.txt expect: the `pb` and `json`
lines.

The protobuf bytes are made by the official opentelemetry-proto, the JSON by the
few lines in anyvalue.py; neither knows our C. With --check it only compares.

    python tests/oracle/make_vectors.py [--check]
"""

import hashlib
import pathlib
import sys

import logs
import spans
from values import Line, entries, string

FOLDER = pathlib.Path(__file__).parent.parent / 'vectors'
KINDS = {'logs.txt': logs, 'spans.txt': spans}


def read_line(case, kind, line):
    """Takes one line of a case; keeps what the next lines build on."""
    word = line.word()
    if word == 'option':
        name = line.word()
        case['options'][name] = int(line.word())
    elif word == 'resource':
        case['resource'] = entries(line)
    elif word == 'scope':
        case['scope'] = (string(line), string(line))
    elif word not in ('replaced', 'key'):
        kind.read_line(case, word, line)


def expectation(kind, lines):
    case = {'options': {}, 'resource': [], 'scope': (b'', b''), 'records': []}
    for line in lines:
        if line.strip() and not line.strip().startswith('#'):
            read_line(case, kind, Line(line.strip()))
    protobuf, text = kind.to_protobuf(case), kind.to_json(case)
    out = []
    if len(protobuf) > 3000:
        out.append('pb-sha256 ' + hashlib.sha256(protobuf).hexdigest())
    else:
        out += ['pb ' + protobuf[at : at + 48].hex()
                for at in range(0, len(protobuf), 48)]
    if len(text) > 6000:
        out.append('json-sha256 ' + hashlib.sha256(text).hexdigest())
    else:
        out.append('json ' + text.decode())
    return out


def rewrite(kind, text):
    head, *cases = ('\n' + text).split('\ncase ')
    out = [head.strip('\n')]
    for case in cases:
        lines = [line for line in case.rstrip('\n').split('\n')
                 if not line.startswith(('pb', 'json'))]
        while not lines[-1].strip():
            lines.pop()
        out.append('\n'.join(['case ' + lines[0], *lines[1:],
                              *expectation(kind, lines[1:])]))
    return '\n\n'.join(out) + '\n'


def main():
    for name, kind in KINDS.items():
        file = FOLDER / name
        have = file.read_text()
        want = rewrite(kind, have)
        if '--check' not in sys.argv:
            file.write_text(want)
        elif have != want:
            sys.exit(f'{name} is not what the official opentelemetry-proto '
                     'makes; run tests/oracle/make_vectors.py and look at the '
                     'diff')


if __name__ == '__main__':
    sys.setrecursionlimit(10000)
    main()
