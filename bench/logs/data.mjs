// The log records of the benchmark: the same 256 on every host and in every
// run. Whoever uses them gets the identical objects.
import { OTHERS, WORDS, flat, generator, pick } from '../lib/random.mjs';

export const COUNT = 256;

export const RESOURCE = {
  'service.name': 'bench',
  'service.version': '1.4.2',
  'deployment.environment.name': 'test',
};

export const SCOPES = [
  { name: 'app.checkout', version: '2.1.0' },
  { name: 'app.catalogue', version: '2.1.0' },
  { name: 'lib.http', version: '0.9.3' },
  { name: 'lib.router', version: '5.0.0' },
];

/** No ERROR: that would make a request due in the middle of the timing. */
export const LEVELS = [
  { method: 'debug', number: 5, text: 'DEBUG' },
  { method: 'info', number: 9, text: 'INFO' },
  { method: 'info', number: 9, text: 'INFO' },
  { method: 'warn', number: 13, text: 'WARN' },
];

const PLANS = ['free', 'basic', 'business', 'enterprise'];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const STACK_SIZE = 1500;

/** 80 to 200 characters, in one of ten with some that are not ASCII. */
function sentence(random) {
  const length = 80 + random(121);
  const mixed = random(10) === 0;
  let text = mixed ? `${pick(random, OTHERS)} ` : '';
  while (text.length < length)
    text += `${mixed && random(8) === 0 ? pick(random, OTHERS) : pick(random, WORDS)} `;
  return flat(Array.from(text).slice(0, length).join(''));
}

function stack(random) {
  let text = 'TypeError: Cannot read properties of undefined';
  while (text.length < STACK_SIZE) {
    const place = `${pick(random, WORDS)}.js:${random(4000)}:${random(90)}`;
    const name = `${pick(random, WORDS)}.${pick(random, WORDS)}`;
    text += `\n    at ${name} (https://shop.example/assets/${place})`;
  }
  return flat(text.slice(0, STACK_SIZE));
}

function attributes(random) {
  return {
    'http.request.method': pick(random, METHODS),
    'http.response.status_code': 200 + random(400),
    'app.duration': random(1e6) / 997 + 0.125,
    'app.cached': random(2) === 1,
    'app.tags': [pick(random, WORDS), pick(random, WORDS), random(100)],
    'app.user': {
      id: random(1e6),
      plan: { name: pick(random, PLANS), trial: random(2) === 1 },
    },
  };
}

function exception(random) {
  return {
    'exception.type': 'TypeError',
    'exception.message': 'Cannot read properties of undefined',
    'exception.stacktrace': stack(random),
  };
}

/**
 * @typedef {object} Item
 * @property {number} scope index of SCOPES
 * @property {{method: string, number: number, text: string}} level
 * @property {string} body
 * @property {Record<string, any>} attributes six, and three more in one of ten
 */

/** @returns {Item[]} */
export function items() {
  const random = generator(20261121);
  return Array.from({ length: COUNT }, (_, i) => {
    const level = pick(random, LEVELS);
    const body = sentence(random);
    const six = attributes(random);
    const rest = i % 10 === 7 ? exception(random) : undefined;
    return { scope: i % SCOPES.length, level, body, attributes: { ...six, ...rest } };
  });
}
