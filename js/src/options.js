/**
 * The options of `create` and `configure`: checked, and never with a secret in
 * a message.
 */
import { OPTIONS } from '../generated/layout.js';
import { HOST_FUNCTIONS, HOST_OBJECTS } from './host.js';

const ENCODINGS = ['protobuf', 'json'];
const TIMEOUT = 30000;
const MAX_TIMEOUT = 600000;
/** More slips than these make another word. */
const MAX_SLIPS = 3;

/** Options by what `typeof` must say. */
const TYPES = {
  string: ['endpoint', 'logsEndpoint', 'serviceName', 'serviceVersion', 'environment', 'sessionId'],
  object: ['headers', 'resource', 'wasm', ...HOST_OBJECTS],
  function: ['onError', 'online', 'spanContext', ...HOST_FUNCTIONS],
};
const OTHERS = ['token', 'timeout', ...OPTIONS.map(([name]) => String(name))];
export const TARGET_OPTIONS = ['endpoint', 'logsEndpoint', 'token', 'headers'];

/** Throws unless all names are known and types are right. @param {any} options @param {string[]} [names] */
export function checkOptions(options, names = [...Object.values(TYPES).flat(), ...OTHERS]) {
  if (typeof options !== 'object' || !options) throw new TypeError('sonde: options must be an object');
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw new TypeError(`sonde: there is no option "${name}"${hint(name, names)}`);
  }
  for (const [type, list] of Object.entries(TYPES)) {
    for (const name of list) {
      const value = options[name];
      if (value != null && typeof value !== type) fail(name, `of type ${type}`, value);
    }
  }
  const { token } = options;
  if (token != null && token !== false && typeof token !== 'string') fail('token', 'a string, or false', token);
}

/**
 * Values are shown only where they are no secrets.
 *
 * @param {string} name
 * @param {string} want
 * @param {unknown} got
 * @param {boolean} [range] its type is right
 * @returns {never}
 */
export function fail(name, want, got, range = false) {
  const shown = TARGET_OPTIONS.includes(name) || typeof got === 'object' || typeof got === 'function'
    ? `of type ${typeof got}` : JSON.stringify(got) ?? String(got);
  throw new (range ? RangeError : TypeError)(`sonde: option "${name}" must be ${want}, not ${shown.slice(0, 40)}`);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} least
 * @param {number} most
 */
function whole(name, value, least, most) {
  const good = Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
  if (!good) fail(name, `a whole number from ${least} to ${most}`, value, typeof value === 'number');
  return Number(value);
}

/**
 * @param {string} name
 * @param {any} value
 * @param {number} least
 * @param {number} most
 */
function coreValue(name, value, least, most) {
  if (name === 'encoding') {
    const id = ENCODINGS.indexOf(value);
    return id < 0 ? fail(name, '"protobuf" or "json"', value, typeof value === 'string') : id;
  }
  if (most > 1) return whole(name, value, least, most);
  return typeof value === 'boolean' ? Number(value) : fail(name, 'true or false', value);
}

/** The core's options, by their ids. @param {any} options */
export function coreOptions(options) {
  return OPTIONS.map(([name, value, least, most]) => {
    const given = options[name];
    return given == null ? Number(value) : coreValue(String(name), given, Number(least), Number(most));
  });
}

/** @param {any} options */
export function timeoutFrom({ timeout }) {
  return timeout == null ? TIMEOUT : whole('timeout', timeout, 1, MAX_TIMEOUT);
}

/** @param {string} name @param {string[]} names */
function hint(name, names) {
  const [slips, nearest] = names.map((it) => /** @type {[number, string]} */ ([distance(name, it), it]))
    .sort(([a], [b]) => a - b)[0];
  return slips <= MAX_SLIPS ? `: did you mean "${nearest}"?` : ': README.md lists them';
}

/** Levenshtein's. @param {string} a @param {string} b */
function distance(a, b) {
  let row = [...b, ''].map((_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
  }
  return row[b.length];
}
