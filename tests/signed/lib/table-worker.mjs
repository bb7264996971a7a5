// A worker that runs the posted lines of tests/vectors/signed.jsonl on the raw
// exports of the module.
import { SignedHost } from './host.mjs';
import wasm from './sonde-edge.wasm';
import { readTable, runTable } from './table.mjs';

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { lines, options, names } = await request.json();
    return Response.json(runTable(readTable(lines), new SignedHost(wasm, options), (number) => names[number]));
  },
};
