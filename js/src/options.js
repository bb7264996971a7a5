/**
 * The options of `create` and `configure`: checked, and never with a secret in
 * a message.
 */
import { OPTIONS } from '../generated/layout.js';

const NAMES = ('endpoint logsEndpoint token headers fetch setTimeout clearTimeout document window navigator crypto '
  + 'wasm serviceName serviceVersion environment sessionId resource timeout onError online now random').split(' ');
/** What `configure` takes. */
const TARGET = NAMES.slice(0, 4);
/** What a page has, and tests replace. */
export const HOST = NAMES.slice(4, 11);

/** @param {string} name @param {unknown} value @param {string} want */
export function wrong(name, value, want) {
  // A target is, or may hold, a secret.
  const shown = TARGET.includes(name) || Object(value) === value ? typeof value : JSON.stringify(value);
  return new RangeError(`sonde: option ${name} must be ${want}, not ${shown}`);
}

/**
 * Throws unless all names are known.
 *
 * @param {any} options
 * @param {boolean} [change] they are for `configure`
 */
export function check(options, change) {
  const names = change ? TARGET : [...NAMES, ...OPTIONS.map(([name]) => `${name}`)];
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw new TypeError(`sonde: no option ${name}; is it ${nearest(name, names)}?`);
  }
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
  let all;
  /** @type {any} */
  let url;
  try {
    all = new Headers(headers ?? {});
    if (token && !all.has('authorization')) all.set('authorization', `Bearer ${token.trim()}`);
  } catch {
    // Also if it is no string; the engine's message would show it.
    throw wrong('token', token, 'a string for a header, and so must headers');
  }
  const given = logsEndpoint || endpoint;
  if (!given) return undefined;
  try {
    url = new URL(given, document?.baseURI);
  } catch {
    // Said below.
  }
  if (!/^https?:/.test(url?.protocol) || url.username + url.password) throw wrong('endpoint', given, 'an http(s) URL without user');
  // As OpenTelemetry does; the whole address is understood, too.
  if (!logsEndpoint) url.pathname = `${url.pathname.replace(/\/*(v1\/logs)?\/*$/, '')}/v1/logs`;
  return token === false || all.has('authorization') ? { url: url.href, headers: all } : undefined;
}
