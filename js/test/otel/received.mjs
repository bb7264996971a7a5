// What requests in OTLP/JSON hold, in a form for tests: plain values, no
// envelopes.
import { plain, toObject } from '../harness.mjs';

const KINDS = [undefined, 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUS = [undefined, 'OK', 'ERROR'];

const parse = ({ sent }) => JSON.parse(new TextDecoder().decode(sent));

function each(requests, [resources, scopes, items]) {
  return requests.filter(({ url }) => url.endsWith(`/${resources.slice(8).toLowerCase().replace('spans', 'traces')}`))
    .flatMap((request) => parse(request)[resources])
    .flatMap((one) => one[scopes])
    .flatMap(({ scope, ...rest }) => rest[items].map((item) => ({ ...item, scope: scope?.name, version: scope?.version })));
}

const attributesOf = ({ attributes }) => toObject(attributes);

/** Spans in the order of their end. */
export function spansIn({ requests }) {
  return each(requests, ['resourceSpans', 'scopeSpans', 'spans']).map((span) => ({
    ...span,
    kind: KINDS[span.kind],
    attributes: attributesOf(span),
    events: (span.events ?? []).map((event) => ({ ...event, attributes: attributesOf(event) })),
    links: (span.links ?? []).map((link) => ({ ...link, attributes: attributesOf(link) })),
    status: { ...span.status, code: STATUS[span.status?.code ?? 0] },
  }));
}

export function logsIn({ requests }) {
  return each(requests, ['resourceLogs', 'scopeLogs', 'logRecords'])
    .map((record) => ({ ...record, body: plain(record.body), attributes: attributesOf(record) }));
}

/** Metrics by name: their points, and what they are. */
export function metricsIn({ requests }) {
  return each(requests, ['resourceMetrics', 'scopeMetrics', 'metrics']).map(({ name, unit, description, scope, ...rest }) => {
    const kind = ['sum', 'gauge', 'histogram'].find((one) => rest[one]);
    const { dataPoints, ...more } = rest[kind];
    return { name, unit, description, scope, kind, ...more, points: dataPoints.map((point) => ({ ...point, attributes: attributesOf(point) })) };
  });
}
