// Instruments: what arrives for what is measured.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { by, openMeters, single } from './meters.mjs';

const DELTA = 1;
const CUMULATIVE = 2;
const TRACE = '0af7651916cd43dd8448eb211c80319c';

/** What createX makes, with what two measurements of 5 and then 2 become. */
const INSTRUMENTS = [
  ['Counter', 'add', 'sum', 7, true],
  ['UpDownCounter', 'add', 'sum', 7, undefined],
  ['Gauge', 'record', 'gauge', 2, undefined],
];

for (const [name, method, kind, value, isMonotonic] of INSTRUMENTS) {
  test(`a ${name}: values, integers, description, unit, scope`, async () => {
    const { meter, next, refusals } = openMeters();
    for (const [metric, valueType] of [['a.b/c-d_e', 1], ['whole', 0], ['default', undefined]]) {
      const it = meter[`create${name}`](metric, { description: 'Größe', unit: 'By', valueType });
      it[method](5);
      it[method](2, {});
    }
    const { 'a.b/c-d_e': double, whole, default: other } = await next();
    assert.equal(single(double), value);
    assert.equal(single(whole), value);
    assert.equal(single(other), value);
    assert.deepEqual([double.points[0].integer, whole.points[0].integer, other.points[0].integer], [undefined, true, undefined]);
    assert.deepEqual([double.kind, double.isMonotonic, double.description, double.unit], [kind, isMonotonic, 'Größe', 'By']);
    assert.deepEqual(double.scope, { name: 'test', version: '1' });
    assert.deepEqual(refusals, []);
  });

  test(`an Observable${name}: what it observes`, async () => {
    const { meter, next } = openMeters();
    const it = meter[`createObservable${name}`]('x');
    let value = 10;
    const callback = (result) => {
      result.observe(value += 5, { of: 'a' });
      result.observe(1, { of: 'b' });
    };
    it.addCallback(callback);
    it.addCallback(callback);
    const first = await next();
    assert.equal(first.x.kind, kind);
    assert.deepEqual(by(first.x, 'of'), { a: 15, b: 1 });
    // Up-down counters are cumulative whatever is preferred.
    assert.equal(first.x.aggregationTemporality, { Counter: 1, UpDownCounter: 2, Gauge: undefined }[name]);
    const second = await next();
    assert.deepEqual(by(second.x, 'of'), name === 'Counter' ? { a: 5, b: 0 } : { a: 20, b: 1 });
    it.removeCallback(callback);
    assert.deepEqual(await next(), {});
    assert.equal(value, 20);
  });
}

test('there is no createObservableHistogram', () => {
  assert.equal(openMeters().meter.createObservableHistogram, undefined);
});

test('a histogram: default bounds, those of the advice, none', async () => {
  const { meter, next } = openMeters();
  const bounds = [1, 2];
  const it = [meter.createHistogram('a'), meter.createHistogram('b', { advice: { explicitBucketBoundaries: bounds } }),
    meter.createHistogram('c', { advice: { explicitBucketBoundaries: [] } })];
  bounds.push(3);
  for (const value of [0, 1, 1.5, 10001]) for (const each of it) each.record(value);
  const { a, b, c } = await next();
  assert.deepEqual(a.points[0].explicitBounds, [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000]);
  assert.deepEqual(a.points[0].bucketCounts, [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual([b.points[0].explicitBounds, b.points[0].bucketCounts], [[1, 2], [2, 1, 1]]);
  assert.deepEqual([c.points[0].explicitBounds, c.points[0].bucketCounts], [undefined, [4]]);
  const { count, sum, min, max } = a.points[0];
  assert.deepEqual([count, sum, min, max], [4, 10003.5, 0, 10001]);
});

test('an exponential histogram, by an option of its own', async () => {
  const { meter, next } = openMeters();
  const it = meter.createHistogram('x', { exponential: true });
  for (const value of [0, 1, 2, 4]) it.record(value);
  const { x } = await next();
  assert.equal(x.kind, 'exponentialHistogram');
  const [{ count, sum, zeroCount, positive, min, max }] = x.points;
  assert.deepEqual([count, sum, zeroCount, min, max], [4, 7, 1, 0, 4]);
  assert.equal(positive.bucketCounts.reduce((a, b) => a + b), 3);
});

test('delta: each interval has what came in it, and a series without news is not there', async () => {
  const { meter, next } = openMeters();
  const counter = meter.createCounter('x');
  counter.add(1, { of: 'a' });
  counter.add(2, { of: 'b' });
  const first = await next();
  assert.equal(first.x.aggregationTemporality, DELTA);
  assert.deepEqual(by(first.x, 'of'), { a: 1, b: 2 });
  counter.add(5, { of: 'a' });
  assert.deepEqual(by((await next()).x, 'of'), { a: 5 });
  assert.deepEqual(await next(), {});
});

test('cumulative: each collection has all since the start', async () => {
  const { meter, next } = openMeters({ temporality: 'cumulative' });
  const counter = meter.createCounter('x');
  counter.add(1, { of: 'a' });
  counter.add(2, { of: 'b' });
  await next();
  counter.add(5, { of: 'a' });
  const { x } = await next();
  assert.equal(x.aggregationTemporality, CUMULATIVE);
  assert.deepEqual(by(x, 'of'), { a: 6, b: 2 });
});

test('metrics leave by themselves, each interval', async () => {
  const { meter, clock, network } = openMeters({ metricInterval: 1000 });
  meter.createObservableGauge('x').addCallback((result) => result.observe(1));
  await clock.pass(3500);
  assert.equal(network.requests.length, 3);
});

/** Attributes that are one series, and attributes that are others. */
const SAME = [
  [{ a: 1, b: 2 }, { b: 2, a: 1 }],
  [{ 2: 'x', 1: 'y' }, { 1: 'y', 2: 'x' }],
  [{ a: 1, b: undefined }, { a: 1 }],
  [{ a: ['x', 1] }, { a: ['x', 1] }],
  [{ a: { b: 1 } }, { a: { b: 1 } }],
  [{ a: 'x'.repeat(2000) }, { a: 'x'.repeat(2000) }],
  [{}, undefined, null],
  [{ a: NaN }, { a: NaN }],
  [{ '': 1, a: 1 }, { a: 1 }],
  [{ é: '日本' }, { é: '日本' }],
];
const DIFFERENT = [
  [{ a: 1 }, { a: '1' }, { a: true }, { a: 1.5 }, { a: 'true' }, { a: [1] }, { a: null }, { b: 1 }, {}],
  [{ a: 'x', b: 'y' }, { a: 'y', b: 'x' }, { a: 'x' }, { b: 'x', a: 'x' }],
  [{ a: true, b: true }, { a: true, c: true }, { b: true }, { c: true }],
  [{ a: ['x', 'y'] }, { a: 'x,y' }, { a: ['x,y'] }],
];

for (const [i, sets] of SAME.entries()) {
  test(`one series: ${i}`, async () => {
    const { meter, next, refusals } = openMeters();
    const counter = meter.createCounter('x');
    for (let round = 0; round < 3; round++) for (const set of sets) counter.add(1, set);
    assert.equal(single((await next()).x), 3 * sets.length);
    assert.deepEqual(refusals, []);
  });
}

for (const [i, sets] of DIFFERENT.entries()) {
  test(`a series each: ${i}`, async () => {
    const { meter, next } = openMeters();
    const counter = meter.createCounter('x');
    for (let round = 0; round < 3; round++) sets.forEach((set, n) => counter.add(10 ** n, set));
    const values = (await next()).x.points.map(({ value }) => value).sort((a, b) => a - b);
    assert.deepEqual(values, sets.map((_, n) => 3 * 10 ** n));
  });
}

test('an object that is changed is another series', async () => {
  const { meter, next } = openMeters();
  const counter = meter.createCounter('x');
  const attributes = { of: 'a', list: undefined };
  for (let i = 0; i < 3; i++) counter.add(1, attributes);
  attributes.of = 'b';
  counter.add(10, attributes);
  attributes.more = true;
  counter.add(100, attributes);
  delete attributes.more;
  attributes.list = ['x'];
  counter.add(1000, attributes);
  attributes.list.push('y');
  counter.add(10000, attributes);
  attributes.list = undefined;
  attributes.of = 'a';
  counter.add(1, attributes);
  const found = (await next()).x.points.map(({ attributes: { of, more, list }, value }) => [of, more, list, value]);
  assert.deepEqual(found, [
    ['a', undefined, undefined, 4],
    ['b', undefined, undefined, 10],
    ['b', true, undefined, 100],
    ['b', undefined, ['x'], 1000],
    ['b', undefined, ['x', 'y'], 10000],
  ]);
});

test('a bound instrument has its attributes for good, and may get more', async () => {
  const { meter, next } = openMeters();
  const attributes = { of: 'a' };
  const bound = meter.createCounter('x').bind(attributes);
  attributes.of = 'b';
  bound.add(1);
  bound.add(1);
  bound.add(5, { more: 1 });
  bound.bind({ of: 'c' }).add(7);
  meter.createHistogram('h').bind({ of: 'h' }).record(3);
  const { x, h } = await next();
  assert.deepEqual(x.points.map((point) => [point.attributes, point.value]), [
    [{ of: 'a' }, 2], [{ of: 'a', more: 1 }, 5], [{ of: 'c' }, 7],
  ]);
  assert.deepEqual(h.points[0].attributes, { of: 'h' });
  bound.add(3);
  assert.equal(single((await next()).x), 3);
});

test('10,000 series: the rest overflows, nothing is lost, and the next interval has room again', async () => {
  const { meter, next, refusals, ledger } = openMeters({ maxSeries: 100 });
  const counter = meter.createCounter('x');
  const fill = (from) => { for (let i = 0; i < 10000; i++) counter.add(1, { id: from + i }); };
  for (let round = 0; round < 3; round++) {
    fill(round * 5000);
    const { x } = await next();
    const overflow = x.points.find(({ attributes }) => attributes['otel.metric.overflow'] === true);
    assert.equal(x.points.length, 101);
    assert.equal(overflow.value, 9900);
    assert.equal(x.points.reduce((sum, { value }) => sum + value, 0), 10000);
    const ids = x.points.flatMap(({ attributes: { id } }) => id ?? []);
    assert.deepEqual(ids, Array.from({ length: 100 }, (_, i) => round * 5000 + i));
  }
  assert.deepEqual([refusals, ledger()[5]], [[], 0]);
});

test('stale handles: after a reset the same attributes are found anew', async () => {
  const { meter, next } = openMeters({ maxSeries: 2 });
  const counter = meter.createCounter('x');
  const bound = counter.bind({ of: 'bound' });
  const plain = meter.createCounter('plain');
  for (let round = 0; round < 5; round++) {
    // In another order each time, so that the slots of the last round have others now.
    const names = round % 2 ? ['a', 'b', 'c'] : ['c', 'b', 'a'];
    for (const of of names) counter.add(1, { of });
    bound.add(1);
    plain.add(1);
    const { x, plain: other } = await next();
    const overflow = x.points.find(({ attributes }) => attributes['otel.metric.overflow']);
    assert.deepEqual(x.points.filter((it) => it !== overflow).map(({ attributes, value }) => [attributes.of, value]),
      names.slice(0, 2).map((of) => [of, 1]));
    assert.equal(overflow.value, 2);
    assert.equal(single(other), 1);
  }
});

test('handles are forgotten before the core gives them out again', async () => {
  const most = 40;
  const { meter, next, collect, core, clock, hub } = openMeters({ maxSeries: most });
  const { wasm } = core();
  const old = meter.createCounter('old');
  const bound = Array.from({ length: most }, (_, i) => old.bind({ i }));
  for (const it of bound) it.add(1);
  const other = meter.createCounter('other');
  const generation = () => hub.series(0, {}) >>> 20;
  const first = generation();
  let resets = 0;
  do {
    // Lists are not remembered, so that nothing but the collections counts.
    for (let i = 0; i <= most; i++) other.add(1, { of: [i] });
    collect();
    wasm.wasm_collect(clock.now());
    while (wasm.wasm_next(2, clock.now()) === 2) wasm.wasm_done(2, clock.now(), core().request().id, 200, -1, 0);
    resets++;
  } while (generation() !== first);
  assert.equal(resets, 2048);
  // Whatever slots the old handles mean, most have a series.
  for (let n = 0; n < 30; n++) {
    const filler = meter.createCounter(`filler${n}`);
    for (let i = 0; i < most; i++) filler.add(1, { i });
  }
  for (const it of bound) it.add(5);
  const { old: found, ...fillers } = await next();
  assert.deepEqual(Object.values(by(found, 'i')), Array(most).fill(5));
  for (const { points } of Object.values(fillers)) assert.ok(points.every(({ value }) => value === 1));
});

test('the same instrument again: by kind, unit and name, whatever the case', async () => {
  const { meter, meterOf, next } = openMeters();
  const it = meter.createCounter('some.name', { unit: 's', description: 'one' });
  assert.equal(meter.createCounter('Some.Name', { unit: 's', description: 'two' }), it);
  for (const other of [meter.createCounter('some.name'), meter.createCounter('some.name', { unit: 'S' }),
    meter.createUpDownCounter('some.name', { unit: 's' }), meterOf('other').createCounter('some.name', { unit: 's' })]) {
    assert.notEqual(other, it);
  }
  it.add(1);
  meter.createCounter('SOME.NAME', { unit: 's' }).add(2);
  assert.deepEqual((await next())['some.name'].points.map(({ value }) => value), [3]);
});

test('before the core is there', async () => {
  const world = openMeters({ later: true });
  const counter = world.meter.createCounter('x');
  const attributes = { of: 'a' };
  counter.add(1, attributes);
  attributes.of = 'b';
  counter.add(2, attributes);
  world.meter.createObservableGauge('g').addCallback((result) => result.observe(3));
  world.start();
  counter.add(4, attributes);
  const { x, g } = await world.next();
  assert.deepEqual([by(x, 'of'), single(g)], [{ a: 1, b: 6 }, 3]);
});

test('at the end there is a last collection, and after it nothing is measured', async () => {
  const world = openMeters();
  const counter = world.meter.createCounter('x');
  counter.add(1);
  let asked = 0;
  world.meter.createObservableGauge('g').addCallback((result) => {
    asked++;
    result.observe(7, { new: asked });
  });
  const { x, g } = await world.close();
  assert.deepEqual([single(x), single(g), asked], [1, 7, 1]);
  counter.add(1);
  counter.add(1, { other: 1 });
  assert.equal(world.kept.length, 0);
  assert.deepEqual(world.refusals, []);
});

test('with nowhere to send metrics to, nobody is asked', async () => {
  const world = openMeters({ endpoint: null, logsEndpoint: 'https://otlp.example/v1/logs' });
  let asked = 0;
  world.meter.createObservableGauge('g').addCallback((result) => {
    asked++;
    result.observe(1);
  });
  assert.deepEqual(await world.next(), {});
  assert.deepEqual([asked, world.network.requests.length, world.ledger()[1]], [0, 0, 0]);
});

for (const way of ['hide', 'leave']) {
  test(`the page goes (${way}): what was measured leaves with it`, async () => {
    const { meter, page, network, core } = openMeters();
    meter.createCounter('x').add(1);
    meter.createObservableGauge('g').addCallback((result) => result.observe(7));
    page[way]();
    assert.equal(network.requests.length, 1, 'at once');
    assert.equal(network.requests[0].keepalive, true);
    assert.equal(core().ledger(2)[1], 2);
  });
}

/** A span as the API has them. */
const spanOf = (spanId, traceFlags = 1, traceId = TRACE) => ({ spanContext: () => ({ traceId, spanId, traceFlags }) });
const idsOf = ({ exemplars }) => exemplars.map(({ traceId, spanId }) => [traceId, spanId].map((id) => Buffer.from(id).toString('hex')));

test('exemplars: of measurements in a sampled span only', async () => {
  const world = openMeters();
  const counter = world.meter.createCounter('x');
  const measure = async (span, ...values) => {
    world.span = span;
    for (const value of values) counter.add(value, { of: 'a' });
    return (await world.next()).x.points[0];
  };
  const first = await measure(spanOf('00f067aa0ba902b7'), 3);
  assert.deepEqual(idsOf(first), [[TRACE, '00f067aa0ba902b7']]);
  assert.equal(first.exemplars[0].asDouble, 3);
  assert.deepEqual(idsOf(await measure(spanOf('00f067aa0ba902b8'), 1, 1)), [[TRACE, '00f067aa0ba902b8']]);
  for (const none of [undefined, spanOf('00f067aa0ba902b9', 0), spanOf('no id'), spanOf('00f0'), spanOf('zzzzzzzzzzzzzzzz'),
    { spanContext: () => undefined }, {}]) {
    assert.deepEqual(idsOf(await measure(none, 1, 1)), []);
  }
  assert.deepEqual(idsOf(await measure(spanOf('00f067aa0ba902ba'), 1)), [[TRACE, '00f067aa0ba902ba']]);
  assert.deepEqual(idsOf(await measure(undefined, 1)), []);
});

test('exemplars: the core is told once, and of the span that was active then', async () => {
  const world = openMeters({ later: true });
  const counter = world.meter.createCounter('x');
  world.span = spanOf('00f067aa0ba902b7');
  counter.add(1, { of: 'early' });
  world.span = undefined;
  world.start();
  counter.add(1, { of: 'late' });
  const { x } = await world.next();
  assert.deepEqual(x.points.map(({ attributes, ...point }) => [attributes.of, idsOf(point).length]), [['early', 1], ['late', 0]]);
  let calls = 0;
  world.span = { spanContext: () => { calls++; return { traceId: TRACE, spanId: '00f067aa0ba902b7', traceFlags: 1 }; } };
  for (let i = 0; i < 5; i++) counter.add(1);
  assert.equal(calls, 1);
});

test('null is no unit and no description', async () => {
  const { meter, next } = openMeters();
  meter.createCounter('x', { unit: null, description: null }).add(1);
  const { x: { unit, description } } = await next();
  assert.deepEqual([unit, description], [undefined, undefined]);
});
