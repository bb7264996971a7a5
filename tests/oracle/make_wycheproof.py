"""Writes tests/vectors/wycheproof/*.txt from C2SP/wycheproof's testvectors_v1:
the cases that our one cipher and one MAC can have, a line each.

    python tests/oracle/make_wycheproof.py FOLDER
"""

import json
import pathlib
import sys

OUT = pathlib.Path(__file__).parent.parent / 'vectors' / 'wycheproof'
HEAD = """# {source} of C2SP/wycheproof, testvectors_v1: {what}.
# Copyright Google LLC and the Wycheproof authors, Apache-2.0 (see LICENSE here);
# changed in form only, by tests/oracle/make_wycheproof.py.
# {columns}; "-" is empty
"""


def cases(folder, source, sizes):
    for group in json.loads((folder / source).read_text())['testGroups']:
        if all(group[name] in size for name, size in sizes.items()):
            yield from group['tests']


def write(folder, name, source, what, sizes, columns):
    lines = [HEAD.format(source=source, what=what, columns=' '.join(columns))]
    for case in cases(folder, source, sizes):
        lines.append(' '.join(str(case[column]) or '-' for column in columns) + '\n')
    (OUT / name).write_text(''.join(lines))
    print(f'{name}: {len(lines) - 1} cases')


def main():
    folder = pathlib.Path(sys.argv[1])
    gcm = {'keySize': [256], 'ivSize': [96], 'tagSize': [128]}
    write(
        folder, 'aes_256_gcm.txt', 'aes_gcm_test.json', 'keys of 256 bits, nonces of 96, tags of 128',
        gcm, ['tcId', 'result', 'key', 'iv', 'aad', 'msg', 'ct', 'tag'],
    )  # fmt: skip
    write(
        folder, 'hmac_sha256.txt', 'hmac_sha256_test.json', 'tags of 256 bits',
        {'tagSize': [256]}, ['tcId', 'result', 'key', 'msg', 'tag'],
    )  # fmt: skip


if __name__ == '__main__':
    main()
