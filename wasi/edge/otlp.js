/**
 * OTLP requests of others, by sonde-edge.wasm: checked, counted, limited, and
 * written anew in either encoding. otlp.d.ts is the manual; `src/sonde_otlp.h`
 * says what the module does.
 */
import { COUNTS, LIMITS, OFFSET_WORD, PATH_WORD, WHAT_WORD } from '../../js/generated/otlp.js';
import { failure, nameOf, shown } from './errors.js';

/** In the order of their numbers. */
const SIGNALS = ['logs', 'traces', 'metrics'];
const ENCODINGS = ['protobuf', 'json'];
const ANY = -1;
const FLAG_CHECK = 1;
const BRACE = 123;
/** Four times as much is the memory of an instance, of which a worker has 128 MB. */
const MAX_INPUT = 1 << 20;
/** The module has 128 MiB, of which it takes four times as much and its own. */
const MOST_INPUT = (1 << 25) - (1 << 15);

/** @typedef {keyof typeof LIMITS} Limit */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** see otlp.d.ts */
export class OtlpError extends Error {
  /**
   * @param {string} code
   * @param {string} what
   * @param {number} offset
   * @param {string} path
   */
  constructor(code, what, offset, path) {
    super(`offset ${offset}${path ? `, ${path}` : ''}: ${what}`);
    this.name = 'OtlpError';
    this.code = code;
    this.what = what;
    this.offset = offset;
    this.path = path;
  }
}

/** At once, as workers want it. @param {unknown} module @returns {Record<string, any>} */
function instantiate(module) {
  if (!(module instanceof WebAssembly.Module)) throw new TypeError(`sonde: option module must be a WebAssembly.Module, such as new WebAssembly.Module(bytes) makes of sonde-edge.wasm, not ${shown(module)}`);
  const wasm = WebAssembly.Module.imports(module).length > 0 ? {} : new WebAssembly.Instance(module).exports;
  if ('otlp_start' in wasm) return wasm;
  throw new TypeError('sonde: option module must be sonde-edge.wasm, not another module');
}

/** @param {Record<string, any>} wasm @param {Record<string, unknown>} options */
function limit(wasm, options) {
  const unknown = Object.keys(options).find((name) => name !== 'module' && !Object.hasOwn(LIMITS, name));
  if (unknown) throw new TypeError(`sonde: there is no option ${unknown}; there are module, ${Object.keys(LIMITS).join(', ')}`);
  Object.entries(LIMITS).forEach(([name, [least, most]], id) => {
    const value = options[name];
    if (value === undefined) return;
    if (wasm.otlp_limit(id, typeof value === 'number' ? value : NaN) < 0)
      throw new RangeError(`sonde: option ${name} must be a whole number from ${least} to ${most}, not ${shown(value)}`);
  });
}

/** @param {string} name @param {string[]} list @param {unknown} value */
function placeOf(name, list, value) {
  const place = list.indexOf(/** @type {string} */ (value));
  if (place >= 0) return place;
  throw new TypeError(`sonde: ${name} must be ${list.join(' or ')}, not ${typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : shown(value)}`);
}

/**
 * see otlp.d.ts
 *
 * @param {import('./otlp.js').TranscoderOptions} options
 * @returns {import('./otlp.js').Transcoder}
 */
export function createTranscoder(options) {
  if (Object(options) !== options) throw new TypeError(`sonde: createTranscoder takes an object with module, not ${shown(options)}`);
  const wasm = instantiate(options.module);
  const { maxInput = MAX_INPUT } = options;
  if (!Number.isInteger(maxInput) || maxInput < 1 || maxInput > MOST_INPUT) throw new RangeError(`sonde: option maxInput must be a whole number from 1 to ${MOST_INPUT}, not ${shown(maxInput)}`);
  limit(wasm, { ...options });
  const table = wasm.otlp_start(maxInput);
  if (table < 0) throw failure(`option maxInput, ${maxInput}`, table, RangeError);
  // memory does not grow from here on: the views stay valid
  const { buffer } = wasm.memory;
  const [input, inputSize, output, outputSize, told] = new Uint32Array(buffer, table, 5);
  const bytes = new Uint8Array(buffer, input, inputSize);
  const out = new Uint8Array(buffer, output, outputSize);
  const words = new Uint32Array(buffer, told, PATH_WORD);

  /** Zero-terminated. @param {number} address */
  function textAt(address) {
    const text = new Uint8Array(buffer, address, Math.min(512, buffer.byteLength - address));
    return decoder.decode(text.subarray(0, text.indexOf(0)));
  }

  /** Puts the request into memory. @param {unknown} request */
  function put(request) {
    if (typeof request === 'string') {
      const { read, written } = encoder.encodeInto(request, bytes);
      return read === request.length ? written : maxInput + 1;
    }
    const view = request instanceof ArrayBuffer ? new Uint8Array(request) : request;
    if (!(view instanceof Uint8Array)) throw new TypeError(`sonde: a request must be a string, Uint8Array or ArrayBuffer, not ${shown(request)}`);
    if (view.length <= maxInput) bytes.set(view);
    return view.length;
  }

  function counts() {
    const report = { signal: SIGNALS[words[0] | 0] ?? null, ...Object.fromEntries(COUNTS.map((name, i) => [name, words[i + 1]])) };
    return /** @type {import('./otlp.js').Report} */ (report);
  }

  /**
   * @param {unknown} request
   * @param {import('./otlp.js').TranscodeOptions} how
   * @param {number} flags
   */
  function run(request, how, flags) {
    const size = put(request);
    if (size > maxInput) throw new OtlpError('TOO_LARGE', 'the request is longer than maxInput', maxInput, '');
    const from = how.from === undefined ? Number(typeof request === 'string' || (size > 0 && bytes[0] === BRACE)) : placeOf('from', ENCODINGS, how.from);
    const to = how.to === undefined ? 0 : placeOf('to', ENCODINGS, how.to);
    const signal = how.signal === undefined ? ANY : placeOf('signal', SIGNALS, how.signal);
    if (signal === ANY && from === 0) throw new TypeError('sonde: protobuf does not tell its signal: signal must be logs, traces or metrics');
    const result = wasm.otlp_transcode(signal, from, to, size, flags);
    if (result >= 0) return result;
    const what = textAt(words[WHAT_WORD]);
    if (what !== '') throw new OtlpError(nameOf(result), what, words[OFFSET_WORD], textAt(told + 4 * PATH_WORD));
    throw new OtlpError(nameOf(result), 'what it becomes is more than three times maxInput', 0, '');
  }

  return {
    transcode(request, how = {}) {
      const size = run(request, how, 0);
      return { ...counts(), body: out.slice(0, size) };
    },
    check(request, how = {}) {
      const size = run(request, how, FLAG_CHECK);
      return { ...counts(), size };
    },
  };
}
