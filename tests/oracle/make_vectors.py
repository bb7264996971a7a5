"""Writes what tests/vectors/logs.txt expects: the `pb` and `json` lines.

The protobuf bytes are made by the official opentelemetry-proto, the JSON by the
few lines here; neither knows our C. With --check it only compares.

    python tests/oracle/make_vectors.py [--check]
"""

import base64
import hashlib
import json
import math
import pathlib
import sys

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
)

from values import Line, entries, string, value

FILE = pathlib.Path(__file__).parent.parent / 'vectors' / 'logs.txt'
NOW = 1700000000123250000
BANDS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
UINT32 = 2**32 - 1


def sane(text):
    """Ill-formed runs become U+FFFD; Python cuts them as browsers do."""
    return text.decode('utf-8', 'replace')


def unique(pairs):
    """Of equal keys the last one stays, where it is."""
    seen, out = set(), []
    for key, item in reversed(pairs):
        if key not in seen:
            seen.add(key)
            out.append((key, item))
    return out[::-1]


def limited(item, limit):
    kind, content = item
    if not limit:
        return item
    if kind == 'string':
        return (kind, sane(content)[:limit].encode())
    if kind == 'bytes':
        return (kind, content[:limit])
    if kind == 'array':
        return (kind, [limited(one, limit) for one in content])
    if kind == 'map':
        return (kind, [(key, limited(one, limit)) for key, one in content])
    return item


# --- protobuf ----------------------------------------------------------------


def put_value(to, item):
    kind, content = item
    if kind == 'string':
        to.string_value = sane(content)
    elif kind == 'bool':
        to.bool_value = content
    elif kind == 'int':
        to.int_value = content
    elif kind == 'double':
        to.double_value = content
    elif kind == 'bytes':
        to.bytes_value = content
    elif kind == 'array':
        to.array_value.SetInParent()
        for one in content:
            put_value(to.array_value.values.add(), one)
    elif kind == 'map':
        to.kvlist_value.SetInParent()
        put_entries(to.kvlist_value.values, content)


def put_entries(to, pairs):
    for key, item in unique(pairs):
        entry = to.add(key=sane(key))
        entry.value.SetInParent()
        put_value(entry.value, item)


def put_log(to, log):
    for field in ('time_unix_nano', 'observed_time_unix_nano', 'severity_number',
                  'severity_text', 'dropped_attributes_count', 'flags',
                  'trace_id', 'span_id', 'event_name'):
        if log.get(field):
            setattr(to, field, log[field])
    if 'body' in log:
        to.body.SetInParent()
        put_value(to.body, log['body'])
    put_entries(to.attributes, log['attributes'])


def to_protobuf(case):
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.SetInParent()
    put_entries(group.resource.attributes, case['resource'])
    scopes = {}
    for log in case['logs']:
        name, version = log['scope']
        if log['scope'] not in scopes:
            scope = scopes[log['scope']] = group.scope_logs.add()
            scope.scope.SetInParent()
            scope.scope.name, scope.scope.version = sane(name), sane(version)
        put_log(scopes[log['scope']].log_records.add(), log)
    return request.SerializeToString()


# --- JSON --------------------------------------------------------------------


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def number(value):
    """ECMA-262 Number::toString, from the digits that Python finds."""
    if math.isnan(value) or math.isinf(value):
        return quoted({True: 'NaN'}.get(math.isnan(value))
                      or ('Infinity' if value > 0 else '-Infinity'))
    sign = '-' if math.copysign(1, value) < 0 else ''
    if value == 0:
        return sign + '0'
    mantissa, exponent = f'{abs(value)!r}e0'.split('e')[:2]
    whole, _, part = mantissa.partition('.')
    digits = (whole + part).lstrip('0')
    point = len(whole) + int(exponent) - (len(whole + part) - len(digits))
    digits = digits.rstrip('0')
    if -6 < point <= 0:
        return f'{sign}0.{"0" * -point}{digits}'
    if 0 < point <= 21:
        if point >= len(digits):
            return sign + digits + '0' * (point - len(digits))
        return f'{sign}{digits[:point]}.{digits[point:]}'
    rest = '.' + digits[1:] if len(digits) > 1 else ''
    return f'{sign}{digits[0]}{rest}e{"+" if point > 0 else "-"}{abs(point - 1)}'


def value_json(item):
    kind, content = item
    if kind == 'null':
        return '{}'
    if kind == 'string':
        return f'{{"stringValue":{quoted(sane(content))}}}'
    if kind == 'bool':
        return f'{{"boolValue":{"true" if content else "false"}}}'
    if kind == 'int':
        return f'{{"intValue":"{content}"}}'
    if kind == 'double':
        return f'{{"doubleValue":{number(content)}}}'
    if kind == 'bytes':
        return f'{{"bytesValue":"{base64.b64encode(content).decode()}"}}'
    if kind == 'array':
        values = ','.join(value_json(one) for one in content)
        inner = f'"values":[{values}]' if content else ''
        return f'{{"arrayValue":{{{inner}}}}}'
    inner = f'"values":{entries_json(content)}' if content else ''
    return f'{{"kvlistValue":{{{inner}}}}}'


def entries_json(pairs):
    return '[' + ','.join(
        f'{{"key":{quoted(sane(key))},"value":{value_json(item)}}}'
        for key, item in unique(pairs)) + ']'


def members(*pairs):
    return '{' + ','.join(f'"{k}":{v}' for k, v in pairs if v) + '}'


def log_json(log):
    text = lambda field: log.get(field) and quoted(log[field])
    plain = lambda field: log.get(field) and str(log[field])
    hexa = lambda field: log.get(field) and f'"{log[field].hex()}"'
    time = lambda field: log.get(field) and f'"{log[field]}"'
    return members(
        ('timeUnixNano', time('time_unix_nano')),
        ('severityNumber', plain('severity_number')),
        ('severityText', text('severity_text')),
        ('body', 'body' in log and value_json(log['body'])),
        ('attributes', log['attributes'] and entries_json(log['attributes'])),
        ('droppedAttributesCount', plain('dropped_attributes_count')),
        ('flags', plain('flags')),
        ('traceId', hexa('trace_id')),
        ('spanId', hexa('span_id')),
        ('observedTimeUnixNano', time('observed_time_unix_nano')),
        ('eventName', text('event_name')))


def to_json(case):
    groups = {}
    for log in case['logs']:
        groups.setdefault(log['scope'], []).append(log_json(log))
    scopes = ','.join(
        '{"scope":' + members(('name', name and quoted(sane(name))),
                              ('version', version and quoted(sane(version))))
        + ',"logRecords":[' + ','.join(logs) + ']}'
        for (name, version), logs in groups.items())
    resource = members(('attributes', case['resource'] and
                        entries_json(case['resource'])))
    return ('{"resourceLogs":[{"resource":' + resource + ',"scopeLogs":['
            + scopes + ']}]}').encode()


# --- the file ----------------------------------------------------------------


def read_line(case, line):
    """Takes one line of a case; keeps what the next lines build on."""
    word = line.word()
    log = case['logs'][-1] if case['logs'] else None
    if word == 'option':
        name = line.word()
        case['options'][name] = int(line.word())
    elif word == 'resource':
        case['resource'] = entries(line)
    elif word == 'scope':
        case['scope'] = (string(line), string(line))
    elif word == 'log':
        severity, flags = int(line.word()), (line.word(), line.word())
        log = {'scope': case['scope'], 'severity_number': severity,
               'attributes': [], 'observed_time_unix_nano': NOW}
        if 'named' in flags and severity:
            step = (severity - 1) % 4 + 1
            log['severity_text'] = (BANDS[(severity - 1) // 4]
                                    + (str(step) if step > 1 else ''))
        if 'now' in flags:
            log['time_unix_nano'] = log['now'] = NOW
        case['logs'].append(log)
    elif word in ('time', 'observed'):
        time = int(line.word()) * 10**9 + int(line.word())
        field = 'time_unix_nano' if word == 'time' else 'observed_time_unix_nano'
        if 'now' not in log:
            log[field] = time or log.get(field, 0)
    elif word in ('text', 'event'):
        log['severity_text' if word == 'text' else 'event_name'] = sane(string(line))
    elif word == 'dropped':
        log['dropped_attributes_count'] = int(line.word())
    elif word == 'body':
        log['body'] = value(line)
    elif word == 'attributes':
        take_attributes(log, entries(line), case['options'])
    elif word == 'trace':
        log['trace_id'] = bytes.fromhex(line.word())
        log['span_id'] = bytes.fromhex(line.word())
        log['flags'] = int(line.word())
    elif word not in ('replaced', 'key'):
        raise ValueError(line.text)


def take_attributes(log, pairs, options):
    pairs = unique(pairs)
    kept = pairs[: options.get('max_attributes', 128)]
    dropped = log.get('dropped_attributes_count', 0) + len(pairs) - len(kept)
    log['dropped_attributes_count'] = min(dropped, UINT32)
    limit = options.get('max_value_length', 0)
    log['attributes'] = [(key, limited(one, limit)) for key, one in kept]


def expectation(lines):
    case = {'options': {}, 'resource': [], 'scope': (b'', b''), 'logs': []}
    for line in lines:
        if line.strip() and not line.strip().startswith('#'):
            read_line(case, Line(line.strip()))
    protobuf, text = to_protobuf(case), to_json(case)
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


def rewrite(text):
    head, *cases = ('\n' + text).split('\ncase ')
    out = [head.strip('\n')]
    for case in cases:
        lines = [line for line in case.rstrip('\n').split('\n')
                 if not line.startswith(('pb', 'json'))]
        while not lines[-1].strip():
            lines.pop()
        out.append('\n'.join(['case ' + lines[0], *lines[1:],
                              *expectation(lines[1:])]))
    return '\n\n'.join(out) + '\n'


def main():
    have = FILE.read_text()
    want = rewrite(have)
    if '--check' not in sys.argv:
        FILE.write_text(want)
    elif have != want:
        sys.exit(f'{FILE.name} is not what the official opentelemetry-proto '
                 'makes; run tests/oracle/make_vectors.py and look at the diff')


if __name__ == '__main__':
    sys.setrecursionlimit(10000)
    main()
