/**
 * The memory of sonde-edge.wasm as far as signed identity goes: texts in, texts
 * out. No other file of this folder touches it; `src/wasm/README.md` in the
 * repository is the manual of the calls.
 *
 * Memory does not grow after `signed_start`, so that the views stay valid.
 */

const encoder = new TextEncoder();
/** A byte order mark is a character of a user's id like any other. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Up to this many characters a loop beats encodeInto and TextDecoder. */
const SHORT = 128;

/** @typedef {ReturnType<typeof openMemory>} Memory */

/**
 * @param {WebAssembly.Memory} memory
 * @param {number} table address of the four words that signed_start returns
 */
export function openMemory({ buffer }, table) {
  const [input, inputSize, out, outSize] = new Uint32Array(buffer, table, 4);
  const bytes = new Uint8Array(buffer, input, inputSize);
  const result = new Uint8Array(buffer, out, outSize);

  /**
   * Bytes of `text` that were put into `in` from `at` on; -1 if not all fitted.
   * The rest of it is left out when `enough` bytes are there.
   *
   * @param {string} text
   * @param {number} [at]
   * @param {number} [enough]
   */
  function put(text, at = 0, enough = inputSize) {
    const { read, written } = encoder.encodeInto(text, bytes.subarray(at, at + enough + 3));
    return read === text.length || written >= enough ? written : -1;
  }

  /**
   * Puts a token at the start of `in`. Returns its length; -1 if it cannot be a
   * token, because it is longer than `most` or not ASCII.
   *
   * @param {string} token
   * @param {number} most
   */
  function putToken(token, most) {
    const size = token.length;
    if (size > most || size > inputSize) return -1;
    if (size > SHORT) return put(token) === size ? size : -1;
    let all = 0;
    for (let i = 0; i < size; i++) {
      const code = token.charCodeAt(i);
      all |= code;
      bytes[i] = code;
    }
    return all < 128 ? size : -1;
  }

  /**
   * The text of this size in `out`, which is wiped as far as it is read.
   *
   * @param {number} size
   * @param {number} [from]
   */
  function take(size, from = 0) {
    if (from > 0 || size > SHORT) return decode(from, size);
    let text = '';
    for (let i = 0; i < size; i++) {
      const code = result[i];
      if (code > 127) return decode(0, size);
      text += String.fromCharCode(code);
    }
    result.fill(0, 0, size);
    return text;
  }

  /** @param {number} from @param {number} size */
  function decode(from, size) {
    const text = decoder.decode(result.subarray(from, from + size));
    result.fill(0, 0, from + size);
    return text;
  }

  return {
    put,
    putToken,
    take,
    bytes,
    words: new Uint32Array(buffer, input, inputSize >>> 2),
    doubles: new Float64Array(buffer, input, inputSize >>> 3),
    outWords: new Uint32Array(buffer, out, 2),
    outDouble: new Float64Array(buffer, out, 1),
  };
}
