// Measures metrics; runs in Node and in a page alike.
import { compare } from '../lib/compare.mjs';
import { COUNT, items } from './data.mjs';
import { peers } from './peers.mjs';
import { sonde } from './sonde.mjs';

/** @param {{rounds: number, sonde: {script: string, wasm: string, adapter?: string}}} options */
export async function run(options) {
  const list = items();
  return compare([...await sonde(list, options.sonde), ...peers(list)], COUNT, options.rounds);
}
