// Observable instruments: who is asked, when, and what comes of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { START } from './harness.mjs';
import { by, metricsIn, openMeters, single } from './meters.mjs';

test('observers that throw, or come to nothing, are counted, and the others asked', async () => {
  const { meter, next, refusals } = openMeters();
  const gauge = meter.createObservableGauge('x');
  gauge.addCallback(() => { throw Error('no'); });
  gauge.addCallback(() => Promise.reject(Error('late')));
  gauge.addCallback('no function');
  gauge.addCallback({ get then() { throw Error('getter'); } });
  gauge.addCallback(() => ({ get then() { throw Error('then'); } }));
  gauge.addCallback((result) => result.observe(4));
  assert.equal(single((await next()).x), 4);
  assert.equal(refusals.length, 5);
  assert.ok(refusals.some((it) => it.includes('late')));
});

test('observers may come and go while they are asked', async () => {
  const { meter, next } = openMeters();
  const gauge = meter.createObservableGauge('x');
  const once = (result) => {
    gauge.removeCallback(once);
    gauge.addCallback((it) => it.observe(2, { of: 'second' }));
    result.observe(1, { of: 'first' });
  };
  gauge.addCallback(once);
  assert.deepEqual(by((await next()).x, 'of'), { first: 1 });
  assert.deepEqual(by((await next()).x, 'of'), { second: 2 });
});

test('observers may do what makes requests due, and make instruments', async () => {
  const world = openMeters();
  const gauge = world.meter.createObservableGauge('x');
  let calls = 0;
  gauge.addCallback((result) => {
    calls++;
    world.enable();
    world.meter.createObservableGauge('y').addCallback(() => {});
    world.meter.createCounter('z').add(1);
    result.observe(5);
  });
  const { x, z } = await world.next();
  assert.deepEqual([single(x), single(z), calls, world.network.requests.length], [5, 1, 1, 1]);
});

test('asynchronous observers: what comes later is of the next collection', async () => {
  const { meter, next } = openMeters();
  const gauge = meter.createObservableGauge('x');
  let go;
  gauge.addCallback(async (result) => {
    result.observe(1, { of: 'at once' });
    await new Promise((resolve) => { go = resolve; });
    result.observe(2, { of: 'later' });
  });
  assert.deepEqual(by((await next()).x, 'of'), { 'at once': 1 });
  go();
  await null;
  await null;
  assert.deepEqual(by((await next()).x, 'of'), { 'at once': 1, later: 2 });
});

test('batch observers: their own instruments only; the same set is the same observer', async () => {
  const { meter, next, refusals } = openMeters();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => meter.createObservableCounter(name));
  let calls = 0;
  const callback = (result) => {
    calls++;
    result.observe(a, 1, { of: 'a' });
    result.observe(b, 2);
    result.observe(c, 3);
    result.observe(undefined, 4);
  };
  meter.addBatchObservableCallback(callback, [a, b]);
  meter.addBatchObservableCallback(callback, [b, a]);
  const first = await next();
  assert.deepEqual([Object.keys(first).sort(), calls], [['a', 'b'], 1]);
  assert.deepEqual([by(first.a, 'of'), single(first.b)], [{ a: 1 }, 2]);
  meter.removeBatchObservableCallback(callback, [a]);
  await next();
  assert.equal(calls, 2);
  meter.removeBatchObservableCallback(callback, [b, a]);
  await next();
  assert.equal(calls, 2);
  assert.deepEqual(refusals, []);
  for (const list of [undefined, null, 5, [null], [{}], [undefined]]) {
    meter.addBatchObservableCallback(callback, list);
    meter.removeBatchObservableCallback(callback, list);
  }
});

test('observers that take long: points have the time after them, and the core no other', async () => {
  const { meter, clock, core, network } = openMeters({ metricInterval: 1000 });
  meter.createObservableGauge('x').addCallback((result) => {
    clock.time += 400;
    meter.createCounter('slow').add(1, { at: clock.time });
    result.observe(1);
  });
  await clock.pass(1000);
  const [first] = Object.values(metricsIn(network.requests));
  assert.equal(first.points[0].timeUnixNano, `${START + 1400}000000`);
  // What the core takes for a second is one.
  assert.equal(core().until(), START + 2400);
});

test('batch observers: what the app does to its list later is not what it gave', async () => {
  const { meter, next } = openMeters();
  const gauge = meter.createObservableGauge('g');
  for (const list of [[gauge], new Set([gauge])]) {
    meter.addBatchObservableCallback((result) => result.observe(gauge, 1, { list: list.constructor.name }), list);
    list.length = 0;
  }
  assert.equal((await next()).g.points.length, 2);
});
