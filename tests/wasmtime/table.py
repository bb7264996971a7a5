"""tests/vectors/signed.jsonl under Wasmtime: the same bytes as everywhere.

    python tests/wasmtime/table.py
"""

import json
import sys

from edge import ROOT, Edge, Status


def part(one):
    if isinstance(one, str):
        return one.encode()
    unit = bytes.fromhex(one['hex']) if 'hex' in one else one['text'].encode()
    return unit * one.get('times', 1)


def data(value):
    """tests/vectors/README.md says how bytes are written."""
    if value is None:
        return None
    return b''.join(part(one) for one in (value if isinstance(value, list) else [value]))


def run(edge, row):
    call = row['call']
    field = {name: data(row.get(name)) for name in ('token', 'id', 'text', 'session', 'path', 'nonce', 'in', 'body')}
    nonce = bytes.fromhex(row.get('nonce_hex', ''))
    if call == 'seal':
        return edge.seal(nonce, field['id'])
    if call == 'open':
        return edge.open(field['token'])
    if call == 'render':
        return edge.render(row['now'])
    if call == 'check':
        return edge.check(row['now'], field['token'])
    if call == 'nonce':
        return edge.nonce(row['expiry'], nonce, field['session'], field['path'])
    if call == 'nonce_check':
        return edge.nonce_check(row['now'], field['nonce'], field['session'], field['path'])
    if call == 'lines':
        flags = row['envelope'] * 1 | row['last'] * 2
        return edge.lines(row['now'], field['in'], row['first'], flags)
    if call == 'verify':
        head = [data(row[name]) for name in ('content_type', 'origin', 'endpoint')]
        return edge.verify(row['now'], *head, field['body'])
    return edge.call(f'signed_{call}', edge.put(field['text']))


def expected(row):
    if 'status' in row:
        return row['status']
    if row['call'] == 'check':
        return row['render'], -1.0 if row['age'] is None else float(row['age'])
    for name in ('count', 'left'):
        if name in row:
            return row[name]
    member = {'seal': 'token', 'open': 'id', 'render': 'token', 'nonce': 'nonce', 'verify': 'verdict', 'lines': 'out'}
    return data(row[member[row['call']]])


def main():
    edge, passed, failed = Edge(), 0, 0
    for line in (ROOT / 'tests' / 'vectors' / 'signed.jsonl').read_bytes().splitlines():
        row = json.loads(line)
        if 'setup' in row:
            edge.start(row['secrets'], row['options'], row['origins'], row['next'])
            continue
        try:
            have = run(edge, row)
        except Status as status:
            have = str(status)
        if have == expected(row):
            passed += 1
        else:
            failed += 1
            print(f'{row["name"]}\n  want {str(expected(row))[:300]}\n  have {str(have)[:300]}')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
