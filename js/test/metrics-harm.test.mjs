// Instruments: nothing that they are given does harm.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { by, openMeters, single } from './meters.mjs';

const NO_NAMES = ['', ' ', '1a', '_a', 'é', 'a b', 'a\n', 'a'.repeat(256), 'a'.repeat(10240), undefined, null, 5, {}, Symbol('s')];
const NO_VALUES = [NaN, Infinity, -Infinity, -1, -1n, undefined, null, '5', 'x', true, {}, [], Symbol('s'), () => 1,
  { valueOf() { throw Error('no'); } }];
const BAD_ATTRIBUTES = [5, 'text', true, Symbol('s'), 10n, [1, 2], new Map([['a', 1]]), () => {},
  { get a() { throw Error('no'); } }, { a: { get b() { throw Error('no'); } } }, { a: { toJSON() { throw Error('no'); } } },
  { a: '\uD800' }, { '\uDC00': 1 }, { a: Symbol('s') }, { a() {} }, new Proxy({}, { ownKeys() { throw Error('no'); } })];

test('names that are none: counted, and an instrument that does nothing', async () => {
  const { meter, next, refusals } = openMeters();
  for (const [i, name] of NO_NAMES.entries()) {
    const counter = meter.createCounter(name);
    counter.add(1);
    counter.bind({ a: 1 }).add(1);
    meter.createObservableGauge(name).addCallback((result) => result.observe(1));
    assert.equal(refusals.length, 2 * i + 2, String(name).slice(0, 20));
  }
  assert.ok(refusals.every((text) => text.length < 200), 'no long message');
  assert.deepEqual(await next(), {});
  meter.createCounter('a'.repeat(255)).add(1);
  assert.deepEqual(Object.keys(await next()), ['a'.repeat(255)]);
});

test('options of any kind do no harm', () => {
  const { meter, next } = openMeters();
  for (const options of [null, 5, 'x', { unit: Symbol('s') }, { unit: 5, description: {} }, { get unit() { throw Error('no'); } },
    { advice: null }, { advice: { explicitBucketBoundaries: 5 } }, { advice: { explicitBucketBoundaries: ['a'] } },
    { advice: { explicitBucketBoundaries: [2, 1] } }, { advice: { explicitBucketBoundaries: Array(1e5).fill(0) } },
    { description: 'x'.repeat(1e6) }, { unit: 'x'.repeat(1e5) }]) {
    for (const kind of ['Counter', 'Histogram']) {
      const it = meter[`create${kind}`]('x', options);
      it.add(1);
      it.add(1, { a: 1 });
    }
  }
  return next();
});

test('what the core does not take is counted, with the reason', () => {
  const { meter, refusals } = openMeters();
  meter.createHistogram('x', { advice: { explicitBucketBoundaries: [2, 1] } }).record(1);
  meter.createCounter('long', { description: 'x'.repeat(5000) }).add(1);
  meter.createCounter('y').add(1, { a: 'x'.repeat(5000) });
  assert.deepEqual(refusals, ['instrument x: status -1', 'instrument long: status -6', 'status -6']);
});

test('more instruments than there is room for', async () => {
  const { meter, next, refusals } = openMeters({ maxMetricBytes: 16777216 });
  for (let i = 0; i < 1030; i++) meter.createCounter(`x${i}`).add(1);
  assert.equal(refusals.length, 6);
  assert.equal(Object.keys(await next()).length, 1024);
});

test('values that may not be are ignored and counted', async () => {
  const { meter, next, refusals, ledger } = openMeters();
  const counter = meter.createCounter('x');
  counter.add(1);
  for (const value of NO_VALUES) {
    counter.add(value);
    counter.add(value, { of: 'other' });
  }
  assert.equal(single((await next()).x), 1);
  assert.equal(ledger()[5] + refusals.length, 2 * NO_VALUES.length);
});

test('a bigint is a number', async () => {
  const { meter, next } = openMeters();
  meter.createCounter('x').add(5n);
  assert.equal(single((await next()).x), 5);
});

test('up-down counters, gauges and histograms take negative values', async () => {
  const { meter, next } = openMeters();
  meter.createUpDownCounter('u').add(-3);
  meter.createGauge('g').record(-4);
  meter.createHistogram('h').record(-5);
  const { u, g, h } = await next();
  assert.deepEqual([single(u), single(g), h.points[0].count, h.points[0].sum], [-3, -4, 1, undefined]);
});

test('attributes of any kind do no harm', async () => {
  const { meter, next } = openMeters();
  const counter = meter.createCounter('x');
  const circle = {};
  circle.circle = circle;
  for (const attributes of [...BAD_ATTRIBUTES, circle]) {
    counter.add(1, attributes);
    counter.add(1, attributes);
    counter.bind(attributes).add(1);
  }
  counter.add(1, { of: 'good' });
  const { x } = await next();
  assert.equal(by(x, 'of').good, 1);
});

test('what is measured while a record is written waits, with its attributes as they are', async () => {
  const world = openMeters();
  const counter = world.meter.createCounter('x');
  const attributes = { of: 'a' };
  world.busy = true;
  counter.add(1, attributes);
  attributes.of = 'b';
  assert.equal(world.kept.length, 1);
  world.busy = false;
  world.replay();
  assert.deepEqual(by((await world.next()).x, 'of'), { a: 1 });
});

test('what is measured by reading an attribute is measured, too', async () => {
  const world = openMeters();
  const counter = world.meter.createCounter('x');
  const inner = world.meter.createCounter('inner');
  counter.add(1, { a: { toJSON() { inner.add(1, { b: 2 }); return 'json'; } } });
  world.replay();
  const { x, inner: other } = await world.next();
  assert.deepEqual([x.points[0].attributes, single(other)], [{ a: 'json' }, 1]);
});
