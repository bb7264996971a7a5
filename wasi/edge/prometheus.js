/**
 * Prometheus text and OpenMetrics by sonde-edge.wasm, in any host of
 * JavaScript. prometheus.d.ts is the manual; `src/sonde_prometheus.h` says what
 * the module does.
 */
import { failure, shown } from './errors.js';

/** In the order of SONDE_PROMETHEUS_STRATEGIES. */
const STRATEGIES = ['UnderscoreEscapingWithSuffixes', 'UnderscoreEscapingWithoutSuffixes', 'NoUTF8EscapingWithSuffixes', 'NoTranslation'];
/** Each with its flag, that it is set by, and the default. */
const FLAGS = /** @type {const} */ ({ scope: [1, false, true], targetInfo: [2, false, true], created: [4, false, true], job: [8, true, false] });
/** The fields of sonde_prometheus_stats. */
const STATS = ['families', 'samples', 'points', 'delta', 'conflicts', 'unnamed', 'unrecorded', 'badPoints'];
const MAX_INPUT = [4096, 64 * 1024 * 1024];
/** What of an Accept header counts. */
const MAX_ACCEPT = 4096;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @typedef {import('./prometheus.js').ExpositionOptions} Options */

/** @param {Options} options */
function flagsOf(options) {
  let flags = 0;
  for (const name of /** @type {(keyof typeof FLAGS)[]} */ (Object.keys(FLAGS))) {
    const [flag, setBy, preset] = FLAGS[name];
    const value = options[name] ?? preset;
    if (typeof value !== 'boolean') throw new TypeError(`sonde: option ${name} must be true or false, not ${shown(value)}`);
    if (value === setBy) flags |= flag;
  }
  return flags;
}

/** @param {Options} options */
function checked(options) {
  if (Object(options) !== options) throw new TypeError(`sonde: createExposition takes an object with module, not ${shown(options)}`);
  const { module, strategy = STRATEGIES[0], maxInput = 4 * 1024 * 1024, ...others } = options;
  if (!(module instanceof WebAssembly.Module)) throw new TypeError(`sonde: option module must be a WebAssembly.Module, such as new WebAssembly.Module(bytes) makes of sonde-edge.wasm, not ${shown(module)}`);
  const unknown = Object.keys(others).find((name) => !Object.hasOwn(FLAGS, name));
  if (unknown) throw new TypeError(`sonde: there is no option ${unknown}; there are module, strategy, maxInput, ${Object.keys(FLAGS).join(', ')}`);
  const place = STRATEGIES.indexOf(strategy);
  if (place < 0) throw new RangeError(`sonde: option strategy must be one of ${STRATEGIES.join(', ')}`);
  if (!Number.isInteger(maxInput) || maxInput < MAX_INPUT[0] || maxInput > MAX_INPUT[1])
    throw new RangeError(`sonde: option maxInput must be a whole number from ${MAX_INPUT.join(' to ')}, not ${shown(maxInput)}`);
  return { module, place, maxInput, flags: flagsOf(options) };
}

/** @param {WebAssembly.Module} module @returns {Record<string, any>} */
function instantiate(module) {
  const wasm = WebAssembly.Module.imports(module).length > 0 ? {} : new WebAssembly.Instance(module).exports;
  if ('prometheus_start' in wasm) return wasm;
  throw new TypeError('sonde: option module must be sonde-edge.wasm, not another module');
}

/** @param {unknown} request @returns {Uint8Array} */
function bytesOf(request) {
  if (request instanceof Uint8Array) return request;
  if (request instanceof ArrayBuffer) return new Uint8Array(request);
  throw new TypeError(`sonde: metricsText takes the bytes of an ExportMetricsServiceRequest, not ${shown(request)}`);
}

/**
 * see prometheus.d.ts
 *
 * @param {Options} options
 * @returns {import('./prometheus.js').Exposition}
 */
export function createExposition(options) {
  const { module, place, maxInput, flags } = checked(options);
  const wasm = instantiate(module);
  const table = wasm.prometheus_start(maxInput);
  if (table < 0) throw failure('option maxInput', table, RangeError);

  /** Memory may have grown: nothing of this is kept. @param {number} word */
  const wordAt = (word) => new Uint32Array(wasm.memory.buffer, table, 4 + STATS.length)[word];

  /** @param {Uint8Array} bytes */
  function put(bytes) {
    if (bytes.length > maxInput) throw failure(`metricsText, ${bytes.length} bytes`, -6, RangeError, `the request is larger than the option maxInput, ${maxInput}`);
    new Uint8Array(wasm.memory.buffer, wordAt(0), bytes.length).set(bytes);
    return bytes.length;
  }

  /** @param {string | null | undefined} accept */
  function negotiate(accept) {
    if (accept !== null && accept !== undefined && typeof accept !== 'string') throw new TypeError(`sonde: accept must be a string, not ${shown(accept)}`);
    const size = wasm.prometheus_accept(put(encoder.encode(accept ?? '').subarray(0, MAX_ACCEPT)));
    return decoder.decode(new Uint8Array(wasm.memory.buffer, wordAt(3), size));
  }

  return {
    metricsText(request, { accept } = {}) {
      const bytes = bytesOf(request);
      const contentType = negotiate(accept);
      const size = wasm.prometheus_put(put(bytes), place, flags);
      if (size < 0) throw failure('metricsText', size, Error, size === -11 ? 'the text would be far larger than the request, for what its scopes say comes again with each point: see the option scope' : undefined);
      const body = new Uint8Array(wasm.memory.buffer, wordAt(2), size).slice();
      const stats = Object.fromEntries(STATS.map((name, i) => [name, wordAt(4 + i)]));
      return { contentType, body, stats: /** @type {any} */ (stats) };
    },
  };
}

/**
 * see prometheus.d.ts
 *
 * @returns {import('./prometheus.js').Scraper}
 */
export function createScraper() {
  /** @type {any} */
  let hub;
  /** @type {() => void} */
  let observe;
  return {
    extend(given, _, collect) {
      hub = given;
      observe = collect;
    },

    take() {
      const core = hub?.core();
      if (!core) return new Uint8Array();
      const { wasm } = core;
      if (!wasm.wasm_scrape) throw new TypeError('sonde: a scraper needs an exporter whose option wasm is sonde-edge.wasm');
      observe();
      const size = wasm.wasm_scrape(hub.settings.now());
      if (size < 0) throw failure('take', size, Error, size === -3 ? "set the exporter's option temporality to cumulative" : undefined);
      return new Uint8Array(wasm.memory.buffer, wasm.wasm_scraped(), size).slice();
    },
  };
}
