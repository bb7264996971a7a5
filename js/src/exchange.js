/**
 * One request and its answer, and the browser's quota for requests that
 * outlive the page: 64 KiB of bodies in flight, in Chrome 9 requests.
 */
import { STATUS_FAILED } from '../generated/layout.js';

const MAX_ANSWER = 65536;
const KEEPALIVE_BYTES = 60000;
const KEEPALIVE_REQUESTS = 9;
/** Less is not worth a request of its own. */
const KEEPALIVE_LEAST = 4096;

/**
 * The quota is the page's, so all instances, from whatever bundle, share one
 * account. What other scripts use cannot be known.
 *
 * @type {{bytes: number, requests: number}}
 */
const account = /** @type {any} */ (globalThis)[Symbol.for('sonde.keepalive')]
  ??= { bytes: 0, requests: 0 };

/** Bytes that a request may have to outlive the page; 0: none can. */
export function keepaliveRoom() {
  const room = KEEPALIVE_BYTES - account.bytes;
  return account.requests < KEEPALIVE_REQUESTS && room >= KEEPALIVE_LEAST ? room : 0;
}

/**
 * @typedef {object} Answer
 * @property {number} status STATUS_FAILED without an answer
 * @property {number} retryAfter ms, or -1
 * @property {Uint8Array} body
 * @property {unknown} [error]
 */

/**
 * Never rejects. An answer whose body breaks off is an answer: its status says
 * what became of the records.
 *
 * A redirect would turn the POST into a GET, whose 200 would look like success,
 * or carry the token elsewhere. The referrer's path may say who the user is.
 * Cookies go where they always go: to the same origin.
 *
 * @param {any} host
 * @param {{url: string, headers: Headers}} target
 * @param {{body: Uint8Array<ArrayBuffer>, json: number}} request
 * @param {boolean} keepalive
 * @param {AbortController} abort
 * @param {number} timeout ms for all of it
 * @returns {Promise<Answer>}
 */
export async function exchange(host, { url, headers }, { body, json }, keepalive, abort, timeout) {
  const { fetch, setTimeout, clearTimeout, now } = host;
  const timer = setTimeout(() => abort.abort(), timeout);
  if (keepalive) {
    account.bytes += body.length;
    account.requests++;
  }
  const answer = { status: STATUS_FAILED, retryAfter: -1, body: new Uint8Array(MAX_ANSWER), error: undefined };
  let size = 0;
  try {
    headers.set('content-type', `application/${json ? 'json' : 'x-protobuf'}`);
    const response = await fetch(url, {
      method: 'POST', headers, body, keepalive, signal: abort.signal, redirect: 'error', referrerPolicy: 'strict-origin',
    });
    answer.status = response.status;
    // Null where CORS does not expose it.
    answer.retryAfter = delay(response.headers.get('retry-after') ?? '', now());
    // To its end: an unread body holds the connection, and the quota.
    const reader = response.body?.getReader();
    while (reader && size < MAX_ANSWER) {
      const { done, value } = await reader.read();
      if (done) break;
      answer.body.set(value.subarray(0, MAX_ANSWER - size), size);
      size += value.length;
    }
    await reader?.cancel();
  } catch (error) {
    answer.error = error;
  }
  clearTimeout(timer);
  if (keepalive) {
    account.bytes -= body.length;
    account.requests--;
  }
  return { ...answer, body: answer.body.subarray(0, size) };
}

/**
 * Milliseconds that a Retry-After header asks for, or -1: seconds or a date.
 *
 * @param {string} header
 * @param {number} now
 */
function delay(header, now) {
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return seconds >= 0 ? seconds * 1000 : -1;
}
