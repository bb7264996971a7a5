"""Writes what tests/vectors/metrics.txt expects: the `pb` and `json` lines
behind each `collect`.

aggregate.py says what the measurements come to. That becomes bytes and JSON in
our order of fields (message.py), and a message of the official
opentelemetry-proto, field by field; what both are read as must be the same.
With --check it only compares.

    python tests/oracle/make_metrics.py [--check]
"""

import pathlib
import re
import sys

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

import decode
import message
from aggregate import Meter
from anyvalue import put_entries, sane, unique
from values import Line, array, entries, string

FILE = pathlib.Path(__file__).parent.parent / 'vectors' / 'metrics.txt'
START = 1700000000000 * 10**6
DATA = {'counter': (7, 'sum'), 'updown': (7, 'sum'), 'gauge': (5, 'gauge'),
        'histogram': (9, 'histogram'), 'exponential': (10, 'exponentialHistogram')}
MOST = 2**63


def whole(value):
    return max(-MOST, min(MOST - 1, int(value)))


# --- our order of fields ------------------------------------------------------


def number_field(one, value, tag):
    if one.integer:
        return (6, 'asInt', 'sfixed64', whole(value))
    return (tag, 'asDouble', 'double', value)


def exemplar_field(one, tag, exemplar):
    if not exemplar:
        return (tag, '', 'messages', [])
    value, time, (trace_id, span_id) = exemplar
    return (tag, 'exemplars', 'messages', [[
        (2, 'timeUnixNano', 'fixed64', time), number_field(one, value, 3),
        (4, 'spanId', 'id', span_id), (5, 'traceId', 'id', trace_id)]])


def sums(one, value):
    return [(4, 'count', 'fixed64', value['count']),
            (5, 'sum', 'double', value['sum'])]


def limits(one, value, tag):
    return [(tag, 'min', 'double', value['min'] if one.min_max else None),
            (tag + 1, 'max', 'double', value['max'] if one.min_max else None)]


def range_field(tag, name, buckets):
    if buckets is None:
        return (tag, name, 'message', None)
    return (tag, name, 'message', [(1, 'offset', 'sint32', buckets[0]),
                                   (2, 'bucketCounts', 'uint64s', buckets[1])])


def value_fields(one, value):
    """The value, and the tags of attributes and exemplars."""
    if one.shape == 'histogram':
        return [*sums(one, value),
                (6, 'bucketCounts', 'fixed64s', value['counts']),
                (7, 'explicitBounds', 'doubles', value['bounds']),
                *limits(one, value, 11)], 9, 8
    if one.shape == 'exponential':
        return [*sums(one, value), (6, 'scale', 'sint32', value['scale']),
                (7, 'zeroCount', 'fixed64', value['zeros']),
                range_field(8, 'positive', value['positive']),
                range_field(9, 'negative', value['negative']),
                *limits(one, value, 12)], 1, 11
    return [number_field(one, value, 4)], 7, 5


def point_fields(one, now, series, start, exemplar, value):
    fields, attributes, exemplars = value_fields(one, value)
    return [(attributes, 'attributes', 'attributes', series.attributes),
            (2, 'startTimeUnixNano', 'fixed64', start),
            (3, 'timeUnixNano', 'fixed64', now), *fields,
            exemplar_field(one, exemplars, exemplar)]


def metric_fields(meter, one, points):
    tag, name = DATA[one.shape]
    data = [(1, 'dataPoints', 'messages',
             [point_fields(one, meter.now, *point) for point in points])]
    if one.shape != 'gauge':
        data += [(2, 'aggregationTemporality', 'enum', 1 + meter.is_cumulative(one))]
    if one.shape == 'counter':
        data += [(3, 'isMonotonic', 'bool', True)]
    return [*((at + 1, field, 'text', text) for at, (field, text) in enumerate(
        zip(('name', 'description', 'unit'), one.texts))),
        (tag, name, 'message', data)]


def request_fields(case, meter, collected):
    scopes = {}
    for one, points in collected:
        scopes.setdefault(one.scope, []).append(metric_fields(meter, one, points))
    return [(1, 'resourceMetrics', 'messages', [[
        (1, 'resource', 'message', [(1, 'attributes', 'attributes', case['resource'])]),
        (2, 'scopeMetrics', 'messages', [[
            (1, 'scope', 'message', [(1, 'name', 'text', sane(name)),
                                     (2, 'version', 'text', sane(version))]),
            (2, 'metrics', 'messages', metrics)]
            for (name, version), metrics in scopes.items()])]])]


# --- the official messages ----------------------------------------------------


def put_number(to, one, value):
    if one.integer:
        to.as_int = whole(value)
    else:
        to.as_double = value


def put_exemplar(to, one, exemplar):
    if exemplar:
        value, time, (trace_id, span_id) = exemplar
        made = to.exemplars.add(time_unix_nano=time, trace_id=trace_id,
                                span_id=span_id)
        put_number(made, one, value)


def put_histogram(to, one, value):
    to.count = value['count']
    if value['sum'] is not None:
        to.sum = value['sum']
    if one.min_max:
        to.min, to.max = value['min'], value['max']
    if one.shape == 'histogram':
        to.bucket_counts.extend(value['counts'])
        to.explicit_bounds.extend(value['bounds'])
        return
    to.scale, to.zero_count = value['scale'], value['zeros']
    for range_of in ('positive', 'negative'):
        if value[range_of]:
            buckets = getattr(to, range_of)
            buckets.offset = value[range_of][0]
            buckets.bucket_counts.extend(value[range_of][1])


def put_point(to, one, now, series, start, exemplar, value):
    put_entries(to.attributes, series.attributes)
    to.start_time_unix_nano, to.time_unix_nano = start, now
    put_exemplar(to, one, exemplar)
    if isinstance(value, dict):
        put_histogram(to, one, value)
    else:
        put_number(to, one, value)


def official(case, meter, collected):
    request, scopes = ExportMetricsServiceRequest(), {}
    group = request.resource_metrics.add()
    group.resource.SetInParent()
    put_entries(group.resource.attributes, case['resource'])
    for one, points in collected:
        if one.scope not in scopes:
            made = scopes[one.scope] = group.scope_metrics.add()
            made.scope.SetInParent()
            made.scope.name, made.scope.version = map(sane, one.scope)
        name, description, unit = one.texts
        metric = scopes[one.scope].metrics.add(name=name, unit=unit,
                                               description=description)
        data = getattr(metric, re.sub('H', '_h', DATA[one.shape][1]))
        if one.shape != 'gauge':
            data.aggregation_temporality = 1 + meter.is_cumulative(one)
        if one.shape == 'counter':
            data.is_monotonic = True
        for point in points:
            put_point(data.data_points.add(), one, meter.now, *point)
    return request


def both(case, meter):
    """The lines behind a `collect`."""
    collected = meter.collect()
    if not collected:
        return ['nothing']
    fields = request_fields(case, meter, collected)
    body, text = message.protobuf(fields), message.to_json(fields)
    want = official(case, meter, collected).SerializeToString(deterministic=True)
    for read in (ExportMetricsServiceRequest.FromString(body),
                 decode.from_json(ExportMetricsServiceRequest, text)):
        assert read.SerializeToString(deterministic=True) == want, case
    return [*('pb ' + body[at : at + 48].hex() for at in range(0, len(body), 48)),
            'json ' + text]


# --- the file -----------------------------------------------------------------


def take_instrument(case, meter, line):
    kind, flags = line.word(), []
    while line.peek() != '"':
        flags.append(line.word())
    texts = tuple(sane(string(line)) for _ in range(3))
    bounds = [float(value) for _, value in array(line)] if line.peek() == '[' else []
    meter.instrument(kind, flags, case['scope'], texts, bounds)


def take_span(meter, line):
    trace_id = line.word()
    meter.span = (None if trace_id == 'none' else
                  (bytes.fromhex(trace_id), bytes.fromhex(line.word())))


def read_line(case, meter, line):
    """Takes one line; returns those that are expected behind it."""
    word = line.word()
    if word == 'resource':
        case['resource'] = entries(line)
    elif word == 'scope':
        case['scope'] = (string(line), string(line))
    elif word == 'at':
        meter.now = START + int(line.word()) * 10**6
    elif word == 'instrument':
        take_instrument(case, meter, line)
    elif word == 'put':
        number, value = int(line.word()), float(line.word())
        pairs = entries(line) if line.peek() == '{' else []
        meter.put(number, value, unique(pairs))
    elif word == 'span':
        take_span(meter, line)
    elif word == 'collect':
        return both(case, meter)
    elif word not in ('option', 'ignored'):
        raise ValueError(line.text)
    return []


def rewritten(lines):
    options = dict(line.split()[1:] for line in lines if line.startswith('option'))
    meter = Meter({name: int(value) for name, value in options.items()}, START)
    case, out = {'resource': [], 'scope': (b'', b'')}, []
    for text in lines:
        if text.split(' ')[0] in ('pb', 'json', 'nothing'):
            continue
        out.append(text)
        if text.strip() and not text.startswith('#'):
            out += read_line(case, meter, Line(text))
    return out


def rewrite(text):
    head, *cases = ('\n' + text).split('\ncase ')
    out = [head.strip('\n')]
    for case in cases:
        name, *lines = case.rstrip('\n').split('\n')
        out.append('\n'.join(['case ' + name, *rewritten(lines)]))
    return '\n\n'.join(out) + '\n'


def main():
    have = FILE.read_text()
    want = rewrite(have)
    if '--check' not in sys.argv:
        FILE.write_text(want)
    elif have != want:
        sys.exit(f'{FILE.name} is not what the official opentelemetry-proto '
                 'makes; run tests/oracle/make_metrics.py and look at the diff')


if __name__ == '__main__':
    main()
