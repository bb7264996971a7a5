// A worker that runs a posted table and answers what came of it.
import wasm from './sonde-edge.wasm';
import { runTable } from './runner.mjs';
import { createVerifier } from './signed.js';

export default {
  /** @param {Request} request */
  async fetch(request) {
    if (request.method !== 'POST') return new Response('ready');
    return Response.json(runTable(createVerifier, wasm, await request.json()));
  },
};
