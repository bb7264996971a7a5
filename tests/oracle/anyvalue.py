"""Attributes and values as messages of opentelemetry-proto and as OTLP JSON."""

import base64
import json
import math

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


def request_json(case, record_json, resources, scopes, records):
    """The request, with its three names of fields."""
    groups = {}
    for record in case['records']:
        groups.setdefault(record['scope'], []).append(record_json(record))
    items = ','.join(
        '{"scope":' + members(('name', name and quoted(sane(name))),
                              ('version', version and quoted(sane(version))))
        + f',"{records}":[' + ','.join(group) + ']}'
        for (name, version), group in groups.items())
    resource = members(('attributes', case['resource'] and
                        entries_json(case['resource'])))
    return (f'{{"{resources}":[{{"resource":' + resource + f',"{scopes}":['
            + items + ']}]}').encode()


def take_attributes(record, pairs, options):
    pairs = unique(pairs)
    kept = pairs[: options.get('max_attributes', 128)]
    dropped = record.get('dropped_attributes_count', 0) + len(pairs) - len(kept)
    record['dropped_attributes_count'] = min(dropped, UINT32)
    limit = options.get('max_value_length', 0)
    record['attributes'] = [(key, limited(one, limit)) for key, one in kept]
