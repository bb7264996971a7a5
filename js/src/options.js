/**
 * The options of `create` and `configure`: checked, and never with a secret in
 * a message.
 */
import { OPTIONS } from '../generated/layout.js';

/** What `configure` takes. It is, or may hold, a secret. */
export const TARGET = ['endpoint', 'logsEndpoint', 'tracesEndpoint', 'metricsEndpoint', 'token', 'headers'];
const AUTHORIZATION = 'authorization';
/** By the core's SIGNAL_… */
export const SIGNALS = ['logs', 'traces', 'metrics'];
/** What else may be given and has no default. */
const OTHERS = ['wasm', 'serviceName', 'serviceVersion', 'environment', 'sessionId', 'resource'];
/** Least and most, or the choices. */
const RULES = { ...OPTIONS, timeout: [1, 600000], sampleRate: [0, 1] };

/** @param {string} name @param {unknown} value @param {string} want */
export function wrong(name, value, want) {
  const shown = TARGET.includes(name) || Object(value) === value ? typeof value : JSON.stringify(value);
  return RangeError(`sonde: option ${name} must be ${want}, not ${shown}`);
}

/**
 * What the core takes: a number in its range, or a choice's place. Undefined
 * for null, which is the default as well.
 *
 * @param {string} name
 * @param {any} value
 */
function numberFrom(name, value) {
  /** @type {any[]} */
  const rule = /** @type {any} */ (RULES)[name];
  const [least, most] = rule;
  const isRange = +most === most;
  const whole = most > 1;
  if (value == null) return undefined;
  if (isRange ? +value === value && value >= least && value <= most && !(whole && value % 1) : rule.includes(value)) {
    return isRange ? value : rule.indexOf(value);
  }
  throw wrong(name, value, isRange ? `a ${whole ? 'whole ' : ''}number from ${least} to ${most}` : rule.join(' or '));
}

/** What has a default of its own here; the core's options have theirs there. */
export function defaults() {
  // What a page has; tests give their own.
  // Chrome takes twice as long to find `performance` as to read its clock.
  const { fetch, setTimeout, clearTimeout, document, window, navigator, crypto, performance } = /** @type {any} */ (globalThis);
  /** @type {any} */
  const settings = {
    fetch,
    setTimeout,
    clearTimeout,
    document,
    window,
    navigator,
    crypto,
    now: Date.now,
    monotonic: () => performance.now(),
    sampleRate: 1,
    random: Math.random,
    online: () => settings.navigator?.onLine !== false,
    onError() {},
    // These come from files of their own: who does not need them does not load them.
    views() {},
    extensions: [],
    timeout: 30000,
  };
  return settings;
}

/**
 * Changes settings as given, `target` with them. Throws, and changes nothing,
 * unless all names are known and their values allowed.
 *
 * @param {any} settings
 * @param {any} given
 * @param {string[]} [names]
 */
export function adopt(settings, given, names = TARGET.concat(OTHERS, Object.keys({ ...RULES, ...settings }))) {
  const next = { ...settings };
  for (const [name, value] of Object.entries(given)) {
    if (!names.includes(name)) throw TypeError(`sonde: no option ${name}; there are ${names.join(', ')}`);
    if (value && typeof settings[name] === 'function' && typeof value !== 'function') throw wrong(name, value, 'a function');
    const result = name in RULES ? numberFrom(name, value) : value;
    if (result !== undefined) next[name] = result;
  }
  next.target = targetFrom(next);
  Object.assign(settings, next);
}

/**
 * Where the requests of each signal go, and with which headers. Undefined while
 * there is no token for an endpoint: then nothing is to be sent.
 *
 * @param {any} options
 */
function targetFrom(options) {
  const { endpoint, token, headers, document } = options;
  /** @type {[string, unknown, string]} */
  let next = ['token', token, 'a string that fits a header, as must those of headers'];
  try {
    const all = new Headers(headers ?? {});
    all.set('content-type', `application/${options.encoding ? 'json' : 'x-protobuf'}`);
    if (token && !all.has(AUTHORIZATION)) all.set(AUTHORIZATION, `Bearer ${token.trim()}`);
    const urls = SIGNALS.map((signal) => {
      const whole = options[`${signal}Endpoint`];
      const given = whole || endpoint;
      if (!given) return undefined;
      next = [whole ? `${signal}Endpoint` : 'endpoint', given, 'an http(s) URL without user'];
      const url = new URL(given, document?.baseURI);
      if (!/^https?:..[^/@]+\//.test(url.href)) throw next;
      // As OpenTelemetry does; the whole address is understood, too.
      if (!whole) url.pathname = url.pathname.replace(/\/*(v1\/\w+)?\/*$/, `/v1/${signal}`);
      return url.href;
    });
    return urls.some(Boolean) && token !== false && !all.has(AUTHORIZATION) ? undefined : { urls, headers: all };
  } catch {
    // Messages of the engine would show values.
    throw wrong(...next);
  }
}
