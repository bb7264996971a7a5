// Before the module is there, and when it never will be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanced, bodiesIn, MODULE, open, recordsIn, settle, START, toObject, WASM } from './harness.mjs';

/** A promise to be kept later. */
function later() {
  let give;
  const promise = new Promise((resolve) => { give = resolve; });
  return { promise, give };
}

const response = () => new Response(WASM, { headers: { 'content-type': 'application/wasm' } });

test('a module and bytes start at once', () => {
  for (const wasm of [MODULE, WASM, WASM.buffer.slice(WASM.byteOffset, WASM.byteOffset + WASM.length)]) {
    assert.equal(open({ wasm }).sonde.stats().state, 'open');
  }
});

test('a Response, and promises, start later', async () => {
  const sources = [response(), Promise.resolve(response()), Promise.resolve(MODULE), Promise.resolve(WASM)];
  for (const wasm of sources) {
    const { sonde, log, network } = open({ wasm });
    assert.equal(sonde.stats().state, 'pending');
    assert.equal(log.enabled(), true);
    log.info('early');
    await sonde.ready;
    assert.equal(sonde.stats().state, 'open');
    await sonde.flush();
    assert.deepEqual(bodiesIn(network.requests[0]), ['early']);
  }
});

test('where engines refuse to compile at once, it starts later', async () => {
  const { Module } = WebAssembly;
  WebAssembly.Module = class { constructor() { throw new RangeError('too big for the main thread'); } };
  const { sonde } = open({ wasm: WASM });
  WebAssembly.Module = Module;
  assert.equal(sonde.stats().state, 'pending');
  await sonde.ready;
  assert.equal(sonde.stats().state, 'open');
});

test('early records keep their time, order, severity and values', async () => {
  const { promise, give } = later();
  const { sonde, log, clock, network } = open({ wasm: promise });
  const cart = { items: 1 };
  log.info('first', cart);
  cart.items = 2;
  clock.time += 1500;
  log.error('second', {}, new Error('no'));
  log.emit({ body: 'third', timestamp: [1, 2], severityText: 'Own' });
  clock.time += 1500;
  assert.deepEqual([sonde.stats().accepted, sonde.stats().queued], [3, 3]);
  give(MODULE);
  await sonde.ready;
  await settle();
  const records = recordsIn(network.requests[0]);
  assert.deepEqual(bodiesIn(network.requests[0]), ['first', 'second', 'third']);
  assert.deepEqual(records.map((it) => it.timeUnixNano), [`${START}000000`, `${START + 1500}000000`, '1000000002']);
  assert.deepEqual(records.map((it) => it.observedTimeUnixNano), [0, 1500, 1500].map((ms) => `${START + ms}000000`));
  assert.deepEqual(records.map((it) => it.severityText), ['INFO', 'ERROR', 'Own']);
  assert.deepEqual(toObject(records[0].attributes), { items: '1' });
  assert.equal(toObject(records[1].attributes)['exception.message'], 'no');
  assert.ok(balanced(sonde.stats()));
});

test('early records are bounded, errors have room of their own, what falls out is counted', async () => {
  const { promise, give } = later();
  const { sonde, log, network, troubles } = open({ wasm: promise, maxBatchRecords: 1000 });
  for (let i = 0; i < 300; i++) log.info(`${i}`);
  for (let i = 0; i < 10; i++) log.error('error');
  const { queued, refused } = sonde.stats();
  assert.deepEqual([queued, refused], [266, 44]);
  assert.equal(troubles.length, 1);
  give(MODULE);
  await sonde.ready;
  await settle();
  const bodies = network.requests.flatMap(bodiesIn);
  assert.equal(bodies.length, 266);
  assert.equal(bodies.filter((body) => body === 'error').length, 10);
  assert.ok(balanced(sonde.stats()));
});

const REFUSED = [
  ['rejected promise', () => Promise.reject(new Error('offline')), /offline/],
  ['rejected with what is no text', () => Promise.reject(Symbol('odd')), /unreadable/],
  ['status 404', () => Promise.resolve(new Response('no', { status: 404 })), /404/],
  ['not wasm', () => new Response('<html>'), /WebAssembly/],
  ['bytes of another kind', () => new Uint8Array(100), /WebAssembly/],
  ['not a module', () => Promise.resolve({}), /WebAssembly/],
  ['nothing', () => Promise.resolve(null), /WebAssembly/],
  ['another module', () => new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]), /WebAssembly/],
];

for (const [name, wasm, expected] of REFUSED) {
  test(`a module that does not start: ${name}`, async () => {
    const { sonde, log, page, network, troubles } = open({ wasm: wasm() });
    log.error('early');
    await sonde.ready;
    await settle();
    log.error('late');
    log.emit({ body: 'late' });
    page.leave();
    await sonde.flush();
    assert.equal(troubles.filter(({ code }) => code === 'wasm').length, 1);
    assert.match(troubles.find(({ code }) => code === 'wasm').message, expected);
    assert.match(troubles.find(({ code }) => code === 'wasm').message, /wasm-unsafe-eval/);
    const { state, accepted, refused } = sonde.stats();
    assert.deepEqual([state, accepted, refused, network.requests.length], ['noop', 0, 3, 0]);
    assert.equal(log.enabled(), false);
    await sonde.close();
  });
}

test('an engine without WebAssembly', async () => {
  const { WebAssembly: real } = globalThis;
  globalThis.WebAssembly = undefined;
  try {
    const { sonde, log, troubles } = open({ wasm: WASM });
    log.info('x');
    await sonde.ready;
    await settle();
    assert.deepEqual([sonde.stats().state, sonde.stats().refused, troubles[0].code], ['noop', 1, 'wasm']);
  } finally {
    globalThis.WebAssembly = real;
  }
});

test('close before the module is there: sends what came early', async () => {
  const { promise, give } = later();
  const { sonde, log, network } = open({ wasm: promise });
  log.info('early');
  const closing = sonde.close();
  log.info('late');
  give(MODULE);
  await closing;
  assert.deepEqual(bodiesIn(network.requests[0]), ['early']);
  assert.deepEqual([sonde.stats().state, sonde.stats().refused], ['closed', 1]);
});

test('close does not wait for a module that does not come', async () => {
  const { sonde, log, clock } = open({ wasm: later().promise });
  log.info('early');
  let closed = false;
  sonde.close({ timeout: 100 }).then(() => { closed = true; });
  await clock.pass(99);
  assert.equal(closed, false);
  await clock.pass(1);
  assert.equal(closed, true);
});

test('loggers: one for each name and version', () => {
  const { sonde } = open();
  assert.equal(sonde.logger('a'), sonde.logger('a'));
  assert.equal(sonde.logger('a'), sonde.logger('a', ''));
  assert.notEqual(sonde.logger('a', '1'), sonde.logger('a', '2'));
  assert.notEqual(sonde.logger('a'), sonde.logger('b'));
  for (let i = 0; i < 2000; i++) sonde.logger(`made up ${i}`);
  sonde.logger(undefined).info('x');
  const { info } = sonde.logger('a');
  info('without its object');
  assert.equal(sonde.stats().accepted, 2);
});

test('two exporters know nothing of each other', async () => {
  const a = open();
  const b = open();
  a.log.info('a');
  b.log.info('b');
  await Promise.all([a.sonde.flush(), b.sonde.flush()]);
  assert.deepEqual(bodiesIn(a.network.requests[0]), ['a']);
  assert.deepEqual(bodiesIn(b.network.requests[0]), ['b']);
});

test('a module that comes after the end of close is not used', async () => {
  const { promise, give } = later();
  const { sonde, log, clock, network, page } = open({ wasm: promise });
  log.info('early');
  sonde.close({ timeout: 100 });
  await clock.pass(100);
  network.answer = () => undefined;
  give(MODULE);
  await clock.pass(600000);
  page.hide();
  await settle();
  assert.ok(network.requests.every(({ signal }) => signal.aborted));
  assert.deepEqual(clock.pending, []);
  assert.equal(sonde.stats().dropped.closed.info, 1);
});

test('null is no version, and the own context', async () => {
  const { sonde, network } = open();
  assert.equal(sonde.logger('a', null), sonde.logger('a'));
  sonde.useContext(null);
  assert.equal(sonde.traceparent(), '');
  sonde.logger('a', null).info('x');
  await sonde.flush();
  assert.deepEqual(recordsIn(network.requests[0])[0].scope, { name: 'a' });
});

test('names of loggers, tracers and meters that are no texts do no harm', async () => {
  const { sonde, network } = open();
  for (const name of [Symbol('s'), null, undefined, 5, {}, { toString() { throw Error('no'); } }, { toString: () => ({}) }]) {
    sonde.logger(name, name).info('x');
    sonde.tracer(name, name).startSpan('x').end();
    sonde.meter(name, name).createCounter('c').add(1);
  }
  await sonde.flush();
  assert.equal(network.requests.length, 3);
  assert.equal(sonde.stats().refused, 0);
});
