// The spans of the benchmark: the same 256 on every host and in every run, but
// for ids and times. Whoever uses them gets the identical objects.
import { OTHERS, WORDS, flat, generator, pick } from '../lib/random.mjs';

export const COUNT = 256;

export const RESOURCE = {
  'service.name': 'bench',
  'service.version': '1.4.2',
  'deployment.environment.name': 'test',
};

export const SCOPE = { name: 'app.checkout', version: '2.1.0' };

/** A root, and so many less one below it. */
const TREE = 4;

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const PLANS = ['free', 'basic', 'business', 'enterprise'];

const words = (random, count) => flat(Array.from({ length: count }, () => pick(random, WORDS)).join(' '));
const hex = (random, count) => flat(Array.from({ length: count }, () => random(16).toString(16)).join(''));

function address(random) {
  const last = random(10) === 0 ? pick(random, OTHERS) : pick(random, WORDS);
  return flat(`https://shop.example/${pick(random, WORDS)}/${random(1e6)}?q=${last}`);
}

/** With its start. No maps: OTel JS 2 drops them, and arrays of mixed types. */
const first = (random) => ({
  'http.request.method': pick(random, METHODS),
  'url.full': address(random),
  'app.user.id': random(1e6),
  'app.plan': pick(random, PLANS),
});

/** While it goes on: two one by one, then two at once. */
const later = (random) => [
  ['http.response.status_code', 200 + random(400)],
  ['app.duration', random(1e6) / 997 + 0.125],
];
const last = (random) => ({
  'app.cached': random(2) === 1,
  'app.tags': [pick(random, WORDS), pick(random, WORDS), pick(random, WORDS)],
});

const event = (random) => ({
  name: words(random, 2),
  attributes: { 'app.step': pick(random, WORDS), 'app.count': random(5000) },
});

const link = (random) => ({
  context: { traceId: hex(random, 32), spanId: hex(random, 16), traceFlags: 1 },
  attributes: { 'app.reason': pick(random, WORDS) },
});

/**
 * @typedef {object} Item
 * @property {boolean} root without a parent; others have the root before them
 * @property {string} name
 * @property {number} kind as in the API
 * @property {Record<string, any>} first four attributes
 * @property {[string, any][]} later two
 * @property {Record<string, any>} last two
 * @property {{name: string, attributes: Record<string, any>}[]} events two
 * @property {{context: object, attributes: Record<string, any>}[]} links one
 */

/** @returns {Item[]} */
export function items() {
  const random = generator(20261122);
  return Array.from({ length: COUNT }, (_, i) => ({
    root: i % TREE === 0,
    name: words(random, 2),
    kind: i % TREE === 0 ? 1 : 2,
    first: first(random),
    later: later(random),
    last: last(random),
    events: [event(random), event(random)],
    links: [link(random)],
  }));
}
