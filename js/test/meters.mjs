// Meters over the real core, recorder and driver, in the page of fakes.
import { Requests } from '../../proto/otlp.mjs';
import { drive } from '../src/driver.js';
import { createMeters } from '../src/metrics.js';
import { instantiate, start } from '../src/module.js';
import { adopt, defaults } from '../src/options.js';
import { createRecorder } from '../src/record.js';
import { observe } from '../self.js';
import { views as viewsFrom } from '../views.js';
import { MODULE, open } from './harness.mjs';

const METRICS = 2;

/** What stands for an object of `create`: the same parts, and nothing but metrics. */
export function openMeters({ views, later = false, selfObservation, ...options } = {}) {
  const { clock, page, network } = open({ endpoint: undefined });
  const { now, monotonic, setTimeout, clearTimeout } = clock;
  const { fetch } = network;
  const settings = defaults();
  adopt(settings, {
    endpoint: 'https://otlp.example', token: 'x', now, monotonic, setTimeout, clearTimeout, fetch, random: () => 0.5,
    document: page, window: page.window, navigator: {}, ...options,
  });
  const kept = [];
  const world = { clock, page, network, refusals: [], troubles: [], span: undefined, closed: false, busy: false };
  let core;
  let recorder;
  let driver;
  const hub = {
    settings,
    enabled: (signal) => signal === METRICS && !world.closed,
    refuse: (why) => { world.refusals.push(`${why}`); },
    report: (code, text, why) => { world.troubles.push(`${code}: ${text}${why}`); },
    active: () => world.span,
    core: () => core,
    scope: (scope) => recorder.scope(scope),
    emitted: (signal, result) => driver.emitted(signal, result),
    perform(call) {
      if (!core || world.busy) {
        kept.push(call);
        return;
      }
      try {
        call();
      } catch (problem) {
        hub.refuse(problem);
      }
    },
    series(instrument, attributes) {
      world.busy = true;
      const handle = recorder.series(settings.now(), instrument, attributes);
      world.busy = false;
      if (handle < 0) hub.refuse(`status ${handle}`);
      return handle;
    },
  };
  const meters = createMeters(hub, viewsFrom(views));
  hub.collect = meters.collect;
  if (selfObservation) observe(hub, meters.meter);

  world.start = () => {
    core = start(instantiate(MODULE), settings);
    recorder = createRecorder(core);
    driver = drive(core, hub);
    world.replay();
  };
  world.replay = () => { for (const call of kept.splice(0)) hub.perform(call); };
  world.enable = () => driver.enable();
  world.kept = kept;
  world.hub = hub;
  world.meter = meters.meter({ name: 'test', version: '1' });
  world.meterOf = (name, version = '') => meters.meter({ name, version });
  world.collect = meters.collect;
  world.ledger = () => core.ledger(METRICS);
  world.core = () => core;
  /** Goes on to the next collection, and what it sent by name of the metric. */
  world.next = async () => {
    const sent = network.requests.length;
    await driver.flush();
    return metricsIn(network.requests.slice(sent));
  };
  world.close = async () => {
    const sent = network.requests.length;
    world.closed = true;
    await driver.close();
    return metricsIn(network.requests.slice(sent));
  };
  if (!later) world.start();
  return world;
}

const valueOf = (value) => {
  const [kind] = Object.keys(value ?? {});
  if (kind === 'arrayValue') return value.arrayValue.values.map(valueOf);
  return kind === 'intValue' ? Number(value.intValue) : value?.[kind];
};
const numbersOf = (list) => list?.map(Number);

/** A point with attributes and numbers as JavaScript has them. */
function pointOf({ attributes = [], exemplars = [], count, bucketCounts, asInt, asDouble, positive, zeroCount, ...point }) {
  return {
    ...point,
    attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)])),
    exemplars,
    ...(count !== undefined && { count: Number(count) }),
    ...(zeroCount !== undefined && { zeroCount: Number(zeroCount) }),
    ...(positive && { positive: { ...positive, bucketCounts: numbersOf(positive.bucketCounts) } }),
    ...(bucketCounts && { bucketCounts: numbersOf(bucketCounts) }),
    ...(asInt !== undefined && { value: Number(asInt), integer: true }),
    ...(asDouble !== undefined && { value: asDouble }),
  };
}

/** Metrics by name: their kind, temporality, scope and points. */
export function metricsIn(requests) {
  const found = {};
  for (const { sent } of requests.filter(({ url }) => url.endsWith('/v1/metrics'))) {
    const { resourceMetrics } = Requests.metrics.toObject(Requests.metrics.decode(sent), { longs: String });
    for (const { scopeMetrics } of resourceMetrics) {
      for (const { scope, metrics } of scopeMetrics) {
        for (const { name, description, unit, ...data } of metrics) {
          const [kind] = Object.keys(data);
          const { dataPoints, aggregationTemporality, isMonotonic } = data[kind];
          const metric = found[name] ??= { kind, description, unit, scope, aggregationTemporality, isMonotonic, points: [] };
          metric.points.push(...dataPoints.map(pointOf));
        }
      }
    }
  }
  return found;
}

/** The value of the only point. */
export function single(metric) {
  if (metric?.points.length !== 1) throw new Error(`not one point: ${JSON.stringify(metric)}`);
  return metric.points[0].value;
}

/** Values by what the attribute is. */
export const by = (metric, key) => Object.fromEntries((metric?.points ?? []).map(({ attributes, value }) => [attributes[key], value]));
