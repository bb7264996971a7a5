// Traces, metrics and logs as receivers get them, from whatever SDK, in both
// encodings: a receiver, and what it got in a form that tests can compare.
import { Requests } from '../../proto/otlp.mjs';

const SIGNALS = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
};
const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUS = ['UNSET', 'OK', 'ERROR'];

/** @typedef {{url: string, type: string, body: Uint8Array}} Received */

/** A body as OTLP/JSON has it; ids of protobuf are made hex. */
function parse(signal, { type, body }) {
  if (!/protobuf/.test(type)) return JSON.parse(new TextDecoder().decode(body));
  const message = Requests[signal];
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
  const [resources, scopes, list] = SIGNALS[signal];
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
