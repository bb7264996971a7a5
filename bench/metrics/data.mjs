// What the benchmark measures: the same 1,000 series on every host and in every
// run. Whoever uses them gets the identical objects.
import { WORDS, flat, generator, pick } from '../lib/random.mjs';

export const COUNT = 1000;

export const RESOURCE = {
  'service.name': 'bench',
  'service.version': '1.4.2',
  'deployment.environment.name': 'test',
};

export const SCOPE = { name: 'app.checkout', version: '2.1.0' };

/** Name, and options for those who make them. */
export const INSTRUMENTS = {
  counter: ['app.requests', { unit: '{request}', description: 'Requests that were answered' }],
  histogram: ['app.duration', { unit: 'ms', description: 'How long they took' }],
  gauge: ['app.load', { unit: '1', description: 'The last load' }],
};

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const STATUSES = [200, 204, 404, 422, 500];
const ROUTES = COUNT / METHODS.length / STATUSES.length;

/**
 * @typedef {object} Item one measurement of each series
 * @property {string} route
 * @property {string} method
 * @property {number} status
 * @property {Record<string, any>} attributes the three of them, in an object that stays
 * @property {number} count
 * @property {number} duration for all buckets
 */

/** @returns {Item[]} in no order */
export function items() {
  const random = generator(20261123);
  const routes = Array.from({ length: ROUTES }, (_, i) => flat(`/${pick(random, WORDS)}/${pick(random, WORDS)}/${i}`));
  const list = Array.from({ length: COUNT }, (_, i) => {
    const method = METHODS[i % METHODS.length];
    const status = STATUSES[Math.floor(i / METHODS.length) % STATUSES.length];
    const route = routes[Math.floor(i / METHODS.length / STATUSES.length)];
    const attributes = { 'http.route': route, 'http.request.method': method, 'http.response.status_code': status };
    return { route, method, status, attributes, count: 1 + random(9), duration: random(1.2e7) / 997 };
  });
  for (let i = COUNT; --i > 0;) {
    const other = random(i + 1);
    [list[i], list[other]] = [list[other], list[i]];
  }
  return list;
}
