// The records of the boundary benchmark: always the same ones.
import { OTHERS, WORDS, flat, generator, pick } from '../lib/random.mjs';

/** A text of about `length` characters; a tenth is not ASCII if `mixed`. */
function text(random, length, mixed) {
  let result = '';
  while (result.length < length) result += `${pick(random, WORDS)} `;
  result = result.slice(0, length);
  if (mixed && random(10) === 0) result = pick(random, OTHERS) + result;
  return flat(result);
}

/** As in the bench of logs: string, int, double, bool, array, nested map. */
function six(random, mixed) {
  return {
    'http.request.method': text(random, 4, mixed),
    'http.response.status_code': 200 + random(400),
    'app.duration': random(1e6) / 997,
    'app.cached': random(2) === 1,
    'app.tags': [text(random, 6, mixed), text(random, 9, mixed)],
    'app.user': { id: random(1e6), plan: { name: text(random, 7, mixed) } },
  };
}

function twelve(random, mixed) {
  return {
    'http.request.method': text(random, 4, mixed),
    'url.full': text(random, 48, mixed),
    'url.path': text(random, 20, mixed),
    'user_agent.original': text(random, 90, mixed),
    'http.response.status_code': 200 + random(400),
    'http.request.body.size': random(1e5),
    'app.duration': random(1e6) / 997,
    'app.ratio': random(1e6) / 1e6,
    'app.cached': random(2) === 1,
    'app.route': text(random, 16, mixed),
    'enduser.id': text(random, 12, mixed),
    'session.id': text(random, 32, mixed),
  };
}

/**
 * @param {6 | 12} attributes
 * @param {boolean} mixed whether a tenth of the strings is not ASCII
 */
export function records(attributes, mixed, count = 64) {
  const random = generator(20261121 + attributes);
  const make = attributes === 6 ? six : twelve;
  return Array.from({ length: count }, () => ({
    body: text(random, 80 + random(120), mixed),
    attributes: make(random, mixed),
  }));
}
