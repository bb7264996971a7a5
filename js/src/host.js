/**
 * What the host gives: clock, chance, network, timers and the page. Tests pass
 * fakes; what a host does not have (Node: a document) is undefined.
 */

/**
 * @typedef {object} Host
 * @property {() => number} now Unix time in milliseconds
 * @property {() => number} random 0 … 1
 * @property {typeof globalThis.fetch} fetch
 * @property {(call: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {any} document
 * @property {any} window
 * @property {any} navigator
 * @property {any} crypto
 */

export const HOST_FUNCTIONS = ['now', 'random', 'fetch', 'setTimeout', 'clearTimeout'];
export const HOST_OBJECTS = ['document', 'window', 'navigator', 'crypto'];

/**
 * Taken at the time of `create`: when `fetch` is instrumented later, requests
 * of the exporter are not observed.
 *
 * @param {any} options of `create`
 * @returns {Host}
 */
export function hostFrom(options) {
  const page = /** @type {any} */ (globalThis);
  /** @type {any} */
  const host = { now: Date.now, random: Math.random };
  for (const name of [...HOST_FUNCTIONS, ...HOST_OBJECTS]) {
    host[name] = options[name] ?? host[name] ?? page[name];
  }
  return host;
}
