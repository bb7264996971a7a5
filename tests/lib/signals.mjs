// Traces, metrics and logs as receivers get them, from whatever SDK, in both
// encodings: a receiver, and what it got in a form that tests can compare.
// The schema is written from the published field numbers.
import protobuf from 'protobufjs';

const SOURCE = `
syntax = "proto3";
message AnyValue {
  oneof value {
    string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
    ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }

message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
message Link {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; fixed32 flags = 6;
}
message Status { string message = 2; int32 code = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  uint32 dropped_attributes_count = 10; repeated Event events = 11; uint32 dropped_events_count = 12;
  repeated Link links = 13; uint32 dropped_links_count = 14; Status status = 15; fixed32 flags = 16;
}
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Traces { repeated ResourceSpans resource_spans = 1; }

message LogRecord {
  fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
  repeated KeyValue attributes = 6; fixed32 flags = 8; bytes trace_id = 9; bytes span_id = 10;
  fixed64 observed_time_unix_nano = 11; string event_name = 12;
}
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
message Logs { repeated ResourceLogs resource_logs = 1; }

message NumberDataPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; }
  repeated KeyValue attributes = 7;
}
message HistogramDataPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5;
  repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated KeyValue attributes = 9;
  optional double min = 11; optional double max = 12;
}
message Gauge { repeated NumberDataPoint data_points = 1; }
message Sum { repeated NumberDataPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramDataPoint data_points = 1; int32 aggregation_temporality = 2; }
message Metric {
  string name = 1; string description = 2; string unit = 3;
  oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
}
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Metrics { repeated ResourceMetrics resource_metrics = 1; }
`;

const { root } = protobuf.parse(SOURCE);
const SIGNALS = {
  traces: ['Traces', 'resourceSpans', 'scopeSpans', 'spans'],
  logs: ['Logs', 'resourceLogs', 'scopeLogs', 'logRecords'],
  metrics: ['Metrics', 'resourceMetrics', 'scopeMetrics', 'metrics'],
};
const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUS = ['UNSET', 'OK', 'ERROR'];

/** @typedef {{url: string, type: string, body: Uint8Array}} Received */

/** A body as OTLP/JSON has it; ids of protobuf are made hex. */
function parse(signal, { type, body }) {
  if (!/protobuf/.test(type)) return JSON.parse(new TextDecoder().decode(body));
  const message = root.lookupType(SIGNALS[signal][0]);
  const found = message.toObject(message.decode(Buffer.from(body)), { longs: String, json: true });
  return JSON.parse(JSON.stringify(found, (_, value) => (value?.type === 'Buffer' ? Buffer.from(value.data).toString('hex') : value)));
}

/** An AnyValue as JavaScript has it. */
export function plain(value) {
  const [kind, inner] = Object.entries(value ?? {})[0] ?? [];
  if (kind === 'arrayValue') return (inner.values ?? []).map(plain);
  if (kind === 'kvlistValue') return plainMap(inner.values);
  if (kind === 'intValue') return Number(inner);
  return inner ?? null;
}

const plainMap = (list = []) => Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]));
const own = (it) => ({ ...it, attributes: plainMap(it.attributes) });

/** All items of a signal, each with its scope and resource. */
function items(received, signal) {
  const [, resources, scopes, list] = SIGNALS[signal];
  const found = [];
  for (const one of received.filter(({ url }) => url.endsWith(`/v1/${signal}`))) {
    for (const { resource, [scopes]: groups = [] } of parse(signal, one)[resources] ?? []) {
      for (const { scope, [list]: inner = [] } of groups) {
        const from = { scope: scope?.name ?? '', version: scope?.version ?? '', resource: plainMap(resource?.attributes) };
        found.push(...inner.map((item) => ({ ...item, ...from })));
      }
    }
  }
  return found;
}

/** Spans in the order in which they came. @param {Received[]} received */
export function spansOf(received) {
  return items(received, 'traces').map((span) => ({
    ...own(span),
    parentSpanId: span.parentSpanId ?? '',
    traceState: span.traceState ?? '',
    kind: KINDS[span.kind ?? 0],
    events: (span.events ?? []).map(own),
    links: (span.links ?? []).map((link) => ({ ...own(link), traceState: link.traceState ?? '' })),
    status: { code: STATUS[span.status?.code ?? 0], message: span.status?.message ?? '' },
  }));
}

/** @param {Received[]} received */
export function logsOf(received) {
  return items(received, 'logs').map((record) => ({
    ...own(record), body: plain(record.body), traceId: record.traceId ?? '', spanId: record.spanId ?? '', eventName: record.eventName ?? '',
  }));
}

/** Metrics with their points; numbers are numbers. @param {Received[]} received */
export function metricsOf(received) {
  return items(received, 'metrics').map(({ name, unit = '', description = '', scope, version, resource, ...data }) => {
    const kind = ['sum', 'gauge', 'histogram'].find((one) => data[one]);
    const { dataPoints = [], aggregationTemporality, isMonotonic } = data[kind] ?? {};
    const points = dataPoints.map((point) => {
      const { asInt, asDouble, count, sum, min, max, bucketCounts, explicitBounds } = point;
      const value = asInt === undefined ? asDouble : Number(asInt);
      const attributes = plainMap(point.attributes);
      return kind === 'histogram'
        ? { attributes, count: Number(count), sum, min, max, bucketCounts: bucketCounts?.map(Number), explicitBounds }
        : { attributes, value };
    });
    return { name, unit, description, scope, version, resource, kind, aggregationTemporality, isMonotonic, points };
  });
}

/** Answers all that is posted, and keeps it. */
export class Signals {
  /** @type {(Received & {headers: import('node:http').IncomingHttpHeaders})[]} */
  received = [];

  /** The handler for a server. */
  backend = async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const type = request.headers['content-type'] ?? '';
    this.received.push({ url: request.url, type, headers: request.headers, body: Buffer.concat(chunks) });
    response.writeHead(200, { 'content-type': type });
    response.end(/json/.test(type) ? '{}' : '');
  };

  get spans() {
    return spansOf(this.received);
  }

  get logs() {
    return logsOf(this.received);
  }

  get metrics() {
    return metricsOf(this.received);
  }
}
