// Checks that every implementation did the work: the body of what was collected
// after one batch must have all series with their values.
import { isDeepStrictEqual } from 'node:util';
import { contains, decoder, isRecent, object } from '../lib/otlp.mjs';
import { INSTRUMENTS, RESOURCE, SCOPE, items } from './data.mjs';

const decode = decoder('metrics');

/** Which are measured in a case: those before the first `_`. */
const MEASURED = { add: ['counter'], record: ['histogram'], gauge: ['gauge'], collect: ['counter', 'histogram'] };

const DELTA = 1;
const BOUNDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

/** What a point of each must be after one measurement, times aside. */
const WANTED = {
  counter: ({ count }) => ({ asDouble: count }),
  gauge: ({ duration }) => ({ asDouble: duration }),
  histogram: ({ duration }) => {
    const place = BOUNDS.findIndex((bound) => duration <= bound);
    const bucketCounts = Array(BOUNDS.length + 1).fill('0');
    bucketCounts.splice(place < 0 ? BOUNDS.length : place, 1, '1');
    return { count: '1', sum: duration, min: duration, max: duration, explicitBounds: BOUNDS, bucketCounts };
  },
};

const KINDS = { counter: 'sum', histogram: 'histogram', gauge: 'gauge' };

function checkMetric(refuse, kind, metric) {
  const [, { unit, description }] = INSTRUMENTS[kind];
  const data = metric[KINDS[kind]];
  if (!data || metric.unit !== unit || metric.description !== description) refuse(`another ${kind}`);
  if (kind !== 'gauge' && data.aggregationTemporality !== DELTA) refuse('not delta');
  if (kind === 'counter' && !data.isMonotonic) refuse('not monotonic');
  const key = (attributes) => JSON.stringify(Object.entries(attributes).sort());
  const found = new Map(data.dataPoints.map((point) => [key(object(point.attributes)), point]));
  const list = items();
  if (data.dataPoints.length !== list.length) refuse(`${data.dataPoints.length} points of ${kind}`);
  for (const item of list) {
    const point = found.get(key(item.attributes));
    const wanted = WANTED[kind](item);
    const wrong = Object.keys(wanted).find((name) => !isDeepStrictEqual(point?.[name], wanted[name]));
    if (wrong) refuse(`${wrong} of ${kind} ${key(item.attributes)} is ${JSON.stringify(point?.[wrong])}`);
    if (!isRecent(point.timeUnixNano)) refuse('wrong times');
  }
}

/** One metric, whose points may have been sent in several parts. */
function whole(parts, kind) {
  const points = parts.flatMap((metric) => metric[KINDS[kind]]?.dataPoints ?? []);
  return { ...parts[0], [KINDS[kind]]: { ...parts[0]?.[KINDS[kind]], dataPoints: points } };
}

function check(refuse, measured, body) {
  const { resourceMetrics } = decode(body);
  const scopes = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics);
  if (!resourceMetrics.every(({ resource }) => contains(object(resource.attributes), RESOURCE))) refuse('another resource');
  if (!scopes.every(({ scope }) => contains(scope, SCOPE))) refuse('another scope');
  const metrics = scopes.flatMap((scope) => scope.metrics);
  for (const kind of measured) {
    const parts = metrics.filter(({ name }) => name === INSTRUMENTS[kind][0]);
    checkMetric(refuse, kind, whole(parts, kind));
  }
}

/** Throws unless it is what was asked for. @param {string} impl @param {string} name @param {Buffer} body */
export function verify(impl, name, body) {
  check((what) => { throw new Error(`${impl} ${name}: ${what}`); }, MEASURED[name.split('_')[0]], body);
}
