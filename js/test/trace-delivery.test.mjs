// Spans on their way: before the module is there, in requests beside logs, and
// when the page goes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanced, bodiesIn, MODULE, open, recordsIn, settle, spansIn, START } from './harness.mjs';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const REMOTE = { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true };
const nanos = (ms) => `${BigInt(ms) * 1000000n}`;
const status = (code) => new Response(null, { status: code });

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
