// Spans: no call can do harm, whatever it is given.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanced, bodiesIn, open, spanBy, spansBy, spansIn, START, toObject } from './harness.mjs';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const REMOTE = { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true };
const nanos = (ms) => `${BigInt(ms) * 1000000n}`;

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

test('recordException of a span that is not recorded reads nothing', () => {
  const { tracer } = open({ sampleRate: 0 });
  let reads = 0;
  tracer.startSpan('x').recordException({ get stack() { return ++reads; } });
  assert.equal(reads, 0);
});

test('a clock before 1970: times are unknown', async () => {
  const { startTimeUnixNano: start, endTimeUnixNano: end } = await spanBy((tracer) => tracer.startSpan('x').end(), { now: () => -5000 });
  assert.deepEqual([start, end], [undefined, undefined]);
});
