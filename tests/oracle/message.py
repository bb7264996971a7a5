"""Messages as lists of fields in the order they are to be written in, zeros as
well: (number, name in JSON, kind, value). Fields without a value are left out.
"""

import struct

from anyvalue import entries_json, number, put_entries, quoted
from opentelemetry.proto.resource.v1.resource_pb2 import Resource


def varint(value):
    out = b''
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def zigzag(value):
    return value << 1 if value >= 0 else (-value << 1) - 1


def delimited(data):
    return varint(len(data)) + data


def attributes(pairs):
    """Each attribute's bytes, which the official package makes."""
    out = Resource()
    put_entries(out.attributes, pairs)
    return [one.SerializeToString() for one in out.attributes]


# kind: wire type, bytes of a value, its JSON
KINDS = {
    'text': (2, lambda v: delimited(v.encode()), quoted),
    'id': (2, delimited, lambda v: f'"{v.hex()}"'),
    'fixed64': (1, lambda v: struct.pack('<Q', v), lambda v: f'"{v}"'),
    'sfixed64': (1, lambda v: struct.pack('<q', v), lambda v: f'"{v}"'),
    'double': (1, lambda v: struct.pack('<d', v), number),
    'sint32': (0, lambda v: varint(zigzag(v)), str),
    'enum': (0, varint, str),
    'bool': (0, lambda v: varint(int(v)), lambda v: 'true' if v else 'false'),
    'message': (2, lambda v: delimited(protobuf(v)), lambda v: to_json(v)),
}
PACKED = {
    'fixed64s': ('fixed64', KINDS['fixed64'][1]),
    'doubles': ('double', KINDS['double'][1]),
    'uint64s': ('fixed64', varint),
}


def field_bytes(tag, kind, value):
    if kind in PACKED:
        packed = b''.join(PACKED[kind][1](one) for one in value)
        return varint(tag << 3 | 2) + delimited(packed)
    if kind == 'messages':
        return b''.join(field_bytes(tag, 'message', one) for one in value)
    if kind == 'attributes':
        return b''.join(varint(tag << 3 | 2) + delimited(one)
                        for one in attributes(value))
    wire, encode, _ = KINDS[kind]
    return varint(tag << 3 | wire) + encode(value)


def field_json(kind, value):
    if kind in PACKED:
        return '[' + ','.join(KINDS[PACKED[kind][0]][2](one) for one in value) + ']'
    if kind == 'messages':
        return '[' + ','.join(to_json(one) for one in value) + ']'
    if kind == 'attributes':
        return entries_json(value)
    return KINDS[kind][2](value)


def is_there(field):
    _, _, kind, value = field
    return value is not None and not (
        kind in ('messages', 'attributes', 'text') and not value)


def protobuf(fields):
    return b''.join(field_bytes(tag, kind, value)
                    for tag, _, kind, value in filter(is_there, fields))


def to_json(fields):
    return '{' + ','.join(f'"{name}":{field_json(kind, value)}'
                          for _, name, kind, value in filter(is_there, fields)) + '}'
