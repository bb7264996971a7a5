// Spans and measurements that use all that they can hold, and what must come
// out at the other end, written by hand in OTLP/JSON.
import assert from 'node:assert/strict';
import { plain, plainMap } from '../../examples/demo/lib/otlp.mjs';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const OTHER = '00f067aa0ba902b7';
export const SPANS = 9;
export const POINTS = 6;
export const LOGS = 1;

/**
 * Uses the global `sonde`. It runs in pages too, so it refers to nothing else
 * out here.
 */
export function traceEverything() {
  const tracer = sonde.tracer('shop.checkout', '1.2.3');
  const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1, traceState: 'vendor=1,other=2', isRemote: true };
  const root = tracer.startSpan('POST /Żółw 🚀', {
    kind: 1,
    startTime: [1700000000, 123456789],
    attributes: {
      text: 'Żółw 🚀', empty: '', yes: true, no: false, int: -42, big: 9007199254740993n, double: 0.1, nan: NaN,
      bytes: new Uint8Array([0, 127, 128, 255]), list: ['a', 1, [true, null]], map: { deep: { er: [1.5] } }, none: null,
    },
    links: [{ context: { traceId: caller.traceId, spanId: '00f067aa0ba902b7', traceFlags: 3, traceState: 'a=b' }, attributes: { why: 'follows' } }],
  }, caller);
  root.addEvent('opened', { items: 3 }, [1700000000, 200000000]).addEvent('', [1700000000, 200000001]);
  const child = sonde.withSpan(root, () => tracer.startSpan('charge', { kind: 2, startTime: [1700000000, 300000000] }));
  sonde.withSpan(child, () => sonde.logger('shop.checkout', '1.2.3').info('declined'));
  child.recordException(Object.assign(new Error('declined'), { stack: 'Error: declined\n  at x' }), [1700000000, 400000000]);
  child.setStatus({ code: 2, message: 'größer' });
  child.end([1700000000, 500000000]);
  const crowd = tracer.startSpan('crowd', { startTime: [1700000000, 0] }, root).setStatus({ code: 1 });
  for (let i = 0; i < 130; i++) crowd.addEvent('e', [1700000000, i]).addLink({ context: caller }).setAttribute(`k${i}`, i);
  crowd.end([1700000000, 1]);
  root.end([1700000001, 5]);
  for (let kind = 0; kind < 5; kind++) sonde.tracer('shop.kinds').startSpan(`kind ${kind}`, { kind, startTime: [1700000000, kind] }, null).end([1700000002, kind]);
  sonde.tracer('shop.now').startSpan('now').end();
  return sonde.flush();
}

/** The same for metrics. */
export function measureEverything() {
  const meter = sonde.meter('shop.checkout', '1.2.3');
  const added = meter.createCounter('shop.cart.items', { unit: '{item}', description: 'Żółw 🚀', valueType: 0 });
  added.add(2, { kind: 'book' });
  added.add(3, { kind: 'book' });
  added.add(1, { kind: 'größer', n: 5 });
  meter.createUpDownCounter('shop.open').add(-1.5);
  meter.createGauge('shop.load').record(0.25);
  const duration = meter.createHistogram('shop.duration', { unit: 'ms', advice: { explicitBucketBoundaries: [1, 10, 100] } });
  for (const ms of [0.5, 1, 7, 5000]) duration.record(ms);
  meter.createObservableGauge('shop.nodes', { valueType: 0 }).addCallback((result) => result.observe(9));
  return sonde.flush();
}

const any = { text: { stringValue: 'Żółw 🚀' }, 'items': { intValue: '3' } };
const attribute = (key, value) => ({ key, value });
const ROOT_ATTRIBUTES = [
  attribute('text', any.text), attribute('empty', { stringValue: '' }), attribute('yes', { boolValue: true }), attribute('no', { boolValue: false }),
  attribute('int', { intValue: '-42' }), attribute('big', { intValue: '9007199254740993' }), attribute('double', { doubleValue: 0.1 }),
  attribute('nan', { doubleValue: 'NaN' }), attribute('bytes', { bytesValue: 'AH+A/w==' }),
  attribute('list', { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '1' }, { arrayValue: { values: [{ boolValue: true }, {}] } }] } }),
  attribute('map', { kvlistValue: { values: [attribute('deep', { kvlistValue: { values: [attribute('er', { arrayValue: { values: [{ doubleValue: 1.5 }] } })] } })] } }),
];

const SCOPE = { name: 'shop.checkout', version: '1.2.3', schemaUrl: '' };
const NONE = {
  traceState: '', parentSpanId: '', attributes: [], droppedAttributesCount: 0, events: [], droppedEventsCount: 0,
  links: [], droppedLinksCount: 0, status: { code: 0, message: '' }, flags: 0x103,
};
const event = (timeUnixNano, name, attributes) => ({ timeUnixNano, name, attributes, droppedAttributesCount: 0 });
const link = (spanId, traceState, flags, attributes = []) => ({ traceId: TRACE, spanId, traceState, attributes, droppedAttributesCount: 0, flags });
const upTo = (count) => Array.from({ length: count }, (_, i) => i);

/** By name; `root`, `child` are ids that were made. */
const wantedSpans = (root) => ({
  charge: {
    ...NONE, scope: SCOPE, traceId: TRACE, traceState: 'vendor=1,other=2', parentSpanId: root, kind: 3, flags: 0x101,
    startTimeUnixNano: '1700000000300000000', endTimeUnixNano: '1700000000500000000',
    events: [event('1700000000400000000', 'exception', [
      attribute('exception.type', { stringValue: 'Error' }), attribute('exception.message', { stringValue: 'declined' }),
      attribute('exception.stacktrace', { stringValue: 'Error: declined\n  at x' }),
    ])],
    status: { code: 2, message: 'größer' },
  },
  crowd: {
    ...NONE, scope: SCOPE, traceId: TRACE, traceState: 'vendor=1,other=2', parentSpanId: root, kind: 1, flags: 0x101,
    startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000000000001',
    attributes: upTo(128).map((i) => attribute(`k${i}`, { intValue: `${i}` })), droppedAttributesCount: 2,
    events: upTo(128).map((i) => event(`${1700000000000000002n + BigInt(i)}`, 'e', [])), droppedEventsCount: 2,
    links: upTo(128).map(() => link(CALLER, 'vendor=1,other=2', 0x301)), droppedLinksCount: 2,
    status: { code: 1, message: '' },
  },
  'POST /Żółw 🚀': {
    ...NONE, scope: SCOPE, traceId: TRACE, traceState: 'vendor=1,other=2', parentSpanId: CALLER, kind: 2, flags: 0x301,
    startTimeUnixNano: '1700000000123456789', endTimeUnixNano: '1700000001000000005',
    attributes: ROOT_ATTRIBUTES,
    events: [event('1700000000200000000', 'opened', [attribute('items', any.items)]), event('1700000000200000001', '', [])],
    links: [link(OTHER, 'a=b', 0x103, [attribute('why', { stringValue: 'follows' })])],
  },
});

/** The log record of `traceEverything`. @param {any} record */
export const isDeclined = ({ body }) => plain(body) === 'declined';

/** Compares all fields. @param {any[]} spans @param {any[]} logs @param {number} since Unix milliseconds before the calls */
export function checkSpans(spans, logs, since) {
  assert.equal(spans.length, SPANS);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  assert.equal(ids.size, SPANS);
  for (const id of ids) assert.match(id, /^[\da-f]{16}$/);
  const named = (wanted) => spans.find(({ name }) => name === wanted);
  const root = named('POST /Żółw 🚀').spanId;
  for (const [name, wanted] of Object.entries(wantedSpans(root))) {
    const { resource, spanId, ...got } = named(name);
    assert.deepEqual(got, { ...wanted, name }, name);
    assert.deepEqual(resource, spans[0].resource);
  }
  const traces = new Set();
  for (let kind = 0; kind < 5; kind++) {
    const { resource, spanId, traceId, ...got } = named(`kind ${kind}`);
    traces.add(traceId);
    assert.deepEqual(got, {
      ...NONE, scope: { name: 'shop.kinds', version: '', schemaUrl: '' }, name: `kind ${kind}`, kind: kind + 1,
      startTimeUnixNano: `170000000000000000${kind}`, endTimeUnixNano: `170000000200000000${kind}`,
    });
  }
  assert.equal(traces.size, 5);
  const now = named('now');
  const [start, end] = [now.startTimeUnixNano, now.endTimeUnixNano].map((nanos) => Number(nanos) / 1e6);
  assert.ok(start >= since - 2 && end >= start && end <= Date.now() + 2, `${since} ${start} ${end}`);
  const [record] = logs.filter(isDeclined);
  assert.deepEqual([record.traceId, record.spanId, record.flags], [TRACE, named('charge').spanId, 1]);
}

/** Compares all that is not a time; times are in order. @param {any[]} points @param {number} since */
export function checkPoints(points, since) {
  assert.equal(points.length, POINTS);
  const found = points.map(({ startTimeUnixNano, timeUnixNano, resource, exemplars, attributes, ...rest }) => {
    const [start, end] = [startTimeUnixNano, timeUnixNano].map((nanos) => Number(nanos) / 1e6);
    if (rest.kind !== 'gauge') assert.ok(start >= since - 2 && start <= end, `${since} ${start} ${end}`);
    assert.ok(end >= since - 2 && end <= Date.now() + 2);
    return { ...rest, attributes: plainMap(attributes) };
  });
  const sum = { scope: SCOPE, description: '', unit: '', kind: 'sum', temporality: 1, monotonic: false, attributes: {} };
  const items = { ...sum, name: 'shop.cart.items', description: 'Żółw 🚀', unit: '{item}', monotonic: true };
  const gauge = { ...sum, kind: 'gauge', temporality: 0 };
  const wanted = [
    { ...items, attributes: { kind: 'book' }, asInt: '5' },
    { ...items, attributes: { kind: 'größer', n: 5 }, asInt: '1' },
    // Up-down counters are cumulative.
    { ...sum, name: 'shop.open', temporality: 2, asDouble: -1.5 },
    { ...gauge, name: 'shop.load', asDouble: 0.25 },
    {
      ...sum, kind: 'histogram', name: 'shop.duration', unit: 'ms', count: '4', sum: 5008.5, min: 0.5, max: 5000,
      explicitBounds: [1, 10, 100], bucketCounts: ['2', '1', '0', '1'],
    },
    { ...gauge, name: 'shop.nodes', asInt: '9' },
  ];
  const ordered = (list) => list.map((one) => JSON.stringify(Object.entries(one).sort())).sort();
  assert.deepEqual(ordered(found), ordered(wanted));
}
