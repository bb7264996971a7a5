// Measures logs; runs in Node and in a page alike.
import { consumed, measure } from '../lib/rounds.mjs';
import { COUNT, items } from './data.mjs';
import { peers } from './peers.mjs';
import { sonde } from './sonde.mjs';

const nothing = async () => {};

function text64(body) {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** One body of each implementation that makes bodies, to be checked outside. */
async function proofs(rows) {
  const list = [];
  for (const { case: name, impl, prepare = nothing, batch } of rows) {
    await prepare();
    const body = batch();
    if (name.endsWith('body')) list.push({ case: name, impl, body: text64(body) });
  }
  return list;
}

/**
 * @param {{rounds: number, sonde?: {script: string, wasm: string}}} options
 * @returns {Promise<{times: object[], proofs: object[]}>}
 */
export async function run(options) {
  const list = items();
  const rows = options.sonde ? await sonde(list, options.sonde) : [];
  rows.push(...peers(list));
  const checked = await proofs(rows);
  const cases = rows.map(({ prepare = nothing, batch }) => ({
    items: COUNT,
    prepare,
    run: () => batch().length,
  }));
  const measured = await measure(cases, { rounds: options.rounds, target: 40, warmup: 400 });
  if (!(consumed() > 0)) throw new Error('nothing was measured');
  const times = rows.map(({ case: name, impl }, i) => ({ case: name, impl, ...measured[i] }));
  return { times, proofs: checked };
}
