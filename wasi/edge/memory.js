/**
 * The memory of sonde-edge.wasm as far as signed identity goes: texts in, texts
 * out. Beside frames.js no other file touches it; `src/wasm/README.md` in the
 * repository is the manual of the calls.
 *
 * Memory does not grow after `signed_start`, so that the views stay valid.
 */

const encoder = new TextEncoder();
/** A byte order mark is a character of a user's id like any other. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Up to so many characters a loop is used in place of encodeInto and
 * TextDecoder. In Chromium their fixed costs are 500 ns and more; in Node
 * encodeInto costs 100 ns less than the loop at 48 characters, TextDecoder 200
 * ns more at 12 and as much less at 36.
 */
const SHORT_IN = 64;
const SHORT_OUT = 32;

const { fromCharCode } = String;

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
    const whole = at === 0 && enough === inputSize; // a new view costs 150 ns
    const { read, written } = encoder.encodeInto(text, whole ? bytes : bytes.subarray(at, at + enough + 3));
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
    if (size > SHORT_IN) return put(token) === size ? size : wiped();
    let all = 0;
    for (let i = 0; i < size; i++) {
      const code = token.charCodeAt(i);
      all |= code;
      bytes[i] = code;
    }
    return all < 128 ? size : wiped();
  }

  function wiped() {
    bytes.fill(0);
    return -1;
  }

  /**
   * The text of this size in `out`, which is wiped as far as it is read.
   *
   * @param {number} size
   * @param {number} [from]
   */
  function take(size, from = 0) {
    return from > 0 || size > SHORT_OUT ? decode(from, size) : takeShort(size);
  }

  /** Four characters a step: a concatenation costs more than a character. @param {number} size */
  function takeShort(size) {
    let text = '';
    let all = 0;
    let i = 0;
    for (; i + 4 <= size; i += 4) {
      const a = result[i], b = result[i + 1], c = result[i + 2], d = result[i + 3];
      all |= a | b | c | d;
      text += fromCharCode(a, b, c, d);
    }
    for (; i < size; i++) {
      all |= result[i];
      text += fromCharCode(result[i]);
    }
    if (all > 127) return decode(0, size);
    for (i = 0; i < size; i++) result[i] = 0;
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
