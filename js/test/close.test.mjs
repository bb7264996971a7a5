// Waiting until all is sent, and the end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanced, open, settle } from './harness.mjs';

const status = (code, headers = {}, body = null) => new Response(body, { status: code, headers });
const manyOf = (log, count, text = 'x') => { for (let i = 0; i < count; i++) log.info(text); };

test('flush: resolves when all is sent, and at once when nothing can be', async () => {
  const { sonde, log, network } = open({ maxBatchRecords: 2 });
  manyOf(log, 5);
  await sonde.flush();
  assert.equal(sonde.stats().delivered, 5);
  await sonde.flush();
  network.answer = () => status(503);
  log.info('x');
  await sonde.flush();
  assert.equal(sonde.stats().inFlight, 1);
  const offline = open({ online: () => false });
  offline.log.info('x');
  await offline.sonde.flush();
});

test('close: sends what is held, takes no more, listens no more', async () => {
  const { sonde, log, page, network, troubles } = open();
  manyOf(log, 3);
  const closing = sonde.close();
  assert.equal(sonde.close(), closing);
  await closing;
  const { state, delivered } = sonde.stats();
  assert.deepEqual([state, delivered], ['closed', 3]);
  assert.equal(log.enabled(), false);
  log.error('late');
  log.emit({ body: 'late' });
  page.hide();
  page.leave();
  await settle();
  assert.equal(network.requests.length, 1);
  assert.equal(sonde.stats().refused, 2);
  assert.match(troubles[0].message, /close/);
  await sonde.flush();
});

test('close: waits for a back-off, but not longer than it may', async () => {
  for (const [answers, expected] of [[[503, 200], 'delivered'], [[503, 503, 503], 'droppedTotal']]) {
    const { sonde, log, clock, network } = open();
    network.answer = (_, count) => status(answers[count - 1] ?? 503);
    log.info('x');
    let closed = false;
    sonde.close({ timeout: 2000 }).then(() => { closed = true; });
    await clock.pass(1999);
    await clock.pass(1);
    assert.ok(closed);
    assert.equal(sonde.stats()[expected], 1);
    assert.ok(balanced(sonde.stats()));
  }
});

test('close: a request under way at the end is aborted and its records are counted', async () => {
  const { sonde, log, clock, network } = open();
  network.answer = () => undefined;
  log.error('x');
  const closing = sonde.close({ timeout: 100 });
  await clock.pass(100);
  await closing;
  assert.equal(network.requests[0].signal.aborted, true);
  assert.equal(sonde.stats().dropped.closed.error, 1);
  assert.deepEqual(clock.pending, []);
});

test('after close no timer is left', async () => {
  const { sonde, log, clock } = open();
  log.info('x');
  await sonde.close();
  assert.deepEqual(clock.pending, []);
});

test('given up at close: metrics are not collected once more', async () => {
  const { sonde, clock, network } = open();
  const counter = sonde.meter('m').createCounter('c');
  network.answer = () => undefined;
  counter.add(1);
  sonde.flush();
  await settle();
  counter.add(1);
  const closing = sonde.close({ timeout: 100 });
  await clock.pass(100);
  await closing;
  assert.equal(network.requests.length, 1);
  assert.deepEqual(clock.pending, []);
  const { metrics } = sonde.stats();
  assert.deepEqual([metrics.accepted, metrics.dropped.closed.info], [1, 1]);
});

test('after close() nothing begins, not even by configure()', async () => {
  const { sonde, clock, page, network, log } = open({ endpoint: undefined });
  const listeners = [];
  page.addEventListener = (type) => listeners.push(type);
  let asked = 0;
  sonde.meter('m').createObservableGauge('g').addCallback(() => { asked++; });
  await sonde.close();
  sonde.configure({ endpoint: 'https://otlp.example' });
  log.error('too late');
  await clock.pass(200_000);
  assert.deepEqual([asked, listeners, clock.pending, network.requests], [0, [], [], []]);
});

test('close() with a time that no timer has waits ten minutes', async () => {
  const { sonde, clock, network, log } = open();
  network.answer = () => undefined;
  log.error('x');
  let closed = false;
  sonde.close({ timeout: Infinity }).then(() => { closed = true; });
  await clock.pass(50);
  assert.equal(closed, false);
  network.requests[0].respond(new Response(null));
  await clock.pass(0);
  assert.equal(closed, true);
  assert.equal(sonde.stats().delivered, 1);
});
