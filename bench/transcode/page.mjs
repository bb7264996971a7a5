// Measures transcoding; runs in Node and in a page alike.
import { consumed, measure } from '../lib/rounds.mjs';
import { SIZES, requestOf } from './data.mjs';
import { peersOf } from './peers.mjs';

async function start({ script, wasm }) {
  const { createTranscoder } = await import(script);
  const bytes = Uint8Array.from(atob(wasm), (char) => char.charCodeAt(0));
  return createTranscoder({ module: await WebAssembly.compile(bytes), maxInput: 1 << 21 });
}

function rowsOf(sonde, peers, signal, size) {
  const { count, json } = requestOf(signal, SIZES[size]);
  const { body: protobuf } = sonde.transcode(json, { signal, to: 'protobuf' });
  const row = (name, impl, input, run) => ({ case: `${signal} ${name}`, size, impl, records: count, bytes: input.length, input, transcode: run });
  const rows = [row('to_protobuf', 'sonde', json, (it) => sonde.transcode(it, { signal, from: 'json', to: 'protobuf' }).body)];
  for (const [impl, run] of Object.entries(peers.to_protobuf(signal))) rows.push(row('to_protobuf', impl, json, run));
  rows.push(row('to_json', 'sonde', protobuf, (it) => sonde.transcode(it, { signal, from: 'protobuf', to: 'json' }).body));
  for (const [impl, run] of Object.entries(peers.to_json(signal))) rows.push(row('to_json', impl, protobuf, run));
  rows.push(row('check', 'sonde', json, (it) => ({ length: sonde.check(it, { signal }).records })));
  return rows;
}

const caseOf = ({ input, transcode }) => ({
  items: 1,
  run(repeat) {
    let total = 0;
    for (let i = 0; i < repeat; i++) total += transcode(input).length;
    return total;
  },
});

const plainOf = (bytes) => Array.from(bytes.subarray?.(0, 200_000) ?? []);

/**
 * @param {{rounds: number, sonde: {script: string, wasm: string}, schema: string}} options `schema`: the text of proto/otlp.proto
 * @returns {Promise<{times: object[], proofs: object[]}>}
 */
export async function run({ rounds, sonde: where, schema }) {
  const sonde = await start(where);
  const peers = peersOf(schema);
  const rows = ['logs', 'traces'].flatMap((signal) => Object.keys(SIZES).flatMap((size) => rowsOf(sonde, peers, signal, size)));
  const proofs = rows.filter(({ size }) => size === '64 KiB').map(({ case: name, impl, records, input, transcode }) => ({ case: name, impl, records, input: plainOf(input), output: plainOf(transcode(input)) }));
  const measured = await measure(rows.map(caseOf), { rounds, target: 40, warmup: 300 });
  if (!(consumed() > 0)) throw new Error('nothing was measured');
  const times = rows.map(({ case: name, size, impl, records, bytes }, i) => ({ case: name, size, impl, records, bytes, ...measured[i] }));
  return { times, proofs };
}
