/** The options of createVerifier, checked, and the instance that they start. */
import { DEFAULTS, OPTIONS } from '../../js/generated/signed.js';
import { failure, isWellFormed, nameOf, shown } from './errors.js';

/** What a frame takes in `in` beside its body, at most. */
const FRAME_ROOM = 4096;
/** What the lists take. */
const WANTED = {
  secrets: 'a secret has 16 to 1,024 bytes, best 32 random ones; the option allowWeakSecret takes shorter ones in tests',
  allowOrigins: 'an origin is written as browsers do, such as "https://app.example" or "http://localhost:8000": lower case, no default port, no path or slash',
  allowNext: 'a target is an origin, such as "https://app.example", or a path of the endpoint\'s own site, such as "/thanks"',
};
const FULL = 'there are too many: at most 8 secrets, 32 origins and 32 targets';
/** What the module itself does not know. */
const OTHERS = ['module', 'secrets', 'allowOrigins', 'allowNext', 'random'];

/** @typedef {keyof typeof OPTIONS} Option */
/** @typedef {Partial<Record<Option, number>>} Numbers */

/** The number that the module takes. @param {Option} name @param {unknown} value */
function numberFrom(name, value) {
  const [least, most] = OPTIONS[name];
  if (typeof least === 'boolean') {
    if (typeof value === 'boolean') return Number(value);
    throw new TypeError(`sonde: option ${name} must be true or false, not ${shown(value)}`);
  }
  const number = Number.isInteger(value) ? Number(value) : NaN;
  if (number >= least && number <= Number(most)) return number;
  throw new RangeError(`sonde: option ${name} must be a whole number from ${least} to ${most}, not ${shown(value)}`);
}

/** `in` must have room for one frame. @param {Numbers} told */
function checkInput(told) {
  const least = (told.maxBody ?? DEFAULTS.maxBody) + FRAME_ROOM;
  told.maxInput ??= Math.max(DEFAULTS.maxInput, least);
  if (told.maxInput >= least) return;
  throw new RangeError(`sonde: option maxInput must be at least maxBody + ${FRAME_ROOM}, which is ${least}, not ${told.maxInput}`);
}

/** All numbers that the module shall be told. @param {Record<string, unknown>} given */
export function numbers(given) {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(OPTIONS, name) && !OTHERS.includes(name));
  if (unknown) throw new TypeError(`sonde: there is no option ${unknown}; there are ${[...OTHERS, ...Object.keys(OPTIONS)].join(', ')}`);
  /** @type {Numbers} */
  const told = {};
  for (const name of /** @type {Option[]} */ (Object.keys(OPTIONS))) {
    if (given[name] !== undefined) told[name] = numberFrom(name, given[name]);
  }
  checkInput(told);
  return told;
}

/** @param {string} name @param {unknown} list @returns {string[]} */
export function texts(name, list) {
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw new TypeError(`sonde: option ${name} must be an array of strings, not ${shown(list)}`);
  const wrong = list.findIndex((text) => typeof text !== 'string' || !isWellFormed(text));
  if (wrong < 0) return list;
  const what = typeof list[wrong] === 'string' ? 'one with half a surrogate pair' : shown(list[wrong]);
  throw new TypeError(`sonde: option ${name}[${wrong}] must be a well-formed string, not ${what}`);
}

/** At once, as workers want it. @param {unknown} module @returns {Record<string, any>} */
function instantiate(module) {
  if (!(module instanceof WebAssembly.Module)) throw new TypeError(`sonde: option module must be a WebAssembly.Module, such as new WebAssembly.Module(bytes) makes of sonde-edge.wasm, not ${shown(module)}`);
  const imports = WebAssembly.Module.imports(module);
  const wasm = imports.length > 0 ? {} : new WebAssembly.Instance(module).exports;
  if ('signed_start' in wasm) return wasm;
  throw new TypeError('sonde: option module must be sonde-edge.wasm, not another module');
}

/**
 * An instance with these options, and where its regions are told.
 *
 * @param {unknown} module
 * @param {Numbers} told
 */
export function start(module, told) {
  const wasm = instantiate(module);
  Object.keys(OPTIONS).forEach((name, id) => {
    const value = told[/** @type {Option} */ (name)];
    const status = value === undefined ? 0 : wasm.signed_option(id, value);
    if (status < 0) throw failure(`option ${name}`, status, RangeError);
  });
  const table = wasm.signed_start();
  if (table < 0) throw failure('options', table, RangeError);
  return { wasm, table };
}

/**
 * Hands a list of texts to the module, one by one.
 *
 * @param {import('./memory.js').Memory} memory
 * @param {keyof typeof WANTED} name of the option; texts of `secrets` are not shown
 * @param {string[]} list
 * @param {(size: number) => number} call
 */
export function hand({ bytes, put }, name, list, call) {
  list.forEach((item, i) => {
    const size = put(item);
    const status = size < 0 ? -1 : call(size);
    if (status >= 0) return;
    bytes.fill(0);
    const got = name === 'secrets' ? `it has ${new TextEncoder().encode(item).length} bytes` : JSON.stringify(item);
    const remedy = nameOf(status) === 'TABLE_FULL' ? FULL : WANTED[name];
    throw failure(`option ${name}[${i}], ${got}`, status, RangeError, remedy);
  });
}
