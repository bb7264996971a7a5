// Measures signed identity; runs in Node and in a page alike.
import { consumed, measure } from '../lib/rounds.mjs';
import { ids } from './data.mjs';
import { peers } from './peers.mjs';
import { sonde, start } from './sonde.mjs';

/** What a row's batch gives, once, to be checked outside. */
async function proof({ case: name, impl, batch, later }) {
  return { case: name, impl, results: await (later ?? batch)() };
}

/** All repetitions of a batch, as the rounds want them. */
function caseOf({ items, batch, later }) {
  const run = (repeat) => {
    let total = 0;
    for (let i = 0; i < repeat; i++) total += batch().length;
    return total;
  };
  if (!later) return { items, run };
  return {
    items,
    async later(repeat) {
      let total = 0;
      for (let i = 0; i < repeat; i++) total += (await later()).length;
      return total;
    },
  };
}

/**
 * @param {{rounds: number, sonde: {script: string, wasm: string}}} options
 * @returns {Promise<{times: object[], proofs: object[]}>}
 */
export async function run({ rounds, sonde: where }) {
  const verifier = await start(where);
  const tokens = ids().map((id) => verifier.mintIdentity(id));
  const rows = [...sonde(verifier, tokens), ...(await peers(tokens))];
  const proofs = [];
  for (const row of rows) proofs.push(await proof(row));
  const measured = await measure(rows.map(caseOf), { rounds, target: 30, warmup: 300 });
  if (!(consumed() > 0)) throw new Error('nothing was measured');
  const times = rows.map(({ case: name, impl }, i) => ({ case: name, impl, ...measured[i] }));
  return { times, proofs };
}
