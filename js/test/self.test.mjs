// Self-observation: the ledger as metrics.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecorder } from '../src/record.js';
import { metricsIn, openMeters, single } from './meters.mjs';

const points = (metric) => metric?.points.map(({ attributes, value }) => [attributes, value]) ?? [];

/** Logs as `create` would. */
function logTo(world, severity, count) {
  const scope = { name: 'app', version: '' };
  world.record ??= createRecorder(world.core());
  for (let i = 0; i < count; i++) assert.ok(world.record.log(world.clock.now(), scope, severity, 'x') >= 0);
}

test('without the option there is nothing', async () => {
  assert.deepEqual(await openMeters().next(), {});
});

test('what is accepted, queued, and dropped, by reason and severity', async () => {
  const world = openMeters({ selfObservation: true, maxQueueRecords: 4 });
  logTo(world, 9, 6);
  logTo(world, 17, 1);
  const sent = await world.next();
  assert.deepEqual(single(sent['otel.sdk.log.created']), 7);
  // The request with the logs starts before metrics are collected.
  assert.deepEqual(single(sent['otel.sdk.processor.log.queue.size']), 0);
  assert.deepEqual(single(sent['otel.sdk.exporter.log.inflight']), 4);
  assert.deepEqual(single(sent['otel.logs.dropped_count']), 3);
  assert.deepEqual(points(sent['otel.sdk.processor.log.processed']), [
    [{ 'error.type': 'queue_full', 'sonde.severity': 'info' }, 3], [{}, 0],
  ]);
  assert.deepEqual(points(sent['otel.sdk.exporter.log.exported']), [[{}, 0]]);
  const { unit, isMonotonic, scope, points: [{ integer }] } = sent['otel.sdk.log.created'];
  assert.deepEqual([unit, isMonotonic, scope.name, integer], ['{log_record}', true, 'sonde', true]);
  assert.deepEqual([sent['otel.sdk.exporter.span.exported'].unit, sent['otel.sdk.exporter.metric_data_point.exported'].unit],
    ['{span}', '{data_point}']);
});

test('what is delivered and what is rejected; how long requests took', async () => {
  const world = openMeters({ selfObservation: true });
  const { network, clock } = world;
  let answer;
  network.answer = () => { clock.time += 300; return answer; };
  answer = new Response(null);
  const first = await world.next();
  const made = Object.values(first).reduce((sum, metric) => sum + metric.points.length, 0);
  answer = new Response(null, { status: 400 });
  const second = await world.next();
  assert.deepEqual(single(second['otel.sdk.exporter.metric_data_point.exported']), made);
  const [point] = second['otel.sdk.exporter.operation.duration'].points;
  assert.deepEqual(point.attributes, { 'otel.component.type': 'otlp_http_metric_exporter', 'http.response.status_code': 200 });
  assert.deepEqual([point.count, point.sum, second['otel.sdk.exporter.operation.duration'].unit], [1, 0.3, 's']);
  answer = new Response(null);
  const third = await world.next();
  assert.deepEqual(third['otel.sdk.exporter.operation.duration'].points[0].attributes,
    { 'otel.component.type': 'otlp_http_metric_exporter', 'http.response.status_code': 400, 'error.type': '400' });
  const rejected = points(third['otel.sdk.exporter.metric_data_point.exported']).find(([attributes]) => attributes['error.type']);
  assert.equal(rejected[0]['error.type'], 'rejected');
  assert.ok(rejected[1] >= 15);
  assert.deepEqual(world.refusals, []);
});

test('a request without an answer', async () => {
  const world = openMeters({ selfObservation: true });
  world.network.answer = (_, count) => (count === 1 ? Error('no network') : new Response(null));
  await world.next();
  await world.clock.pass(120000);
  const { 'otel.sdk.exporter.operation.duration': duration } = metricsIn(world.network.requests);
  const kinds = duration.points.map(({ attributes: { 'error.type': type, 'http.response.status_code': status } }) => [type, status]);
  assert.deepEqual(kinds[0], ['network', undefined]);
  assert.deepEqual(kinds[1], [undefined, 200]);
});

test('what comes back to the queue is not counted twice', async () => {
  const world = openMeters({ selfObservation: true, metricInterval: 1000, retryDelay: 60000 });
  const { clock, network, page } = world;
  const logs = () => network.requests.filter(({ url }) => url.endsWith('logs'));
  network.answer = ({ url }) => (url.endsWith('logs') ? undefined : new Response(null));
  logTo(world, 17, 10);
  world.hub.emitted(0, 1);
  await clock.pass(3000);
  logs()[0].respond(new Response(null, { status: 401 }));
  await clock.pass(3000);
  network.answer = () => new Response(null);
  world.enable();
  await clock.pass(3000);
  page.hide();
  const { 'otel.sdk.processor.log.processed': { points: list } } = metricsIn(network.requests);
  assert.equal(list.reduce((sum, { value }) => sum + value, 0), 10);
});

test('durations are of a clock that nobody sets', async () => {
  const world = openMeters({ selfObservation: true });
  world.network.answer = () => { world.clock.step(-5000); return new Response(null); };
  await world.next();
  const { 'otel.sdk.exporter.operation.duration': { points: [point] } } = await world.next();
  assert.deepEqual([point.count, point.sum, point.negative], [1, 0, undefined]);
});
