// Spans: what they become, which belong together, and that no call can do harm.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  balanced, bodiesIn, MODULE, open, recordsIn, settle, spanBy, spansBy, spansIn, START, toObject, UPTIME,
} from './harness.mjs';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const REMOTE = { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true };
const nanos = (ms) => `${BigInt(ms) * 1000000n}`;
const status = (code) => new Response(null, { status: code });

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

// Sampling

test('sampleRate 0: nothing is recorded, and everything is passed on', async () => {
  const { sonde, tracer, log, network } = open({ sampleRate: 0 });
  const unread = { get a() { throw new Error('read'); } };
  const span = tracer.startSpan('x', { attributes: unread });
  assert.equal(span.isRecording(), false);
  span.setAttributes(unread).addEvent('e', unread).setStatus({ code: 2 }).end();
  assert.match(sonde.traceparent(span), /^00-[\da-f]{32}-[\da-f]{16}-02$/);
  const child = sonde.withSpan(span, () => {
    log.info('inside');
    return tracer.startSpan('child');
  });
  assert.equal(child.isRecording(), false);
  assert.equal(child.spanContext().traceId, span.spanContext().traceId);
  assert.notEqual(child.spanContext().spanId, span.spanContext().spanId);
  child.end();
  await sonde.flush();
  assert.equal(network.of('traces').length, 0);
  assert.deepEqual([sonde.stats().traces.accepted, sonde.stats().refused], [0, 0]);
  const [record] = recordsIn(network.of('logs')[0]);
  assert.deepEqual([record.traceId, record.spanId, record.flags], [span.spanContext().traceId, span.spanContext().spanId, 2]);
});

const rateOf = (tracer, count) => {
  let kept = 0;
  for (let i = 0; i < count; i++) kept += tracer.startSpan('x').isRecording();
  return kept / count;
};

for (const sampleRate of [1, 0.5, 0.01]) {
  test(`sampleRate ${sampleRate}: its share of the traces`, async () => {
    const count = 100000;
    const { tracer } = open({ sampleRate });
    const share = rateOf(tracer, count);
    const error = 5 * Math.sqrt(sampleRate * (1 - sampleRate) / count);
    assert.ok(Math.abs(share - sampleRate) <= error, `${share}`);
    const early = open({ sampleRate, wasm: new Promise(() => {}) });
    assert.ok(Math.abs(rateOf(early.tracer, count) - sampleRate) <= error);
  });
}

test('sampling: the same traces before the module is there and after', async () => {
  const crypto = () => {
    let last = 1;
    return { getRandomValues: (words) => words.forEach((_, i) => { words[i] = (last = last * 16807 % 2147483647) * 2; }) };
  };
  const decide = (tracer) => Array.from({ length: 2000 }, () => {
    const it = tracer.startSpan('x');
    return [it.spanContext().traceId, it.isRecording()];
  });
  const now = decide(open({ sampleRate: 0.3, crypto: crypto(), sessionId: 'none' }).tracer);
  const early = decide(open({ sampleRate: 0.3, crypto: crypto(), sessionId: 'none', wasm: new Promise(() => {}) }).tracer);
  assert.deepEqual(now, early);
});

test('sampling: children follow, and the threshold is in the trace state', async () => {
  const spans = await spansBy((tracer, { sonde }) => {
    for (let i = 0; i < 200; i++) {
      const parent = tracer.startSpan('parent');
      const child = sonde.withSpan(parent, () => tracer.startSpan('child'));
      assert.equal(child.isRecording(), parent.isRecording());
      assert.equal(child.spanContext().traceFlags, parent.spanContext().traceFlags);
      child.end();
      parent.end();
    }
  }, { sampleRate: 0.5, maxBatchRecords: 1000 });
  assert.ok(spans.length > 100 && spans.length < 300);
  for (const { traceState, flags } of spans) assert.deepEqual([traceState, flags], ['ot=th:8', 0x103]);
});

// At the precision that is recommended, 4.
// The first of them are those of tracestate-probability-sampling.md.
for (const [sampleRate, th] of [
  [1 / 2, '8'], [1 / 3, 'aaab'], [1 / 4, 'c'], [1 / 5, 'cccd'], [1 / 8, 'e'], [1 / 10, 'e666'], [1 / 16, 'f'], [1 / 100, 'fd70a'], [1 / 1000, 'ffbe77'],
  [1e-4, 'fff9724'], [1e-5, 'ffff583a'], [1e-6, 'ffffef39'], [0.75, '4'], [2 ** -53, 'fffffffffffff8'],
]) {
  test(`sampling: the threshold of ${sampleRate}`, () => {
    const digits = (rest) => {
      const bytes = Buffer.from('0'.repeat(18) + rest.padEnd(14, '0') + '1'.padEnd(16, '0'), 'hex');
      return { getRandomValues: ({ buffer }) => Buffer.from(buffer).set(bytes) };
    };
    const at = open({ sampleRate, crypto: digits(th), sessionId: 'none' }).tracer.startSpan('x');
    assert.equal(at.isRecording(), true);
    assert.equal(at.spanContext().traceState, `ot=th:${th}`);
    const below = (BigInt(`0x${th.padEnd(14, '0')}`) - 1n).toString(16).padStart(14, '0');
    assert.equal(open({ sampleRate, crypto: digits(below), sessionId: 'none' }).tracer.startSpan('x').isRecording(), false);
  });
}

test('sampling: what another decided wins', async () => {
  for (const sampleRate of [0, 0.5, 1]) {
    const { tracer } = open({ sampleRate });
    for (let i = 0; i < 20; i++) {
      assert.equal(tracer.startSpan('x', {}, REMOTE).isRecording(), true);
      const not = tracer.startSpan('x', {}, { ...REMOTE, traceFlags: 2, traceState: 'a=1' });
      assert.equal(not.isRecording(), false);
      assert.deepEqual([not.spanContext().traceId, not.spanContext().traceFlags, not.spanContext().traceState], [TRACE, 2, 'a=1']);
    }
  }
});

test('sampleRate is checked', () => {
  for (const wrong of [-0.1, 1.1, NaN, '1', Infinity]) assert.throws(() => open({ sampleRate: wrong }), /sampleRate/);
});

// The active span

test('logs inside a span carry its ids, those outside do not', async () => {
  const { sonde, tracer, log, network } = open();
  const span = tracer.startSpan('x');
  log.info('before');
  const result = sonde.withSpan(span, () => {
    assert.equal(sonde.activeSpan(), span);
    log.info('inside');
    log.emit({ body: 'emitted' });
    log.emit({ body: 'own', traceContext: REMOTE });
    sonde.logger('other').warn('other', new Error('no'));
    return 'result';
  });
  log.info('after');
  assert.equal(sonde.activeSpan(), undefined);
  assert.equal(result, 'result');
  await sonde.flush();
  const { traceId, spanId } = span.spanContext();
  const found = Object.fromEntries(recordsIn(network.of('logs')[0]).map((it) => [it.body.stringValue, [it.traceId, it.spanId, it.flags]]));
  assert.deepEqual(found, {
    before: [undefined, undefined, undefined], after: [undefined, undefined, undefined],
    inside: [traceId, spanId, 3], emitted: [traceId, spanId, 3], other: [traceId, spanId, 3], own: [TRACE, SPAN, 1],
  });
});

test('withSpan: nested, with throws, with nothing', () => {
  const { sonde, tracer } = open();
  const [a, b] = [tracer.startSpan('a'), tracer.startSpan('b')];
  sonde.withSpan(a, () => {
    assert.throws(() => sonde.withSpan(b, () => {
      assert.equal(sonde.activeSpan(), b);
      throw new Error('mine');
    }), /mine/);
    assert.equal(sonde.activeSpan(), a);
    sonde.withSpan(undefined, () => assert.equal(sonde.activeSpan(), undefined));
    assert.equal(sonde.activeSpan(), a);
  });
  assert.equal(sonde.activeSpan(), undefined);
});

test('an ended span may be active and a parent', async () => {
  const [first, second] = await spansBy((tracer, { sonde }) => {
    const it = tracer.startSpan('first');
    it.end();
    sonde.withSpan(it, () => tracer.startSpan('second').end());
  });
  assert.deepEqual([second.traceId, second.parentSpanId], [first.traceId, first.spanId]);
});

test('useContext: another way to know the active span', async () => {
  const { sonde, tracer, log, network } = open();
  let active;
  const calls = [];
  sonde.useContext({
    active: () => active,
    with(span, call) {
      calls.push(span);
      return call();
    },
  });
  active = tracer.startSpan('x');
  log.info('hello');
  const child = tracer.startSpan('child');
  assert.equal(sonde.activeSpan(), active);
  assert.equal(sonde.withSpan(child, () => 7), 7);
  assert.deepEqual(calls, [child]);
  child.end();
  // Not ours, and not even a span.
  active = { spanContext: () => REMOTE };
  tracer.startSpan('of another').end();
  active = {};
  log.info('still');
  tracer.startSpan('alone').end();
  assert.equal(sonde.traceparent(), '');
  await sonde.flush();
  const spans = network.of('traces').flatMap(spansIn);
  assert.deepEqual(spans.map(({ parentSpanId }) => parentSpanId), [child.spanContext() && recordsIn(network.of('logs')[0])[0].spanId, SPAN, undefined]);
  assert.deepEqual(bodiesIn(network.of('logs')[0]), ['hello', 'still']);
  assert.equal(sonde.stats().refused, 0);
});

test('logs never carry ids that are none', async () => {
  const { sonde, log, network } = open();
  const none = { spanContext: () => ({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }) };
  for (const span of [none, {}, { spanContext: () => undefined }, { spanContext: () => ({}) }, 5]) sonde.withSpan(span, () => log.info('x'));
  await sonde.flush();
  const records = recordsIn(network.of('logs')[0]);
  assert.equal(records.length, 5);
  for (const record of records) assert.equal('traceId' in record, false);
});

// The way out

test('before the module is there: spans keep their times, order and ids', async () => {
  let give;
  const { sonde, tracer, log, clock, network } = open({ wasm: new Promise((resolve) => { give = resolve; }) });
  const outer = tracer.startSpan('outer', { attributes: { a: 1 } });
  sonde.withSpan(outer, () => {
    clock.time += 10;
    log.info('inside');
    const inner = tracer.startSpan('inner');
    clock.time += 10;
    inner.addEvent('e').end();
  });
  clock.time += 10;
  outer.end();
  clock.time += 1000;
  const early = sonde.stats();
  assert.deepEqual([early.accepted, early.traces.accepted], [1, 2]);
  assert.ok(balanced(early) && balanced(early.traces));
  give(MODULE);
  await sonde.ready;
  await sonde.flush();
  const spans = network.of('traces').flatMap(spansIn);
  assert.deepEqual(spans.map(({ name, startTimeUnixNano, endTimeUnixNano }) => [name, startTimeUnixNano, endTimeUnixNano]), [
    ['inner', nanos(START + 10), nanos(START + 20)], ['outer', nanos(START), nanos(START + 30)],
  ]);
  assert.equal(spans[0].parentSpanId, spans[1].spanId);
  const [record] = recordsIn(network.of('logs')[0]);
  assert.deepEqual([record.traceId, record.spanId], [spans[1].traceId, spans[1].spanId]);
  assert.ok(balanced(sonde.stats().traces));
});

test('before the module is there: bounded, errors have room of their own', async () => {
  let give;
  const { sonde, tracer, network } = open({ wasm: new Promise((resolve) => { give = resolve; }), maxBatchRecords: 1000 });
  for (let i = 0; i < 300; i++) tracer.startSpan('x').end();
  for (let i = 0; i < 10; i++) tracer.startSpan('e').setStatus({ code: 2 }).end();
  assert.equal(sonde.stats().refused, 44);
  give(MODULE);
  await sonde.ready;
  await sonde.flush();
  const spans = network.of('traces').flatMap(spansIn);
  assert.deepEqual([spans.length, spans.filter(({ name }) => name === 'e').length], [266, 10]);
});

test('a module that does not start: spans are counted', async () => {
  const { sonde, tracer } = open({ wasm: Promise.reject(new Error('no')) });
  const early = tracer.startSpan('x');
  early.end();
  const open2 = tracer.startSpan('y');
  await sonde.ready;
  await settle();
  open2.end();
  assert.equal(tracer.startSpan('z').isRecording(), false);
  assert.equal(sonde.stats().refused, 2);
  assert.equal(sonde.stats().traces.state, 'noop');
});

test('after close: no spans, and those that end late are counted', async () => {
  const { sonde, tracer, network } = open();
  const late = tracer.startSpan('late');
  tracer.startSpan('in time').end();
  await sonde.close();
  late.end();
  const after = tracer.startSpan('after', {}, REMOTE);
  assert.equal(after.isRecording(), false);
  assert.deepEqual({ ...after.spanContext() }, REMOTE);
  after.end();
  assert.deepEqual(network.of('traces').flatMap(spansIn).map(({ name }) => name), ['in time']);
  assert.equal(sonde.stats().refused, 1);
  assert.equal(sonde.stats().traces.state, 'closed');
});

test('no endpoint for traces: spans are passed on, and cost nothing', async () => {
  const { sonde, tracer, log, network } = open({ endpoint: undefined, logsEndpoint: 'https://otlp.example/v1/logs' });
  const span = tracer.startSpan('x');
  assert.equal(span.isRecording(), false);
  sonde.withSpan(span, () => log.info('inside'));
  span.end();
  const child = tracer.startSpan('child', {}, REMOTE);
  assert.equal(sonde.traceparent(child), `00-${TRACE}-${SPAN}-01`);
  sonde.withSpan(child, () => log.info('below'));
  child.end();
  await sonde.flush();
  assert.deepEqual(network.requests.map(({ url }) => url), ['https://otlp.example/v1/logs']);
  const [inside, below] = recordsIn(network.requests[0]);
  assert.equal('traceId' in inside, false);
  assert.deepEqual([below.traceId, below.spanId], [TRACE, SPAN]);
  assert.deepEqual([sonde.stats().refused, sonde.stats().traces.accepted], [0, 0]);
});

test('no endpoint for logs: spans are sent, logs cost nothing', async () => {
  const { sonde, tracer, log, network } = open({ endpoint: undefined, tracesEndpoint: 'https://otlp.example/v1/traces' });
  assert.equal(log.enabled(), false);
  log.error('x');
  tracer.startSpan('x').end();
  await sonde.flush();
  assert.deepEqual(network.requests.map(({ url }) => url), ['https://otlp.example/v1/traces']);
  assert.deepEqual([sonde.stats().accepted, sonde.stats().traces.delivered], [0, 1]);
});

test('no endpoint at all: nothing is done, and configure begins', async () => {
  const { sonde, tracer, network } = open({ endpoint: undefined });
  tracer.startSpan('x').setAttribute('a', 1).end();
  sonde.configure({ endpoint: 'https://otlp.example' });
  tracer.startSpan('y').end();
  await sonde.flush();
  assert.deepEqual(network.of('traces').flatMap(spansIn).map(({ name }) => name), ['y']);
});

test('what throws when it is read is unreadable, the rest stays', async () => {
  const bad = () => ({ a: 1, get no() { throw new Error('no'); }, b: 2 });
  const revoked = () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; };
  const spans = await spansBy((tracer) => {
    tracer.startSpan('start', { attributes: bad() }).end();
    tracer.startSpan('later').setAttributes(bad()).end();
    tracer.startSpan('event').addEvent('e', bad()).end();
    tracer.startSpan('link').addLink({ context: REMOTE, attributes: bad() }).end();
    tracer.startSpan('value').setAttribute('a', 1).setAttribute('no', { toJSON() { throw new Error('no'); } }).setAttribute('b', 2).end();
    tracer.startSpan('proxy', { attributes: revoked() }).end();
  });
  const no = { a: '1', no: '[unreadable]', b: '2' };
  const maps = spans.map(({ map, events, links }) => ({ ...map, ...toObject(events?.[0].attributes), ...toObject(links?.[0].attributes) }));
  assert.deepEqual(maps.slice(0, 5), [no, no, no, no, no]);
  assert.equal(spans.length, 6);
});

test('nothing throws into the app', async () => {
  const { sonde, tracer, network } = open();
  const throwing = new Proxy({}, { get() { throw new Error('get'); }, ownKeys() { throw new Error('keys'); } });
  const wrong = [undefined, null, 5, 'text', Symbol('s'), 5n, throwing, { get context() { throw new Error('no'); } }, () => {}];
  const calls = [];
  for (const it of wrong) {
    calls.push(
      () => tracer.startSpan(it), () => tracer.startSpan('x', it), () => tracer.startSpan('x', {}, it), () => tracer.startSpan('x', { startTime: it }),
      () => tracer.startSpan('x', { links: it }), () => tracer.startSpan('x', { links: [it] }), () => tracer.startSpan('x', { attributes: it }),
      () => tracer.startSpan('x', { kind: it }), () => sonde.traceparent(it), () => sonde.withSpan(it, () => tracer.startSpan('x')),
      () => sonde.withSpan(it, () => sonde.logger('x').info('x')), () => sonde.withSpan(it, () => sonde.traceparent()),
    );
    const span = tracer.startSpan('x');
    calls.push(
      () => span.setAttribute(it, it), () => span.setAttribute('a', it), () => span.setAttributes(it), () => span.addEvent(it, it, it),
      () => span.addEvent('e', {}, it), () => span.addLink(it), () => span.addLinks(it), () => span.addLinks([it]), () => span.setStatus(it),
      () => span.setStatus({ code: 2, message: it }), () => span.updateName(it), () => span.recordException(it, it), () => span.end(it),
    );
  }
  for (const call of calls) assert.doesNotThrow(call, call.toString());
  for (const it of wrong) {
    const span = tracer.startSpan('x');
    for (const result of [span.setAttributes(it), span.addLink(it), span.addLinks(it), span.setStatus(it), span.addEvent(it, it)]) assert.equal(result, span);
    assert.equal(typeof tracer.startSpan(it, it).spanContext().traceId, 'string');
  }
  await sonde.flush();
  assert.equal(network.of('traces').flatMap(spansIn).length, wrong.length);
  assert.ok(balanced(sonde.stats()) && balanced(sonde.stats().traces));
});

test('reading a value may log and start spans: that comes after, but not for ever', async () => {
  const { sonde, tracer, log, network } = open();
  const chatty = {
    toJSON() {
      log.debug('inner', { chatty });
      tracer.startSpan('inner', { attributes: { chatty } }).end();
      return 'value';
    },
  };
  tracer.startSpan('outer', { attributes: { chatty } }).end();
  await sonde.flush();
  assert.deepEqual(network.of('traces').flatMap(spansIn).map(({ name, attributes }) => [name, toObject(attributes)]), [
    ['outer', { chatty: 'value' }], ['inner', { chatty: 'value' }],
  ]);
  assert.deepEqual(network.of('logs').flatMap(bodiesIn), ['inner']);
  const { refused, traces, ...logs } = sonde.stats();
  assert.equal(refused, 4);
  assert.ok(balanced(logs) && balanced(traces));
});

test('getters may log and start spans', async () => {
  const { sonde, tracer, log, network } = open();
  const attributes = {
    get a() {
      log.info('read');
      tracer.startSpan('inner').end();
      return 1;
    },
  };
  tracer.startSpan('outer', { attributes }).end();
  await sonde.flush();
  assert.deepEqual(network.of('traces').flatMap(spansIn).map(({ name }) => name), ['inner', 'outer']);
  assert.equal(sonde.stats().delivered, 1);
});

test('circles, broken surrogates, deep and large values', async () => {
  const circle = { a: 1 };
  circle.self = circle;
  let deep = 'core';
  for (let i = 0; i < 70; i++) deep = [deep];
  const spans = await spansBy((tracer) => {
    tracer.startSpan('circle', { attributes: { circle, after: 1 } }).addEvent('e', { circle }).addLink({ context: REMOTE, attributes: { circle } }).end();
    tracer.startSpan('\ud83d', { attributes: { '\ude42': '\ud83d', b: '\ude42' } }).addEvent('\ude42\ud83d', { a: '\ude42' })
      .addLink({ context: { ...REMOTE, traceState: 'a=1' }, attributes: { a: '\ud83d' } }).setStatus({ code: 2, message: '\ude42' }).end();
    tracer.startSpan('deep', { attributes: { deep, after: 1 } }).end();
    tracer.startSpan('large', { attributes: { a: 1, large: 'l'.repeat(70000), b: 2 } }).addEvent('e', { large: 'l'.repeat(70000), c: 3 })
      .setStatus({ code: 2, message: 'why' }).end();
    tracer.startSpan('wide', { attributes: { a: 1, wide: Array(5000).fill(0), b: 2 } }).end();
  });
  const [circular, broken, , large, wide] = ['circle', '\ufffd', 'deep', 'large', 'wide'].map((wanted) => spans.find(({ name }) => name === wanted));
  const cut = { a: '1', self: '[circular]' };
  assert.deepEqual([circular.map, toObject(circular.events[0].attributes), toObject(circular.links[0].attributes)], [{ circle: cut, after: '1' }, { circle: cut }, { circle: cut }]);
  assert.deepEqual([broken.name, broken.map, broken.status.message], ['\ufffd', { '\ufffd': '\ufffd', b: '\ufffd' }, '\ufffd']);
  assert.deepEqual([broken.events[0].name, toObject(broken.events[0].attributes)], ['\ufffd\ufffd', { a: '\ufffd' }]);
  assert.deepEqual([broken.links[0].traceState, toObject(broken.links[0].attributes)], ['a=1', { a: '\ufffd' }]);
  assert.deepEqual([large.map, toObject(large.events[0].attributes), large.status.message], [{ a: '1', b: '2' }, { c: '3' }, 'why']);
  assert.equal(large.droppedAttributesCount, 2);
  assert.deepEqual([wide.map, wide.droppedAttributesCount], [{ a: '1', b: '2' }, 1]);
});

test('a span that is too large with its events goes without them', async () => {
  const crowded = [
    (it) => { for (let i = 0; i < 128; i++) it.addEvent('e', Object.fromEntries(Array.from({ length: 16 }, (_, k) => [`k${k}`, k]))); },
    (it) => { for (let i = 0; i < 20; i++) it.recordException(Object.assign(new Error('no'), { stack: 's'.repeat(8192) })); },
    (it) => { for (let i = 0; i < 100; i++) it.addEvent('e'.repeat(1000)); },
    (it) => { for (let i = 0; i < 100; i++) it.addLink({ context: { ...REMOTE, traceState: 'x'.repeat(1000) } }); },
    (it) => it.setAttribute('large', 'é'.repeat(33000)),
    (it) => it.setAttribute('large', 'l'.repeat(60000)).setStatus({ code: 2, message: 'm'.repeat(6000) }),
  ];
  for (const [i, crowd] of crowded.entries()) {
    const span = await spanBy((tracer) => {
      const it = tracer.startSpan('x', { attributes: { a: 1 } }).setStatus({ code: 2, message: 'why' });
      crowd(it);
      it.end();
    });
    assert.deepEqual([span.map, span.status.message], [{ a: '1' }, i < 5 ? 'why' : 'm'.repeat(6000)], `${i}`);
    const { droppedAttributesCount = 0, droppedEventsCount = 0, droppedLinksCount = 0 } = span;
    assert.deepEqual([droppedAttributesCount, droppedEventsCount, droppedLinksCount], [[0, 128, 0], [13, 0, 0], [0, 100, 0], [0, 0, 100], [1, 0, 0], [1, 0, 0]][i]);
  }
});

test('a name and a trace state that cannot be texts cost no trace', () => {
  const { tracer } = open();
  const named = tracer.startSpan(Symbol('x'));
  assert.equal(named.isRecording(), true);
  const traceState = { serialize() { throw new Error('no'); } };
  const child = tracer.startSpan('x', {}, { ...REMOTE, traceState });
  assert.deepEqual([child.isRecording(), child.spanContext().traceId], [true, REMOTE.traceId]);
});

test('a message of a status that does not fit is cut', async () => {
  for (const [letter, length] of [['x', 10], ['日', 10], ['x', 16000], ['日', 16000]]) {
    const span = await spanBy((tracer) => tracer.startSpan('x', { attributes: { a: letter.repeat(length) } })
      .setStatus({ code: 2, message: letter.repeat(70000) }).end());
    const { message } = span.status;
    assert.ok(message.length > 5000 && message.length < 22000, `${message.length}`);
    assert.equal(message, letter.repeat(message.length));
    assert.equal(span.map.a, letter.repeat(length));
  }
});

test('a span whose name does not fit is refused, the next is not', async () => {
  const { sonde, tracer, network, troubles } = open();
  tracer.startSpan('x'.repeat(70000)).end();
  tracer.startSpan('next').end();
  await sonde.flush();
  assert.deepEqual(network.of('traces').flatMap(spansIn).map(({ name }) => name), ['next']);
  assert.deepEqual([sonde.stats().refused, troubles.length], [1, 1]);
  assert.match(troubles[0].message, /maxRecordBytes/);
});

test('more scopes than the table holds', async () => {
  const spans = await spansBy((_, { sonde }) => {
    for (let i = 0; i < 300; i++) sonde.tracer(`scope${i}`, `${i}`).startSpan(`${i}`).end();
  });
  assert.equal(spans.length, 300);
  for (const { name, scope, map } of spans) {
    assert.deepEqual([scope?.name ?? map['otel.scope.name'], scope?.version ?? map['otel.scope.version']], [`scope${name}`, name]);
  }
});

test('tracers: one for each name and version, loggers are others', () => {
  const { sonde } = open();
  assert.equal(sonde.tracer('a'), sonde.tracer('a', ''));
  assert.notEqual(sonde.tracer('a', '1'), sonde.tracer('a', '2'));
  assert.notEqual(sonde.tracer('a'), sonde.logger('a'));
  const { startSpan } = sonde.tracer('a');
  assert.equal(startSpan('without its object').isRecording(), true);
});

test('error spans go at once, with what their task ends; others wait', async () => {
  const { tracer, clock, network } = open();
  tracer.startSpan('before').end();
  await clock.pass(1000);
  assert.equal(network.requests.length, 0);
  tracer.startSpan('error').setStatus({ code: 2 }).end();
  tracer.startSpan('after').end();
  await settle();
  assert.deepEqual(network.requests.flatMap(spansIn).map(({ name }) => name), ['before', 'error', 'after']);
  tracer.startSpan('fine').setStatus({ code: 1 }).end();
  await clock.pass(29999);
  assert.equal(network.requests.length, 1);
  await clock.pass(1);
  assert.equal(network.requests.length, 2);
});

test('error spans are evicted last', async () => {
  const { sonde, tracer, network } = open({ maxQueueSpans: 4 });
  for (let i = 0; i < 2; i++) tracer.startSpan(`error ${i}`).setStatus({ code: 2 }).end();
  for (let i = 0; i < 10; i++) tracer.startSpan(`fine ${i}`).end();
  const { traces } = sonde.stats();
  assert.deepEqual([traces.accepted, traces.queued + traces.inFlight, traces.droppedTotal], [12, 4, 8]);
  assert.deepEqual([traces.dropped.queue_full.info, traces.dropped.queue_full.error], [8, 0]);
  assert.ok(balanced(traces));
  await sonde.flush();
  const names = network.of('traces').flatMap(spansIn).map(({ name }) => name);
  assert.equal(names.filter((name) => name.startsWith('error')).length, 2);
  assert.equal(names.length, 4);
  assert.ok(balanced(sonde.stats().traces));
  assert.equal(sonde.stats().droppedTotal, 0);
});

test('logs do not push spans out, nor spans logs', async () => {
  const { sonde, tracer, log } = open({ maxQueueRecords: 4, maxQueueSpans: 4 });
  for (let i = 0; i < 3; i++) tracer.startSpan('x').end();
  for (let i = 0; i < 100; i++) log.fatal('x'.repeat(1000));
  assert.deepEqual([sonde.stats().traces.queued, sonde.stats().traces.droppedTotal], [3, 0]);
  for (let i = 0; i < 100; i++) tracer.startSpan('x').end();
  const { queued, inFlight, traces } = sonde.stats();
  assert.deepEqual([queued + inFlight, traces.queued + traces.inFlight], [4, 4]);
});

for (const way of ['hide', 'leave']) {
  test(`page ${way}: logs and spans side by side, within the budget`, async () => {
    const { tracer, log, page, network } = open();
    network.answer = () => undefined;
    for (let i = 0; i < 200; i++) log.info(`${i}`.padEnd(500, 'x'));
    for (let i = 0; i < 200; i++) tracer.startSpan(`${i}`.padEnd(200, 'x')).end();
    page[way]();
    await settle();
    const asked = network.requests.map(({ url, keepalive, sent }) => [url.split('/').at(-1), keepalive, sent.length]);
    assert.deepEqual(asked.map(([signal, keepalive]) => [signal, keepalive]).sort(), [['logs', true], ['traces', true]]);
    const sizes = Object.fromEntries(asked.map(([signal, , size]) => [signal, size]));
    assert.ok(sizes.logs + sizes.traces <= 60000, JSON.stringify(sizes));
    assert.ok(sizes.traces <= 30000 && sizes.traces > 20000, JSON.stringify(sizes));
    assert.ok(sizes.logs > 25000, JSON.stringify(sizes));
    for (const request of network.requests) request.respond(status(200));
    network.answer = () => status(200);
    await settle();
  });
}

test('page leave: a few spans and logs all go, and what is ended on pagehide, too', async () => {
  const { sonde, tracer, log, page, network } = open();
  const view = tracer.startSpan('view');
  page.window.addEventListener('pagehide', () => {
    log.info('bye');
    view.end();
  });
  log.info('x');
  page.leave();
  await settle();
  assert.deepEqual(network.of('traces').flatMap(spansIn).map(({ name }) => name), ['view']);
  assert.deepEqual(network.of('logs').flatMap(bodiesIn), ['x', 'bye']);
  for (const { keepalive } of network.requests) assert.equal(keepalive, true);
  await sonde.close();
});

test('page leave: a request under way is taken back and sent again', async () => {
  const { sonde, tracer, page, network } = open();
  network.answer = () => undefined;
  tracer.startSpan('error').setStatus({ code: 2 }).end();
  await settle();
  tracer.startSpan('fine').end();
  page.leave();
  await settle();
  const [first, second] = network.of('traces');
  assert.deepEqual([first.signal.aborted, second.keepalive], [true, true]);
  assert.deepEqual(spansIn(second).map(({ name }) => name), ['error', 'fine']);
  second.respond(status(200));
  await settle();
  assert.equal(sonde.stats().traces.delivered, 2);
});

for (const [stopped, going] of [['traces', 'logs'], ['logs', 'traces']]) {
  test(`401 for ${stopped}: ${going} go on, and configure begins again`, async () => {
    const { sonde, tracer, log, network, troubles } = open();
    network.answer = ({ url }) => status(url.endsWith(stopped) ? 401 : 200);
    const both = async () => {
      log.error('x');
      tracer.startSpan('x').setStatus({ code: 2 }).end();
      await sonde.flush();
    };
    await both();
    await both();
    const stats = sonde.stats();
    const ledgers = { logs: stats, traces: stats.traces };
    assert.deepEqual([ledgers[stopped].state, ledgers[going].state], ['disabled', 'open']);
    assert.equal(ledgers[going].delivered, 2);
    assert.equal(network.of(stopped).length, 1);
    assert.deepEqual(troubles.map(({ signal, status: code }) => [signal, code]), [[stopped, 401]]);
    network.answer = () => status(200);
    sonde.configure({ token: 'new' });
    await both();
    const after = sonde.stats();
    assert.deepEqual([after.state, after.traces.state], ['open', 'open']);
    assert.ok(balanced(after) && balanced(after.traces));
  });
}

test('spans are kept while the server is away', async () => {
  const { sonde, tracer, clock, network } = open();
  network.answer = () => new TypeError('network');
  for (let i = 0; i < 5; i++) tracer.startSpan(`${i}`).setStatus({ code: 2 }).end();
  await clock.pass(10000);
  assert.equal(sonde.stats().traces.delivered, 0);
  assert.ok(balanced(sonde.stats().traces));
  network.requests.length = 0;
  network.answer = () => status(200);
  await clock.pass(60000);
  assert.deepEqual(network.of('traces').flatMap(spansIn).map(({ name }) => name), ['0', '1', '2', '3', '4']);
  assert.equal(sonde.stats().traces.delivered, 5);
  assert.ok(balanced(sonde.stats().traces));
});

test('rejected spans are counted and told', async () => {
  const { sonde, tracer, network, troubles } = open();
  network.answer = () => new Response('{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}', { headers: { 'content-type': 'application/json' } });
  for (let i = 0; i < 5; i++) tracer.startSpan('x').end();
  await sonde.flush();
  const { traces, delivered } = sonde.stats();
  assert.deepEqual([traces.delivered, traces.droppedTotal, delivered], [3, 2, 0]);
  assert.deepEqual(troubles.map(({ code, signal, rejected }) => [code, signal, rejected]), [['export', 'traces', 2]]);
  assert.match(troubles[0].message, /too old/);
});

test('rejected spans are counted and told: protobuf', async () => {
  const { sonde, tracer, network } = open({ encoding: 'protobuf' });
  network.answer = () => new Response(new Uint8Array([0x0a, 2, 8, 2]), { headers: { 'content-type': 'application/x-protobuf' } });
  for (let i = 0; i < 5; i++) tracer.startSpan('x').end();
  await sonde.flush();
  assert.deepEqual([sonde.stats().traces.delivered, sonde.stats().traces.droppedTotal], [3, 2]);
});

test('what onError logs or traces is not recorded', async () => {
  const { sonde, network } = open({
    onError: () => {
      const it = sonde.tracer('own').startSpan('x');
      assert.equal(it.isRecording(), false);
      it.setStatus({ code: 2 }).end();
    },
  });
  network.answer = () => status(400);
  sonde.tracer('app').startSpan('x').setStatus({ code: 2 }).end();
  await sonde.flush();
  await settle();
  assert.equal(network.requests.length, 1);
});

test('flush and close wait for both signals', async () => {
  const { sonde, tracer, log, network } = open();
  tracer.startSpan('x').end();
  log.info('x');
  await sonde.flush();
  assert.deepEqual(network.requests.map(({ url }) => url.split('/').at(-1)).sort(), ['logs', 'traces']);
  tracer.startSpan('y').end();
  log.info('y');
  await sonde.close();
  const stats = sonde.stats();
  assert.deepEqual([stats.delivered, stats.traces.delivered], [2, 2]);
  assert.ok(balanced(stats) && balanced(stats.traces));
});

test('keys that are no texts become some, and cost no span', async () => {
  const span = await spanBy((tracer) => {
    tracer.startSpan('a').setAttribute('ok', 1).setAttribute(5, 2).setAttribute(Symbol('k'), 3).setAttribute('last', 4).end();
  });
  assert.deepEqual(span.map, { ok: '1', 5: '2', last: '4' });
});

test('a trace state of another kind costs no span', async () => {
  const span = await spanBy((tracer) => tracer.startSpan('a', {}, { ...REMOTE, traceState: { a: 1 } }).end());
  assert.equal(span.traceId, TRACE);
});

test('a span of another copy of the package is known by what it says', async () => {
  const foreign = { _clock: {}, _context: 5, spanContext: () => REMOTE };
  const span = await spanBy((tracer) => tracer.startSpan('a', {}, foreign).end());
  assert.deepEqual([span.parentSpanId, span.startTimeUnixNano], [SPAN, nanos(START)]);
});
