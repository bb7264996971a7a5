/**
 * The wasm module: how it is loaded, and its memory. No other file touches
 * memory; `src/wasm/README.md` in the repository is the manual of the calls.
 */
import { ERR_TOO_LARGE, HEADER_WORDS, NODE_WORDS } from '../generated/layout.js';

const NO_BYTES = new Uint8Array();

/**
 * Synchronously where the engine allows it, so that nothing logged waits.
 * Engines refuse big modules on the main thread; a promise is the way then.
 *
 * @param {unknown} source WebAssembly.Module, Response, bytes, or a promise of
 *   one of these
 * @returns {WebAssembly.Instance | Promise<WebAssembly.Instance>}
 */
export function load(source) {
  if (source instanceof WebAssembly.Module) {
    return now(() => new WebAssembly.Instance(source), () => WebAssembly.instantiate(source));
  }
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    const bytes = /** @type {BufferSource} */ (source);
    return now(() => load(new WebAssembly.Module(bytes)),
      () => WebAssembly.compile(bytes).then(load));
  }
  return fetched(/** @type {any} */ (source));
}

/**
 * @template T
 * @param {() => T} first
 * @param {() => Promise<T>} second
 */
function now(first, second) {
  try {
    return first();
  } catch {
    return second();
  }
}

/** @param {any} promise */
async function fetched(promise) {
  const source = await promise;
  if (typeof source?.arrayBuffer !== 'function') return load(checked(source));
  if (!source.ok) throw new Error(`the request for it was answered with ${source.status}`);
  return load(await source.arrayBuffer());
}

/** @param {unknown} source */
function checked(source) {
  if (isModule(source)) return source;
  throw new TypeError('give a WebAssembly.Module, a Response or bytes');
}

/** @param {unknown} source */
export function isModule(source) {
  return source instanceof WebAssembly.Module || source instanceof ArrayBuffer
    || ArrayBuffer.isView(source);
}

/**
 * @typedef {object} CoreBase
 * @property {any} wasm the exports
 * @property {number} textSize bytes
 * @property {Int32Array} words
 * @property {Float64Array} doubles the same memory as `words`
 *
 * @typedef {CoreBase & ReturnType<typeof writers> & ReturnType<typeof readers>} Core
 */

/**
 * Sets the options and starts the one context of this instance. Memory does
 * not grow after that, so the views made here stay valid.
 *
 * @param {WebAssembly.Instance} instance
 * @param {number[]} options values by option id
 * @param {number} time
 * @param {number} seed
 * @returns {Core}
 */
export function start(instance, options, time, seed) {
  const wasm = /** @type {any} */ (instance.exports);
  options.forEach((value, id) => must(wasm.wasm_option(id, value)));
  const at = must(wasm.wasm_start(time, seed));
  const { buffer } = wasm.memory;
  const [text, textSize, words, nodes, out, outSize] = new Uint32Array(buffer, at, 6);
  const count = HEADER_WORDS + nodes * NODE_WORDS;
  const bytes = new Uint8Array(buffer, text, textSize);
  return {
    wasm,
    textSize,
    words: new Int32Array(buffer, words, count),
    doubles: new Float64Array(buffer, words, count / 2),
    ...writers(wasm, bytes),
    ...readers(wasm, new DataView(buffer, out, outSize)),
  };
}

/** @param {number} status */
function must(status) {
  if (status < 0) throw new Error(`the module refused its options with status ${status}: use the module of this version`);
  return status;
}

/**
 * @param {any} wasm
 * @param {Uint8Array} bytes the region `text`
 */
function writers(wasm, bytes) {
  const encoder = new TextEncoder();

  /** Bytes written, or a status. @param {string} text */
  function put(text) {
    const { read, written } = encoder.encodeInto(text, bytes);
    return read === text.length ? written : ERR_TOO_LARGE;
  }

  return {
    put,
    /** @param {string} key */
    key: (key) => wasm.wasm_key(put(key)),
    /** @param {string} name @param {string} version */
    scope(name, version) {
      const size = put(name + version);
      const head = encoder.encode(name).length;
      return size < 0 ? size : wasm.wasm_scope(head, size - head);
    },
    /**
     * @param {number} time
     * @param {number} id
     * @param {number} status
     * @param {number} retryAfter ms, or -1
     * @param {Uint8Array} body
     */
    done(time, id, status, retryAfter = -1, body = NO_BYTES) {
      const kept = body.subarray(0, bytes.length);
      bytes.set(kept);
      return wasm.wasm_done(time, id, status, retryAfter, kept.length);
    },
  };
}

/**
 * @param {any} wasm
 * @param {DataView} out the region `out`
 */
function readers(wasm, out) {
  const { buffer, byteOffset } = out;

  /** A word of `out`. @param {number} index */
  const word = (index) => out.getUint32(index * 4, true);

  return {
    /** The time that WAIT means. */
    until: () => out.getFloat64(0, true),

    /** What SEND means; the body is a copy. */
    request: () => ({
      id: word(2),
      body: new Uint8Array(buffer, word(3), word(4)).slice(),
      json: word(5) === 1,
      queued: word(7),
    }),

    /** What the server said. */
    message: () => ({
      text: new TextDecoder().decode(new Uint8Array(buffer, byteOffset + 8, word(0)).slice()),
      rejected: word(1),
    }),

    /** Of `drops` there are seven for each reason, by severity. */
    ledger() {
      const count = wasm.wasm_stats();
      const [accepted, delivered, queued, inFlight, , replaced, badResponses, requests, state,
        ...drops] = new Float64Array(buffer, byteOffset, count);
      return {
        accepted, delivered, queued, inFlight, replaced, badResponses, requests, state, drops,
      };
    },
  };
}
