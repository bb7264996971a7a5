// Times implementations of the same work, after one body of each has been kept
// to be checked outside; runs in Node and in a page alike.
import { consumed, measure } from './rounds.mjs';

const nothing = async () => {};

/** @param {string | Uint8Array} body */
function text64(body) {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/**
 * @typedef {object} Row
 * @property {string} case those that end with `body` make bodies
 * @property {string} impl
 * @property {() => Promise<void>} [prepare] untimed, before each batch
 * @property {() => {length: number}} [batch]
 * @property {() => Promise<{length: number}>} [later] in place of `batch`
 * @property {() => Promise<Uint8Array>} [proof] a body that shows what one batch does
 * @property {number} [items] of a batch
 */

/** @param {Row[]} rows */
async function proofs(rows) {
  const list = [];
  for (const { case: name, impl, prepare = nothing, batch, later = batch, proof = later } of rows) {
    await prepare();
    const body = await proof();
    if (name.endsWith('body') || proof !== later) list.push({ case: name, impl, body: text64(body) });
  }
  return list;
}

/**
 * @param {Row[]} rows
 * @param {number} items of a batch that does not tell
 * @param {number} rounds
 * @returns {Promise<{times: object[], proofs: object[]}>}
 */
export async function compare(rows, items, rounds) {
  const checked = await proofs(rows);
  const cases = rows.map(({ prepare = nothing, batch, later, items: own = items }) => ({
    items: own,
    prepare,
    run: () => batch().length,
    later: later && (async () => (await later()).length),
  }));
  const measured = await measure(cases, { rounds, target: 40, warmup: 400 });
  if (!(consumed() > 0)) throw new Error('nothing was measured');
  const times = rows.map(({ case: name, impl }, i) => ({ case: name, impl, ...measured[i] }));
  return { times, proofs: checked };
}
