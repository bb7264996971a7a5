/**
 * The wasm module: how it is loaded, and its memory. No other file touches
 * memory; `src/wasm/README.md` in the repository is the manual of the calls.
 */
import { ERR_TOO_LARGE, HEADER_WORDS, NODE_WORDS, OPTIONS } from '../generated/layout.js';

/** Throws where the engine does not allow it. @param {any} source WebAssembly.Module or bytes */
export function instantiate(source) {
  const { Instance, Module } = WebAssembly;
  return new Instance(source instanceof Module ? source : new Module(source));
}

/**
 * @param {any} source WebAssembly.Module, Response, bytes, or a promise of one
 * @returns {Promise<WebAssembly.Instance>}
 */
export async function instantiateLater(source) {
  const it = await source;
  if (it.ok === false) throw it.status;
  const made = await WebAssembly.instantiate(await it.arrayBuffer?.() ?? it);
  return made.instance ?? made;
}

/** @typedef {ReturnType<typeof start>} Core */

/**
 * Sets the options and starts the one context of this instance. Memory does
 * not grow after that, so the views made here stay valid.
 *
 * @param {WebAssembly.Instance} instance
 * @param {any} settings options of `create`, completed; the core has the defaults of its own
 */
export function start(instance, settings) {
  const { now, random } = settings;
  const wasm = /** @type {any} */ (instance.exports);
  const results = Object.keys(OPTIONS).map((name, id) => (name in settings ? wasm.wasm_option(id, settings[name]) : 0));
  const at = wasm.wasm_start(now(), random() * 2 ** 32);
  if (Math.min(at, ...results) < 0) throw 'another version';
  const { buffer } = wasm.memory;
  const [text, textSize, words, nodes, out] = new Uint32Array(buffer, at, 5);
  const count = HEADER_WORDS + nodes * NODE_WORDS;
  const bytes = new Uint8Array(buffer, text, textSize);
  const encoder = new TextEncoder();

  /** Bytes written, or a status. @param {string} string */
  function put(string) {
    const { read, written } = encoder.encodeInto(string, bytes);
    return read === string.length ? written : ERR_TOO_LARGE;
  }

  return {
    wasm,
    put,
    textSize,
    words: new Int32Array(buffer, words, count),
    doubles: new Float64Array(buffer, words, count / 2),

    /** Id of a scope, or a status. @param {string} name @param {string} version */
    scope(name, version) {
      const size = put(name);
      return wasm.wasm_scope(size, put(name + version) - size);
    },

    /** What WAIT means: a time. */
    until: () => new Float64Array(buffer, out, 1)[0],

    /** What SEND means; the body is a copy. */
    request() {
      const [, , id, size, body] = new Uint32Array(buffer, out, 5);
      return { id, body: new Uint8Array(buffer, body, size).slice() };
    },

    /**
     * State, accepted, delivered, queued, in flight, refused, replaced, bad responses, requests, drops.
     *
     * @param {number} signal
     */
    ledger: (signal) => [...new Float64Array(buffer, out, wasm.wasm_stats(signal))],
  };
}
