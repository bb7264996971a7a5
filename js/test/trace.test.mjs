// Spans: what they become, and which belong together.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, spanBy, spansBy, START, toObject, UPTIME } from './harness.mjs';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const REMOTE = { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true };
const nanos = (ms) => `${BigInt(ms) * 1000000n}`;

test('a span: ids, name, kind, times, scope, and no more', async () => {
  const span = await spanBy((tracer, { clock }) => {
    const it = tracer.startSpan('GET /cart');
    clock.time += 25;
    it.end();
  });
  const { traceId, spanId, map, ...rest } = span;
  assert.match(traceId, /^[\da-f]{32}$/);
  assert.match(spanId, /^[\da-f]{16}$/);
  assert.deepEqual(rest, {
    scope: { name: 'test', version: '1' }, name: 'GET /cart', kind: 1,
    startTimeUnixNano: nanos(START), endTimeUnixNano: nanos(START + 25), flags: 0x103,
  });
});

test('a request: address and content type', async () => {
  const { sonde, tracer, network } = open({ tracesEndpoint: 'https://other.example/spans', encoding: 'protobuf' });
  tracer.startSpan('x').end();
  await sonde.flush();
  const [{ url, headers, sent }] = network.requests;
  assert.deepEqual([url, headers['content-type'], sent[0]], ['https://other.example/spans', 'application/x-protobuf', 0x0a]);
  assert.equal(headers.authorization, 'Bearer secret-token');
});

test('times: less than a millisecond', async () => {
  const span = await spanBy((tracer, { clock }) => {
    const it = tracer.startSpan('x');
    clock.time += 0.25;
    it.addEvent('e');
    clock.time += 0.5;
    it.end();
  });
  assert.equal(span.startTimeUnixNano, nanos(START));
  assert.equal(span.events[0].timeUnixNano, `${BigInt(START) * 1000000n + 250000n}`);
  assert.equal(span.endTimeUnixNano, `${BigInt(START) * 1000000n + 750000n}`);
});

for (const ms of [-3600000, 3600000, -1]) {
  test(`times: the clock is set by ${ms} ms meanwhile`, async () => {
    const [child, parent] = await spansBy((tracer, { clock }) => {
      const outer = tracer.startSpan('outer');
      clock.time += 10;
      clock.step(ms);
      const inner = tracer.startSpan('inner', {}, outer);
      clock.time += 10;
      inner.end();
      clock.time += 10;
      outer.end();
    });
    const times = [parent.startTimeUnixNano, child.startTimeUnixNano, child.endTimeUnixNano, parent.endTimeUnixNano];
    assert.deepEqual(times, [0, 10, 20, 30].map((at) => nanos(START + at)));
  });
}

const INPUTS = [
  ['[seconds, nanoseconds]', [1700000000, 5], '1700000000000000005'],
  ['a Date', new Date(1700000000123), '1700000000123000000'],
  ['milliseconds', 1700000000123.5, '1700000000123500000'],
  // Of the page's own clock, whatever the time of day was when it began.
  ['performance.now()', UPTIME + 40.5, `${BigInt(START) * 1000000n + 40500000n}`],
];

for (const [name, input, expected] of INPUTS) {
  test(`times may be given: ${name}`, async () => {
    const span = await spanBy((tracer) => {
      const it = tracer.startSpan('x', { startTime: input });
      it.addEvent('in place of attributes', input);
      it.addEvent('behind them', { a: 1 }, input);
      it.recordException(new Error('no'), input);
      it.end(input);
    });
    const times = [span.startTimeUnixNano, span.endTimeUnixNano, ...span.events.map(({ timeUnixNano }) => timeUnixNano)];
    assert.deepEqual(times, Array(5).fill(expected));
  });
}

test('times that are none are now', async () => {
  for (const wrong of [NaN, 'soon', {}, [1], [1, 1e9], [-1, 0], new Date(NaN), 2 ** 60, 5n, Symbol('s')]) {
    const span = await spanBy((tracer) => tracer.startSpan('x', { startTime: wrong }).end(wrong));
    assert.deepEqual([span.startTimeUnixNano, span.endTimeUnixNano], [nanos(START), nanos(START)], String(wrong));
  }
});

test('an end before the start is the start', async () => {
  const span = await spanBy((tracer) => tracer.startSpan('x', { startTime: START }).end(START - 1000));
  assert.deepEqual([span.startTimeUnixNano, span.endTimeUnixNano], [nanos(START), nanos(START)]);
  const sub = await spanBy((tracer) => tracer.startSpan('x', { startTime: [1700000000, 5] }).end([1700000000, 4]));
  assert.deepEqual([sub.startTimeUnixNano, sub.endTimeUnixNano], ['1700000000000000005', '1700000000000000005']);
});

test('kinds: as in the API, other values are internal', async () => {
  const kinds = [undefined, 0, 1, 2, 3, 4, 5, -1, 'client', NaN, null];
  const spans = await spansBy((tracer) => kinds.forEach((kind) => tracer.startSpan('x', { kind }).end()));
  assert.deepEqual(spans.map(({ kind }) => kind), [1, 1, 2, 3, 4, 5, 1, 1, 1, 1, 1]);
});

test('attributes: values of all types, null and undefined are skipped', async () => {
  const values = {
    text: 'é 🙂', empty: '', int: 5, big: 2n ** 62n, double: 0.5, yes: true, no: false,
    bytes: new Uint8Array([1, 255]), list: ['a', 1, null], map: { a: { b: 1 } }, date: new Date(0), nan: NaN,
  };
  const expected = {
    text: 'é 🙂', empty: '', int: '5', big: `${2n ** 62n}`, double: 0.5, yes: true, no: false,
    bytes: 'Af8=', list: ['a', '1', null], map: { a: { b: '1' } }, date: '1970-01-01T00:00:00.000Z', nan: 'NaN',
  };
  const given = { ...values, none: null, nothing: undefined, '': 1 };
  const ways = {
    'at the start': (tracer) => tracer.startSpan('x', { attributes: given }),
    'all at once': (tracer) => tracer.startSpan('x').setAttributes(given),
    'one by one': (tracer) => {
      const it = tracer.startSpan('x');
      for (const [key, value] of Object.entries(given)) it.setAttribute(key, value);
      return it;
    },
    'a Map': (tracer) => tracer.startSpan('x', { attributes: new Map(Object.entries(given)) }),
    'a Map, later': (tracer) => tracer.startSpan('x').setAttributes(new Map(Object.entries(given))),
  };
  for (const [name, start] of Object.entries(ways)) {
    const span = await spanBy((tracer) => start(tracer).end());
    assert.deepEqual(span.map, expected, name);
  }
  const parts = await spanBy((tracer) => tracer.startSpan('x').addEvent('e', given).addEvent('m', new Map([['a', 1]]))
    .addLink({ context: REMOTE, attributes: given }).addLink({ context: REMOTE, attributes: new Map([['a', 1]]) }).end());
  const { '': _, ...named } = given;
  assert.deepEqual(Object.keys(toObject(parts.events[0].attributes)).sort(), Object.keys(named).filter((key) => named[key] != null).sort());
  assert.deepEqual([parts.events[1], parts.links[1]].map(({ attributes }) => toObject(attributes)), [{ a: '1' }, { a: '1' }]);
});

test('attributes: the last value wins, in the place of the first', async () => {
  const { attributes } = await spanBy((tracer) => tracer.startSpan('x', { attributes: { a: 1, b: 2 } })
    .setAttribute('a', 3).setAttribute('b', null).end());
  assert.deepEqual(attributes.map(({ key, value }) => [key, value.intValue]), [['a', '3'], ['b', '2']]);
});

test('attributes: what the app does to its objects later is not what it said', async () => {
  const attributes = { a: 1 };
  const event = { b: 1 };
  const link = { context: { ...REMOTE }, attributes: { c: 1 } };
  const span = await spanBy((tracer) => {
    const it = tracer.startSpan('x', { attributes, links: [link] }).addEvent('e', event);
    it.setAttribute('d', 1);
    attributes.a = event.b = link.attributes.c = 2;
    it.end();
  });
  assert.deepEqual(span.map, { a: '1', d: '1' });
  assert.deepEqual(toObject(span.events[0].attributes), { b: '1' });
  assert.deepEqual(toObject(span.links[0].attributes), { c: '1' });
  assert.deepEqual(attributes, { a: 2 });
});

test('limits: 128 attributes, events and links; the dropped are counted', async () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, i]));
  const span = await spanBy((tracer) => {
    const it = tracer.startSpan('x', { attributes: many });
    for (let i = 0; i < 200; i++) it.addEvent(`e${i}`, { i }).addLink({ context: REMOTE, attributes: { i } });
    it.end();
  });
  assert.deepEqual([Object.keys(span.map).length, span.droppedAttributesCount], [128, 72]);
  assert.deepEqual([span.events.length, span.droppedEventsCount], [128, 72]);
  assert.deepEqual([span.links.length, span.droppedLinksCount], [128, 72]);
  assert.deepEqual([span.events[0].name, span.events[127].name], ['e72', 'e199']);
  const full = await spanBy((tracer) => {
    const it = tracer.startSpan('x');
    for (let i = 0; i < 128; i++) it.addEvent('e').addLink({ context: REMOTE }).setAttribute(`k${i}`, i);
    it.end();
  });
  assert.deepEqual([full.events.length, full.links.length, full.attributes.length], [128, 128, 128]);
  for (const name of ['droppedEventsCount', 'droppedLinksCount', 'droppedAttributesCount']) assert.equal(full[name], undefined);
  const much = await spanBy((tracer) => {
    const it = tracer.startSpan('x');
    for (let i = 0; i < 10000; i++) it.setAttribute(`k${i}`, i).setAttribute('k1', i);
    it.end();
  });
  assert.deepEqual([much.attributes.length, much.droppedAttributesCount, much.map.k1], [128, 9872, '9999']);
  const few = await spanBy((tracer) => tracer.startSpan('x', { attributes: many }).end(), { maxAttributes: 3, maxValueLength: 2 });
  assert.deepEqual([few.map, few.droppedAttributesCount], [{ k0: '0', k1: '1', k2: '2' }, 197]);
});

test('events: times, attributes, names of all kinds', async () => {
  const { events } = await spanBy((tracer, { clock }) => {
    const it = tracer.startSpan('x').addEvent('first');
    clock.time += 5;
    it.addEvent('second', { a: [1] }).addEvent('third', undefined, new Date(1000)).addEvent('').addEvent(5).addEvent(undefined);
    it.end();
  });
  assert.deepEqual(events.map(({ name = '', timeUnixNano, attributes }) => [name, timeUnixNano, toObject(attributes)]), [
    ['first', nanos(START), {}], ['second', nanos(START + 5), { a: ['1'] }], ['third', nanos(1000), {}],
    ['', nanos(START + 5), {}], ['5', nanos(START + 5), {}], ['undefined', nanos(START + 5), {}],
  ]);
});

test('links: at the start and later, trace state, remote or not, invalid ones are skipped', async () => {
  const own = { traceId: TRACE, spanId: SPAN, traceFlags: 0 };
  const wrong = [undefined, null, {}, { traceId: TRACE }, { traceId: '0'.repeat(32), spanId: SPAN }, { traceId: 'x', spanId: SPAN }];
  const { links, droppedLinksCount } = await spanBy((tracer) => tracer.startSpan('x', { links: [{ context: own, attributes: { a: 1 } }] })
    .addLink({ context: { ...REMOTE, traceState: 'a=1,b=2' } })
    .addLinks([{ context: { ...own, traceState: { serialize: () => 'c=3' } } }, ...wrong.map((context) => ({ context }))])
    .addLink({ context: { traceId: TRACE.toUpperCase(), spanId: SPAN, traceFlags: 0x1ff } }).end());
  assert.deepEqual(links, [
    { traceId: TRACE, spanId: SPAN, attributes: [{ key: 'a', value: { intValue: '1' } }], flags: 0x100 },
    { traceId: TRACE, spanId: SPAN, traceState: 'a=1,b=2', flags: 0x301 },
    { traceId: TRACE, spanId: SPAN, traceState: 'c=3', flags: 0x100 },
    { traceId: TRACE, spanId: SPAN, flags: 0x1ff },
  ]);
  assert.equal(droppedLinksCount, undefined);
});

const STATUSES = [
  [[], {}],
  [[{ code: 0 }], {}],
  [[{ code: 0, message: 'no' }], {}],
  [[{ code: 1 }], { code: 1 }],
  [[{ code: 1, message: 'no' }], { code: 1 }],
  [[{ code: 2 }], { code: 2 }],
  [[{ code: 2, message: 'größer' }], { message: 'größer', code: 2 }],
  [[{ code: 2, message: 5 }], { message: '5', code: 2 }],
  [[{ code: 2, message: 'a' }, { code: 2, message: 'b' }], { message: 'b', code: 2 }],
  [[{ code: 2, message: 'a' }, { code: 2 }], { code: 2 }],
  [[{ code: 2, message: 'a' }, { code: 1 }], { code: 1 }],
  [[{ code: 1 }, { code: 2, message: 'a' }], { code: 1 }],
  [[{ code: 2, message: 'a' }, { code: 0 }], { message: 'a', code: 2 }],
  [[{ code: 3 }], {}], [[{ code: 'ERROR' }], {}], [[{ code: 1.5 }], {}], [[{ code: Infinity }], {}], [[{ code: NaN }], {}],
];

for (const [calls, expected] of STATUSES) {
  test(`status: ${calls.map((one) => Object.values(one).join(' ')).join(', then ') || 'none'}`, async () => {
    const span = await spanBy((tracer) => {
      const it = tracer.startSpan('x');
      for (const call of calls) it.setStatus(call);
      it.end();
    });
    assert.deepEqual(span.status ?? {}, expected);
  });
}

test('names: the last wins, any length, any value, empty', async () => {
  const long = 'é'.repeat(5000);
  const spans = await spansBy((tracer) => {
    tracer.startSpan('first').updateName('last').end();
    for (const name of ['', long, 5, undefined, null, Symbol('s'), { toString() { throw new Error('no'); } }]) tracer.startSpan(name).end();
  });
  assert.deepEqual(spans.slice(0, 5).map(({ name = '' }) => name), ['last', '', long, '5', 'undefined']);
});

test('recordException: an event, and the status stays', async () => {
  const error = new RangeError('too far', { cause: new Error('inner') });
  error.stack = 's'.repeat(9000);
  const span = await spanBy((tracer) => {
    const it = tracer.startSpan('x');
    it.recordException(error);
    it.recordException('thrown', 1700000000000);
    it.recordException(undefined);
    it.recordException({ message: 'alike', name: 'Own' });
    it.end();
  });
  assert.equal(span.status?.code, undefined);
  const [first, ...others] = span.events.map(({ name, attributes }) => [name, toObject(attributes)]);
  assert.deepEqual(first, ['exception', {
    'exception.type': 'RangeError', 'exception.message': 'too far', 'exception.stacktrace': 's'.repeat(8192),
  }]);
  assert.deepEqual(others, [
    ['exception', { 'exception.message': 'thrown' }], ['exception', { 'exception.message': 'undefined' }],
    ['exception', { 'exception.type': 'Own', 'exception.message': 'alike' }],
  ]);
  assert.equal(span.events[1].timeUnixNano, nanos(1700000000000));
});

test('after end nothing changes, and a second end is none', async () => {
  const spans = await spansBy((tracer, { clock }) => {
    const it = tracer.startSpan('x');
    assert.equal(it.isRecording(), true);
    it.end();
    assert.equal(it.isRecording(), false);
    clock.time += 5;
    it.setAttribute('a', 1).setAttributes({ a: 1 }).addEvent('e').addLink({ context: REMOTE }).addLinks([{ context: REMOTE }])
      .setStatus({ code: 2 }).updateName('y').end();
    it.recordException(new Error('no'));
  });
  assert.equal(spans.length, 1);
  const [{ name, events, links, map, endTimeUnixNano }] = spans;
  assert.deepEqual([name, events, links, map, endTimeUnixNano], ['x', undefined, undefined, {}, nanos(START)]);
});

test('all but end and recordException return the span', () => {
  const { sonde } = open();
  const quiet = open({ sampleRate: 0 }).sonde;
  for (const it of [sonde.tracer('a').startSpan('x'), quiet.tracer('a').startSpan('x')]) {
    const results = [it.setAttribute('a', 1), it.setAttributes({}), it.addEvent('e'), it.addLink({ context: REMOTE }), it.addLinks([]),
      it.setStatus({ code: 1 }), it.updateName('y')];
    for (const result of results) assert.equal(result, it);
    assert.deepEqual([it.end(), it.recordException(1)], [undefined, undefined]);
  }
});

test('ids: unique, lower case, from crypto', async () => {
  const asked = [];
  const crypto = {
    getRandomValues(bytes) {
      asked.push(bytes.byteLength);
      return globalThis.crypto.getRandomValues(bytes);
    },
  };
  const { tracer } = open({ crypto, sessionId: 'none' });
  const before = asked.length;
  const ids = Array.from({ length: 20000 }, () => tracer.startSpan('x').spanContext());
  assert.equal(new Set(ids.map(({ traceId }) => traceId)).size, 20000);
  assert.equal(new Set(ids.map(({ spanId }) => spanId)).size, 20000);
  for (const { traceId, spanId } of ids) assert.match(`${traceId}-${spanId}`, /^[\da-f]{32}-[\da-f]{16}$/);
  assert.ok(asked.length > before);
  const bytes = asked.slice(before).reduce((sum, size) => sum + size, 0);
  assert.ok(bytes >= 20000 * 24, `${bytes} random bytes`);
});

test('ids: the bytes of crypto, all of them, each once', async () => {
  let next = 0;
  const crypto = { getRandomValues: ({ buffer }) => new Uint8Array(buffer).forEach((_, i, bytes) => { bytes[i] = next++; }) };
  const { tracer } = open({ crypto, sessionId: 'none' });
  let all = '';
  for (let i = 0; i < 10; i++) {
    const { traceId, spanId } = tracer.startSpan('x').spanContext();
    all += traceId + spanId;
  }
  assert.equal(all, Buffer.from(Array.from({ length: 240 }, (_, i) => i)).toString('hex'));
});

test('ids: without crypto, and with one that has no random values', async () => {
  for (const crypto of [null, {}, { getRandomValues: undefined }]) {
    const span = await spanBy((tracer) => tracer.startSpan('x').end(), { crypto, random: Math.random });
    assert.match(`${span.traceId}-${span.spanId}`, /^[\da-f]{32}-[\da-f]{16}$/);
  }
});

test('parents: the active span, a given one, a context, null, root', async () => {
  const [own, given, contextual, none, root, outer] = await spansBy((tracer, { sonde }) => {
    const active = tracer.startSpan('outer');
    const other = { traceId: TRACE, spanId: SPAN, traceFlags: 1 };
    sonde.withSpan(active, () => {
      tracer.startSpan('own').end();
      tracer.startSpan('given', {}, tracer.startSpan('unended', { root: true })).end();
      tracer.startSpan('context', undefined, other).end();
      tracer.startSpan('none', null, null).end();
      tracer.startSpan('root', { root: true }, active).end();
    });
    active.end();
  });
  assert.deepEqual([own.traceId, own.parentSpanId, own.flags], [outer.traceId, outer.spanId, 0x103]);
  assert.equal(given.parentSpanId.length, 16);
  assert.notEqual(given.traceId, outer.traceId);
  assert.deepEqual([contextual.traceId, contextual.parentSpanId, contextual.flags], [TRACE, SPAN, 0x101]);
  for (const it of [none, root, outer]) assert.equal('parentSpanId' in it, false);
  assert.equal(new Set([none, root, outer].map(({ traceId }) => traceId)).size, 3);
});

test('parents: what is none starts a trace', async () => {
  const wrong = [{}, 5, 'text', true, { traceId: TRACE }, { traceId: '0'.repeat(32), spanId: SPAN, traceFlags: 1 },
    { spanContext: () => undefined }, { spanContext: () => ({ traceId: 'x' }) }];
  const spans = await spansBy((tracer) => wrong.forEach((parent) => tracer.startSpan('x', {}, parent).end()));
  assert.equal(spans.length, wrong.length);
  for (const span of spans) assert.equal('parentSpanId' in span, false);
});

test('parents: remote or not is in the flags, their trace state goes on', async () => {
  const foreign = { spanContext: () => ({ ...REMOTE, traceFlags: 3, traceState: { serialize: () => 'a=1' } }) };
  const [remote, local, api, child] = await spansBy((tracer) => {
    const it = tracer.startSpan('x', {}, { ...REMOTE, traceState: 'v=2' });
    it.end();
    tracer.startSpan('x', {}, { ...REMOTE, isRemote: false }).end();
    tracer.startSpan('x', {}, foreign).end();
    tracer.startSpan('x', {}, it).end();
  });
  assert.deepEqual([remote.flags, remote.traceState], [0x301, 'v=2']);
  assert.deepEqual([local.flags, local.traceState], [0x101, undefined]);
  assert.deepEqual([api.flags, api.traceState], [0x303, 'a=1']);
  assert.deepEqual([child.flags, child.traceState, child.parentSpanId], [0x101, 'v=2', remote.spanId]);
});

test('traceparent: of a span, of the active one, or nothing', () => {
  const { sonde, tracer } = open();
  const span = tracer.startSpan('x');
  const { traceId, spanId } = span.spanContext();
  assert.equal(sonde.traceparent(), '');
  assert.equal(sonde.traceparent(span), `00-${traceId}-${spanId}-03`);
  sonde.withSpan(span, () => assert.equal(sonde.traceparent(), `00-${traceId}-${spanId}-03`));
  assert.equal(sonde.traceparent({ spanContext: () => ({ ...REMOTE, traceFlags: 0xff }) }), `00-${TRACE}-${SPAN}-03`);
  const off = open({ endpoint: undefined });
  assert.equal(off.sonde.traceparent(off.tracer.startSpan('x')), '');
  for (const wrong of [null, {}, 5, REMOTE]) assert.doesNotThrow(() => sonde.traceparent(wrong));
});
