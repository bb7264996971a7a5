"""Submissions of the table, mutated: the module against the rules as
tests/oracle writes them down.

    python tests/wasmtime/mutations.py [--count N] [--seed N]

Of several faults in one body, which is told first is the module's own affair:
those found while it reads the fields count as the same.
"""

import argparse
import json
import random
import sys

from edge import ROOT, Edge
from table import data

sys.path.insert(0, str(ROOT / 'tests' / 'oracle'))
import signed_cases  # noqa: E402
import signed_verify  # noqa: E402

READING = {
    *('bad_json', 'bad_value', 'nul_character', 'key_too_long', 'value_too_long', 'message_too_long'),
    *('duplicate_field', 'too_many_fields'),
}
BITS = [b'&', b'=', b'%', b'+', b'%00', b'%0a', b'%ff', b'%e2%82', b'\xff', b'\xe2\x82\xac', b'"', b'\\', b'\\u00', b'\\ud800', b'{', b'}', b'[', b',', b':', b'null', b'true', b'1e5', b'message', b'email', b'name=', b'_next=/thanks', b'@', b' ', b'\n', b'\0', b'a' * 130, b'&a' * 70]


def rows():
    setup = None
    for line in (ROOT / 'tests' / 'vectors' / 'signed.jsonl').read_bytes().splitlines():
        row = json.loads(line)
        if row.get('setup') == 'submission':
            setup = row
        elif 'setup' in row:
            setup = None
        elif setup and row['call'] == 'verify' and len(data(row['body'])) < 3000:
            yield setup, row


def mutated(chance, body):
    for _ in range(chance.randint(1, 3)):
        at, gone = chance.randint(0, len(body)), chance.choice([0, 0, 1, 2, 9])
        body = body[:at] + (chance.choice(BITS) if chance.random() < 0.8 else b'') + body[at + gone :]
    return body


def reading_fault(verdict):
    if verdict['reason'] in READING or (verdict['reason'] == 'email_invalid' and verdict['age_seconds'] is None):
        return verdict | {'reason': 'while reading'}
    return verdict


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--count', type=int, default=20000)
    parser.add_argument('--seed', type=int, default=1)
    args = parser.parse_args()
    chance, table = random.Random(args.seed), list(rows())
    setup = table[0][0]
    edge = Edge().start(setup['secrets'], setup['options'], setup['origins'], setup['next'])
    rules = setup | {'options': signed_cases.DEFAULTS | setup['options'], 'uses': {}}
    passed = failed = accepted = 0
    for _ in range(args.count):
        row = chance.choice(table)[1]
        body = mutated(chance, data(row['body']))
        head = {name: data(row[name]) for name in ('content_type', 'origin', 'endpoint')}
        texts = {name: value if value is None else value.decode() for name, value in head.items()}
        want = signed_verify.verdict(rules, row['now'], texts | {'body': body})
        have = json.loads(edge.verify(row['now'], **head, body=body))
        accepted += have['verdict'] == 'accept'
        if reading_fault(have) == reading_fault(want):
            passed += 1
        else:
            failed += 1
            print(f'{texts} {body!r}\n  want {want}\n  have {have}')
    print(f'{accepted} were accepted')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed or accepted < args.count // 20 else 0


if __name__ == '__main__':
    sys.exit(main())
