/**
 * The options of `create` and `configure`: checked, and never with a secret in
 * a message.
 */
import { OPTIONS } from '../generated/layout.js';

const STRING = 'string';
const OBJECT = 'object';
const FUNCTION = 'function';

/** What `typeof` must say of an option; '' for those that are checked apart. */
export const TYPES = {
  endpoint: STRING,
  logsEndpoint: STRING,
  token: '',
  headers: OBJECT,
  wasm: OBJECT,
  serviceName: STRING,
  serviceVersion: STRING,
  environment: STRING,
  sessionId: STRING,
  resource: OBJECT,
  timeout: '',
  onError: FUNCTION,
  online: FUNCTION,
  spanContext: FUNCTION,
  now: FUNCTION,
  random: FUNCTION,
  fetch: FUNCTION,
  setTimeout: FUNCTION,
  clearTimeout: FUNCTION,
  document: OBJECT,
  window: OBJECT,
  navigator: OBJECT,
  crypto: OBJECT,
};

/** What `configure` takes; their values are not shown. */
export const TARGET = ['endpoint', 'logsEndpoint', 'token', 'headers'];

/**
 * @param {string} name
 * @param {string} want
 * @param {unknown} got
 */
export function wrong(name, want, got) {
  const shown = TARGET.includes(name) || Object(got) === got ? typeof got : JSON.stringify(got);
  return new RangeError(`sonde: option ${name} must be ${want}, not ${shown}`);
}

/**
 * Throws unless all names are known and all types are right.
 *
 * @param {any} options
 * @param {string[]} [names] those allowed
 */
export function check(options, names = [...Object.keys(TYPES), ...OPTIONS.map(([name]) => `${name}`)]) {
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw new TypeError(`sonde: no option ${name}; is it ${nearest(name, names)}?`);
    const type = /** @type {any} */ (TYPES)[name];
    const value = options[name];
    if (type && value != null && typeof value !== type) throw wrong(name, `of type ${type}`, value);
  }
  const { token = '' } = options;
  if (token && typeof token !== STRING) throw wrong('token', 'a string or false', token);
}

/**
 * The name that shares most pairs of letters with this one.
 *
 * @param {string} name
 * @param {string[]} names
 */
function nearest(name, names) {
  const text = name.toLowerCase();
  const score = (/** @type {string} */ other) => [...other.toLowerCase()]
    .filter((letter, i, all) => text.includes(letter + all[i + 1])).length / other.length;
  return names.sort((a, b) => score(b) - score(a))[0];
}

/**
 * A number in its range.
 *
 * @param {string} name
 * @param {any} value
 * @param {number} least
 * @param {number} most
 */
export function whole(name, value, least, most) {
  if (Number.isInteger(value) && value >= least && value <= most) return Number(value);
  throw wrong(name, `a whole number from ${least} to ${most}`, value);
}

/** The core's options, by their ids. @param {any} options */
export function coreOptions(options) {
  return OPTIONS.map(([key, preset, least, most]) => {
    const name = `${key}`;
    const value = options[name];
    if (value == null) return Number(preset);
    if (Number(most) > 1) return whole(name, value, Number(least), Number(most));
    const choices = name === 'encoding' ? ['protobuf', 'json'] : [false, true];
    if (!choices.includes(value)) throw wrong(name, choices.join(' or '), value);
    return choices.indexOf(value);
  });
}

/**
 * Where requests go, and with which headers. Undefined when there is no
 * endpoint, or no token for it: then nothing is to be sent.
 *
 * @param {any} options
 * @param {string} [base] what relative addresses are relative to
 */
export function targetFrom({ endpoint, logsEndpoint, token, headers }, base) {
  const all = headersFrom(headers, token);
  if (!endpoint && !logsEndpoint) return undefined;
  const name = logsEndpoint ? 'logsEndpoint' : 'endpoint';
  const url = urlFrom(name, logsEndpoint || endpoint, base);
  // As OpenTelemetry does; the whole address is understood, too.
  if (!logsEndpoint) url.pathname = `${url.pathname.replace(/\/*(v1\/logs)?\/*$/, '')}/v1/logs`;
  return token === false || all.has('authorization') ? { url: url.href, headers: all } : undefined;
}

/** @param {string} name @param {string} text @param {string} [base] */
function urlFrom(name, text, base) {
  try {
    const url = new URL(text, base);
    if (/^https?:$/.test(url.protocol) && !url.username && !url.password) return url;
  } catch {
    // Said below.
  }
  throw wrong(name, 'an http(s) URL without user name', text);
}

/**
 * The engine's own message would show the value.
 *
 * @param {any} headers
 * @param {any} token
 */
function headersFrom(headers, token) {
  try {
    const all = new Headers(headers ?? {});
    if (token && !all.has('authorization')) all.set('authorization', `Bearer ${token}`);
    return all;
  } catch {
    throw wrong('token', 'valid in an HTTP header, as must headers', '');
  }
}

/**
 * Clock, chance, network, timers and the page: options, or what there is. Taken
 * at the time of `create`: when `fetch` is instrumented later, requests of the
 * exporter are not observed.
 *
 * @param {any} options
 */
export function hostFrom(options) {
  const page = /** @type {any} */ (globalThis);
  const host = { ...TYPES, now: Date.now, random: Math.random };
}
