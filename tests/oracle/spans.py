"""Spans of tests/vectors/spans.txt as opentelemetry-proto has them.

Fields are in the order of their numbers, but for the counts of what was
dropped, which come behind the links; so a span is put together of serialized
parts, and read again as a whole.
"""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from anyvalue import (entries_json, limited, members, put_entries, quoted,
                      request_json, sane, take_attributes)
from values import entries, string


def field(number, data):
    """A field of bytes."""
    size, head = len(data), bytes([number << 3 | 2])
    while size > 127:
        head += bytes([size & 127 | 128])
        size >>= 7
    return head + bytes([size]) + data


def message(make, source, **fields):
    """Of the fields, those that are there."""
    made = make(**{name: one for name, one in fields.items() if one})
    put_entries(made.attributes, source['attributes'])
    return made


def event_of(event):
    return message(Span.Event, event, time_unix_nano=event['time'],
                   name=event['name'],
                   dropped_attributes_count=event['dropped'])


def link_of(link):
    return message(Span.Link, link, trace_id=link['trace_id'],
                   span_id=link['span_id'], trace_state=link['state'],
                   flags=link['flags'],
                   dropped_attributes_count=link['dropped'])


def parts(span):
    """The span, in pieces that say in which order they come."""
    yield message(Span, span, trace_id=span['trace_id'],
                  span_id=span['span_id'], trace_state=span.get('state'),
                  parent_span_id=span.get('parent'), name=span.get('name'),
                  kind=span['kind'], start_time_unix_nano=span['start'],
                  end_time_unix_nano=max(span['start'], span['end']))
    for event in span['events']:
        yield Span(events=[event_of(event)])
    for link in span['links']:
        yield Span(links=[link_of(link)])
    yield Span(dropped_attributes_count=span['dropped_attributes_count'])
    yield Span(dropped_events_count=span['dropped_events'])
    yield Span(dropped_links_count=span['dropped_links'])
    if span['code'] or span.get('message'):
        yield Span(status=Status(code=span['code'],
                                 message=span.get('message', '')))
    yield Span(flags=span['flags'])


def to_protobuf(case):
    scopes, whole = {}, ExportTraceServiceRequest()
    group = whole.resource_spans.add(resource=Resource())
    put_entries(group.resource.attributes, case['resource'])
    for span in case['records']:
        name, version = span['scope']
        if span['scope'] not in scopes:
            scope = InstrumentationScope(name=sane(name), version=sane(version))
            scopes[span['scope']] = (
                group.scope_spans.add(scope=scope),
                [field(1, scope.SerializeToString())])
        official, ours = scopes[span['scope']]
        pieces = list(parts(span))
        ours.append(field(2, b''.join(one.SerializeToString() for one in pieces)))
        made = official.spans.add()
        for one in pieces:
            made.MergeFrom(one)
    body = field(1, field(1, group.resource.SerializeToString()) + b''.join(
        field(2, b''.join(ours)) for _, ours in scopes.values()))
    read = ExportTraceServiceRequest.FromString(body)
    assert read.SerializeToString() == whole.SerializeToString()
    return body


# --- JSON --------------------------------------------------------------------


def text(content):
    return content and quoted(content)


def plain(number):
    return number and str(number)


def time(number):
    return number and f'"{number}"'


def hexa(data):
    return data and f'"{data.hex()}"'


def listed(items):
    return items and '[' + ','.join(items) + ']'


def event_json(event):
    return members(
        ('timeUnixNano', time(event['time'])),
        ('name', text(event['name'])),
        ('attributes', event['attributes'] and entries_json(event['attributes'])),
        ('droppedAttributesCount', plain(event['dropped'])))


def link_json(link):
    return members(
        ('traceId', hexa(link['trace_id'])),
        ('spanId', hexa(link['span_id'])),
        ('traceState', text(link['state'])),
        ('attributes', link['attributes'] and entries_json(link['attributes'])),
        ('droppedAttributesCount', plain(link['dropped'])),
        ('flags', plain(link['flags'])))


def span_json(span):
    status = members(('message', text(span.get('message'))),
                     ('code', plain(span['code'])))
    return members(
        ('traceId', hexa(span['trace_id'])),
        ('spanId', hexa(span['span_id'])),
        ('traceState', text(span.get('state'))),
        ('parentSpanId', hexa(span.get('parent'))),
        ('name', text(span.get('name'))),
        ('kind', plain(span['kind'])),
        ('startTimeUnixNano', time(span['start'])),
        ('endTimeUnixNano', time(max(span['start'], span['end']))),
        ('attributes', span['attributes'] and entries_json(span['attributes'])),
        ('events', listed([event_json(one) for one in span['events']])),
        ('links', listed([link_json(one) for one in span['links']])),
        ('droppedAttributesCount', plain(span['dropped_attributes_count'])),
        ('droppedEventsCount', plain(span['dropped_events'])),
        ('droppedLinksCount', plain(span['dropped_links'])),
        ('status', status != '{}' and status),
        ('flags', plain(span['flags'])))


def to_json(case):
    return request_json(case, span_json, 'resourceSpans', 'scopeSpans', 'spans')


# --- lines -------------------------------------------------------------------


def part_attributes(line, options):
    """Of an event or link: only the first so many are looked at."""
    pairs = entries(line) if line.peek() == '{' else []
    most = options.get('max_attributes', 128)
    limit = options.get('max_value_length', 0)
    later = lambda at: {key for key, _ in pairs[at + 1 :]}
    kept = [(key, limited(one, limit)) for at, (key, one) in enumerate(pairs)
            if at < most and key not in later(at)]
    return {'attributes': kept, 'dropped': max(len(pairs) - most, 0)}


def start_span(case, line):
    case['records'].append({
        'scope': case['scope'], 'kind': int(line.word()),
        'code': int(line.word()), 'flags': 0, 'start': 0, 'end': 0,
        'attributes': [], 'events': [], 'links': [],
        'dropped_attributes_count': 0, 'dropped_events': 0, 'dropped_links': 0})


def nanoseconds(line):
    return int(line.word()) * 10**9 + int(line.word())


def ids(line):
    return {'trace_id': bytes.fromhex(line.word()),
            'span_id': bytes.fromhex(line.word())}


def read_line(case, word, line):
    """Takes one line of a span."""
    span = case['records'][-1] if case['records'] else None
    if word == 'span':
        start_span(case, line)
    elif word == 'ids':
        span.update(ids(line), flags=int(line.word(), 0))
    elif word in ('state', 'name', 'message'):
        span[word] = sane(string(line))
    elif word == 'parent':
        span['parent'] = bytes.fromhex(line.word())
    elif word in ('start', 'end'):
        span[word] = nanoseconds(line)
    elif word == 'dropped':
        for name in ('dropped_attributes_count', 'dropped_events', 'dropped_links'):
            span[name] = int(line.word())
    elif word == 'attributes':
        take_attributes(span, entries(line), case['options'])
    elif word == 'event':
        event = {'name': sane(string(line)), 'time': nanoseconds(line)}
        span['events'].append(event | part_attributes(line, case['options']))
    elif word == 'link':
        link = ids(line) | {'state': sane(string(line)),
                            'flags': int(line.word(), 0)}
        span['links'].append(link | part_attributes(line, case['options']))
    else:
        raise ValueError(line.text)
