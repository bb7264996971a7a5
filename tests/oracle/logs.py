"""Log records of tests/vectors/logs.txt as opentelemetry-proto has them."""

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
)

from anyvalue import (entries_json, members, put_entries, put_value, quoted,
                      request_json, sane, take_attributes, value_json)
from values import entries, string, value

NOW = 1700000000123250000
BANDS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']


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
    for log in case['records']:
        name, version = log['scope']
        if log['scope'] not in scopes:
            scope = scopes[log['scope']] = group.scope_logs.add()
            scope.scope.SetInParent()
            scope.scope.name, scope.scope.version = sane(name), sane(version)
        put_log(scopes[log['scope']].log_records.add(), log)
    return request.SerializeToString()


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
    return request_json(case, log_json, 'resourceLogs', 'scopeLogs', 'logRecords')


def read_line(case, word, line):
    """Takes one line of a record."""
    log = case['records'][-1] if case['records'] else None
    if word == 'log':
        severity, flags = int(line.word()), (line.word(), line.word())
        log = {'scope': case['scope'], 'severity_number': severity,
               'attributes': [], 'observed_time_unix_nano': NOW}
        if 'named' in flags and severity:
            step = (severity - 1) % 4 + 1
            log['severity_text'] = (BANDS[(severity - 1) // 4]
                                    + (str(step) if step > 1 else ''))
        if 'now' in flags:
            log['time_unix_nano'] = log['now'] = NOW
        case['records'].append(log)
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
    else:
        raise ValueError(line.text)
