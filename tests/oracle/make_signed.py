"""Writes tests/vectors/signed.jsonl: what identity tokens, render tokens,
nonces and submissions must give. Nothing here knows our C.

    python tests/oracle/make_signed.py [--check]

tests/vectors/README.md says how the rows are written. What each case must come
to is said by the case (signed_cases.py, signed_submissions.py) and worked out
again by the rules (signed_tokens.py, signed_verify.py): they must agree.
"""

import pathlib
import re
import sys

import signed_cases
import signed_lines
import signed_submissions
from signed_verify import compact

ROOT = pathlib.Path(__file__).parent.parent.parent
FILE = ROOT / 'tests' / 'vectors' / 'signed.jsonl'
RUN = re.compile(r'(.{1,24}?)\1{23,}', re.S)


def parts(text):
    """A text as text and repetitions."""
    out, at = [], 0
    for run in RUN.finditer(text):
        out += [text[at : run.start()]] if run.start() > at else []
        out += [{'text': run[1], 'times': len(run[0]) // len(run[1])}]
        at = run.end()
    return out + ([text[at:]] if at < len(text) else [])


def raw(content):
    """Bytes that are no UTF-8, as hex and repetitions."""
    out = []
    for run in re.finditer(rb'(.)\1{23,}|(?:(?!(.)\2{23}).)+', content, re.S):
        times = len(run[0]) if run[1] else 1
        out.append({'hex': (run[1] or run[0]).hex()} | ({'times': times} if times > 1 else {}))
    return out


def data(content):
    """Bytes as a row holds them: a string, or an array of parts."""
    if isinstance(content, str):
        content = content.encode()
    out = []
    for text in re.split(r'([\udc80-\udcff]+)', content.decode('utf-8', 'surrogateescape')):
        if re.match('[\udc80-\udcff]', text):
            out += raw(text.encode('utf-8', 'surrogateescape'))
        elif text:
            out += parts(text)
    return out if len(out) > 1 or out and not isinstance(out[0], str) else ''.join(out)


PLAIN = {'setup', 'name', 'call', 'options', 'secrets', 'origins', 'next', 'nonce_hex', 'status', 'reason'}


def line(row):
    """Members that hold arbitrary bytes become data."""
    return compact(
        {
            key: data(value) if isinstance(value, (str, bytes)) and key not in PLAIN else value
            for key, value in row.items()
        }
    )


def main():
    rows = [*signed_cases.rows(), *signed_submissions.rows(ROOT), *signed_lines.rows()]
    names = [row['name'] for row in rows if 'name' in row]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)
    text = ''.join(line(row) + '\n' for row in rows)
    if sys.argv[1:] == ['--check']:
        same = FILE.read_text(encoding='utf-8') == text
        print(f'{FILE.name}: {len(names)} cases', 'as written' if same else 'differ: run make_signed.py')
        return 0 if same else 1
    FILE.write_text(text, encoding='utf-8')
    print(f'{FILE.name}: {len(names)} cases, {len(text.encode())} bytes')
    return 0


if __name__ == '__main__':
    sys.exit(main())
