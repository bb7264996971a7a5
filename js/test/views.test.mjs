// Views: which instruments they match, what they change, and what they may be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMeters, single } from './meters.mjs';

const sent = async (views, call) => {
  const world = openMeters({ views });
  call(world);
  return { ...await world.next(), refusals: world.refusals };
};

test('a view renames, describes, and keeps some attributes', async () => {
  const { y, x } = await sent([{ instrument: 'x', name: 'y', description: 'new', attributeKeys: ['a', 'missing', 'toString'] }], ({ meter }) => {
    const counter = meter.createCounter('x', { description: 'old', unit: '1' });
    counter.add(1, { a: 1, b: 1 });
    counter.add(2, { b: 2, a: 1 });
    counter.add(4, { b: 2, a: 1 });
  });
  assert.equal(x, undefined);
  assert.deepEqual([y.description, y.unit, single(y), y.points[0].attributes], ['new', '1', 7, { a: 1 }]);
});

test('no attributes at all', async () => {
  const { x } = await sent([{ instrument: '*', attributeKeys: [] }], ({ meter }) => {
    for (let id = 0; id < 9; id++) meter.createCounter('x').add(1, { id });
  });
  assert.deepEqual([single(x), x.points[0].attributes], [9, {}]);
});

test('aggregations', async () => {
  const views = [
    { instrument: 'no.*', aggregation: 'drop' },
    { instrument: 'e', aggregation: 'exponential' },
    { instrument: 'd', aggregation: 'default' },
    { instrument: 'b', boundaries: [-1, 0, 1.5] },
  ];
  const { refusals, ...found } = await sent(views, ({ meter }) => {
    meter.createCounter('no.1').add(1);
    meter.createObservableGauge('no.2').addCallback((result) => result.observe(1));
    meter.createCounter('no').add(1);
    for (const name of ['e', 'd', 'b']) {
      meter.createHistogram(name, { exponential: name === 'd', advice: { explicitBucketBoundaries: [1] } }).record(1);
    }
  });
  assert.deepEqual(refusals, []);
  assert.deepEqual(Object.entries(found).map(([name, { kind }]) => [name, kind]).sort(), [
    ['b', 'histogram'], ['d', 'histogram'], ['e', 'exponentialHistogram'], ['no', 'sum'],
  ]);
  assert.deepEqual([found.b.points[0].explicitBounds, found.d.points[0].explicitBounds], [[-1, 0, 1.5], [1]]);
});

/** Pattern, name, whether it matches. */
const PATTERNS = [
  ['a.b', 'a.b', true], ['a.b', 'A.B', true], ['a.b', 'axb', false], ['a.b', 'a.b.c', false], ['a.b', 'x.a.b', false],
  ['*', 'a.b', true], ['a.*', 'a.b.c', true], ['a.*', 'a', false], ['*.b', 'a.b', true], ['a*c', 'abc', true],
  ['a*c', 'ac', true], ['*a*', 'bab', true], ['a/b-c_d', 'a/b-c_d', true],
];

for (const [instrument, name, expected] of PATTERNS) {
  test(`${instrument} ${expected ? 'is' : 'is not'} ${name}`, async () => {
    const found = await sent([{ instrument, description: 'found' }], ({ meter }) => meter.createCounter(name).add(1));
    assert.equal(found[name].description === 'found', expected);
  });
}

test('the first that matches, of this meter', async () => {
  const views = [{ instrument: 'x', meter: 'other', name: 'b' }, { instrument: '*', meter: 'test', name: 'a' }, { instrument: 'x', name: 'c' }];
  const found = await sent(views, ({ meter, meterOf }) => {
    meter.createCounter('x').add(1);
    meterOf('other').createCounter('x').add(2);
    meterOf('third').createCounter('x').add(4);
  });
  assert.deepEqual([single(found.a), single(found.b), single(found.c)], [1, 2, 4]);
});

const WRONG = [
  [5, 'views'], [{}, 'views'], ['x', 'views'],
  [[{}], 'instrument'], [[{ name: 'x' }], 'instrument'], [[{ instrument: 5 }], 'instrument'], [[{ instrument: '' }], 'instrument'],
  [[{ instrument: 'a(' }], 'instrument'], [[{ instrument: 'x', names: 'y' }], 'names'],
  [[{ instrument: 'x', name: '' }], 'name'], [[{ instrument: 'x', name: '1' }], 'name'], [[{ instrument: 'x', name: ['y'] }], 'name'],
  [[{ instrument: 'x', meter: 1 }], 'meter'], [[{ instrument: 'x', description: null }], 'description'],
  [[{ instrument: 'x', aggregation: 'sum' }], 'aggregation'], [[{ instrument: 'x', attributeKeys: 'a' }], 'attributeKeys'],
  [[{ instrument: 'x', attributeKeys: [1] }], 'attributeKeys'], [[{ instrument: 'x', boundaries: [1, 1] }], 'boundaries'],
  [[{ instrument: 'x', boundaries: [2, 1] }], 'boundaries'], [[{ instrument: 'x', boundaries: [NaN] }], 'boundaries'],
  [[{ instrument: 'x', boundaries: ['1'] }], 'boundaries'], [[{ instrument: 'x', boundaries: {} }], 'boundaries'],
  [[{ instrument: 'x', boundaries: [Infinity] }], 'boundaries'], [[{ instrument: 'x', boundaries: [-Infinity] }], 'boundaries'],
  [[{ instrument: 'x', boundaries: Array.from({ length: 257 }, (_, i) => i) }], 'boundaries'],
  [[{ instrument: 'x', constructor: 'x' }], 'constructor'],
  [[null], ''], [[undefined], ''],
];

for (const [i, [views, name]] of WRONG.entries()) {
  test(`wrong views ${i}: ${name}`, () => {
    assert.throws(() => openMeters({ views }), (error) => error instanceof RangeError && error.message.includes(`option views`) && error.message.includes(name));
  });
}
