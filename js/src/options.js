/**
 * The options of `create` and `configure`: checked, and never with a secret in
 * a message.
 */
import { OPTIONS } from '../generated/layout.js';

/** What `configure` takes. */
const TARGET = ['endpoint', 'logsEndpoint', 'token', 'headers'];
/** What a page has; tests give their own. */
export const HOST = ['fetch', 'setTimeout', 'clearTimeout', 'document', 'window', 'navigator', 'crypto'];
const FUNCTIONS = ['onError', 'online', 'now', 'random', ...HOST.slice(0, 3)];
const NAMES = [
  ...TARGET, ...HOST, ...FUNCTIONS, 'wasm', 'serviceName', 'serviceVersion', 'environment', 'sessionId', 'resource',
  'timeout', ...OPTIONS.map(([name]) => `${name}`),
];

/** @param {string} name @param {unknown} value @param {string} want */
export function wrong(name, value, want) {
  // A target is, or may hold, a secret.
  const shown = TARGET.includes(name) || Object(value) === value ? typeof value : JSON.stringify(value);
  return new RangeError(`sonde: option ${name} must be ${want}, not ${shown}`);
}

/**
 * Throws unless all names are known. Returns what is not undefined.
 *
 * @param {any} options
 * @param {boolean} [change] they are for `configure`
 */
export function check(options, change) {
  const names = change ? TARGET : NAMES;
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => {
    if (!names.includes(name)) throw new TypeError(`sonde: no option ${name}; is it ${nearest(name, [...names])}?`);
    if (value && FUNCTIONS.includes(name) && typeof value !== 'function') throw wrong(name, value, 'a function');
    return value !== undefined;
  }));
}

/**
 * The name that shares most pairs of letters with this one.
 *
 * @param {string} name
 * @param {string[]} names
 */
function nearest(name, names) {
  const score = (/** @type {string} */ other) => [...other]
    .filter((letter, i) => name.includes(letter + other[i + 1])).length / other.length;
  return names.sort((a, b) => score(b) - score(a))[0];
}

/**
 * The value of an option of the core: a whole number, or a choice's place.
 *
 * @param {any} options
 * @param {any[]} rule name, default, least and most
 * @returns {number}
 */
export function numberFrom(options, [name, preset, least, most]) {
  const value = options[name] ?? preset;
  /** @type {unknown[]} */
  const choices = most > 1 ? [] : name === 'encoding' ? ['protobuf', 'json'] : [false, true];
  if (value === preset) return value;
  if (choices.includes(value)) return choices.indexOf(value);
  if (!choices.length && Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(name, value, choices.join(' or ') || `a whole number from ${least} to ${most}`);
}

/** The core's options, by their ids. @param {any} options */
export const coreOptions = (options) => OPTIONS.map((rule) => numberFrom(options, rule));

/**
 * Where requests go, and with which headers. Undefined when there is no
 * endpoint, or no token for it: then nothing is to be sent.
 *
 * @param {any} options
 */
export function targetFrom({ endpoint, logsEndpoint, token, headers, document }) {
  const given = logsEndpoint || endpoint;
  let name = 'token';
  let want = 'a string that fits a header, as must headers';
  try {
    const all = new Headers(headers ?? {});
    if (token && !all.has('authorization')) all.set('authorization', `Bearer ${token.trim()}`);
    if (!given) return undefined;
    name = 'endpoint';
    want = 'an http(s) URL without user';
    const url = new URL(given, document?.baseURI);
    if (!/^https?:/.test(url.protocol) || url.username + url.password) throw want;
    // As OpenTelemetry does; the whole address is understood, too.
    if (!logsEndpoint) url.pathname = `${url.pathname.replace(/\/*(v1\/logs)?\/*$/, '')}/v1/logs`;
    return token === false || all.has('authorization') ? { url: url.href, headers: all } : undefined;
  } catch {
    // Messages of the engine would show values.
    throw wrong(name, given, want);
  }
}
