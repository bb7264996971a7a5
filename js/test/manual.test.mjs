// The examples of metrics.md run, and what they measure arrives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examplesOf } from '../../tests/lib/manual.mjs';
import { openMeters } from './meters.mjs';

const EXAMPLES = examplesOf('js/metrics.md').map(({ code }) => code.replace(/^import .*\n/gm, ''));

/** Runs one with a page, and gives the world that its `create` made, which makes views of lists. */
function run(code) {
  let world;
  const create = ({ views, selfObservation }) => {
    world = openMeters({ views, selfObservation });
    return { meter: world.meterOf };
  };
  const page = { getElementsByTagName: () => Array(9) };
  new Function('create', 'views', 'fetch', 'document', code)(create, (list) => list, () => {}, page);
  return world;
}

test('the first example: instruments', async () => {
  const world = run(EXAMPLES[0]);
  const sent = await world.next();
  const found = Object.entries(sent).map(([name, { kind, unit, points: [{ value, count }] }]) => [name, kind, unit, value ?? count]);
  assert.deepEqual(found.sort(), [
    ['shop.cart.items', 'sum', '{item}', 2],
    ['shop.checkout.duration', 'histogram', 'ms', 1],
    ['shop.dom.nodes', 'gauge', '{node}', 9],
  ]);
  assert.deepEqual(world.refusals, []);
});

test('the second example: views', async () => {
  const world = run(EXAMPLES[1]);
  world.meter.createHistogram('http.client.time').record(1, { 'server.address': 'a', 'url.full': 'b' });
  world.meter.createHistogram('x.duration').record(1);
  world.meterOf('some.library').createCounter('noise').add(1);
  const sent = await world.next();
  assert.deepEqual(Object.keys(sent).sort(), ['http.client.time', 'x.duration']);
  assert.deepEqual(sent['http.client.time'].points[0].attributes, { 'server.address': 'a' });
  assert.equal(sent['x.duration'].kind, 'exponentialHistogram');
});

test('there are no other examples', () => assert.equal(EXAMPLES.length, 2));
