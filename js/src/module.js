/**
 * The wasm module: how it is loaded, and its memory. No other file touches
 * memory; `src/wasm/README.md` in the repository is the manual of the calls.
 */
import { ERR_TOO_LARGE, HEADER_WORDS, NODE_WORDS } from '../generated/layout.js';

/**
 * Synchronous for a module or bytes where the engine allows it, so that
 * nothing logged has to wait. Engines may refuse big ones on the main thread;
 * then, and for anything else, a promise is the way.
 *
 * @param {any} source WebAssembly.Module, Response, bytes, or a promise of one
 * @returns {WebAssembly.Instance | Promise<WebAssembly.Instance>}
 */
export function load(source) {
  try {
    const { Instance, Module } = WebAssembly;
    return new Instance(source instanceof Module ? source : new Module(source));
  } catch {
    return loadLater(source);
  }
}

/** @param {any} source */
async function loadLater(source) {
  let it = await source;
  if (it.arrayBuffer) {
    if (!it.ok) throw new Error(`HTTP ${it.status}`);
    it = await it.arrayBuffer();
  }
  const made = await WebAssembly.instantiate(it);
  return made.instance ?? made;
}

/** @typedef {ReturnType<typeof start>} Core */

/**
 * Sets the options and starts the one context of this instance. Memory does
 * not grow after that, so the views made here stay valid.
 *
 * @param {WebAssembly.Instance} instance
 * @param {number[]} options values by option id
 * @param {number} time
 * @param {number} seed
 */
export function start(instance, options, time, seed) {
  const wasm = /** @type {any} */ (instance.exports);
  const results = options.map((value, id) => wasm.wasm_option(id, value));
  const at = wasm.wasm_start(time, seed);
  const least = Math.min(at, ...results);
  if (least < 0) throw new Error(`status ${least}: the module is of another version`);
  const { buffer } = wasm.memory;
  const [text, textSize, words, nodes, out] = new Uint32Array(buffer, at, 5);
  const count = HEADER_WORDS + nodes * NODE_WORDS;
  const bytes = new Uint8Array(buffer, text, textSize);
  const outWords = new Uint32Array(buffer, out, 8);
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

    /** Id of a key, or a status. @param {string} key */
    key: (key) => wasm.wasm_key(put(key)),

    /** Id of a scope, or a status. @param {string} name @param {string} version */
    scope(name, version) {
      const head = put(name);
      return wasm.wasm_scope(head, put(name + version) - head);
    },

    /** @param {number} time @param {number} id @param {number} status @param {number} retryAfter ms or -1 @param {Uint8Array} body */
    done(time, id, status, retryAfter, body) {
      const kept = body.subarray(0, textSize);
      bytes.set(kept);
      return wasm.wasm_done(time, id, status, retryAfter, kept.length);
    },

    /** What WAIT means: a time. */
    until: () => new Float64Array(buffer, out, 1)[0],

    /** What SEND means; the body is a copy. */
    request() {
      const [, , id, address, size, json, , queued] = outWords;
      return { id, body: new Uint8Array(buffer, address, size).slice(), json, queued };
    },

    /** What the server said. */
    message: () => ({
      text: new TextDecoder().decode(new Uint8Array(buffer, out + 8, outWords[0]).slice()),
      rejected: outWords[1],
    }),

    /** The ledger; of `drops` there are seven for each reason, by severity. */
    ledger() {
      const count = wasm.wasm_stats();
      const [
        accepted, delivered, queued, inFlight, , replaced, badResponses, requests, state, ...drops
      ] = new Float64Array(buffer, out, count);
      return {
        accepted, delivered, queued, inFlight, replaced, badResponses, requests, state, drops,
      };
    },
  };
}
