/**
 * What the host gives: clock, chance, network, timers and the page. Tests pass
 * fakes; what is missing in a host (Node has no document) is undefined.
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

/**
 * Taken at the time of `create`: when `fetch` is instrumented later, requests
 * of the exporter are not observed.
 *
 * @param {Partial<Host>} [given]
 * @returns {Host}
 */
export function hostFrom(given) {
  const { fetch, setTimeout, clearTimeout, document, window, navigator, crypto } = globalThis;
  return {
    now: Date.now,
    random: Math.random,
    fetch,
    setTimeout,
    clearTimeout,
    document,
    window,
    navigator,
    crypto,
    ...given,
  };
}
