/**
 * One request and its answer.
 */
import { STATUS_FAILED } from '../generated/layout.js';

/** Of an answer's body; what is beyond is not read. */
const MAX_ANSWER = 65536;

/**
 * @typedef {object} Target where requests go
 * @property {string} url
 * @property {Headers} headers without Content-Type
 *
 * @typedef {object} Answer
 * @property {number} status STATUS_FAILED without an answer
 * @property {number} [retryAfter] ms, -1 if the answer does not say
 * @property {Uint8Array} [body]
 * @property {string} [error]
 */

/**
 * Never rejects. An answer whose body breaks off is an answer: its status says
 * what became of the records.
 *
 * @param {import('./host.js').Host} host
 * @param {Target} target
 * @param {{body: BodyInit, json: boolean}} request
 * @param {boolean} keepalive
 * @param {AbortController} abort
 * @param {number} timeout ms for all of it
 * @returns {Promise<Answer>}
 */
export async function exchange(host, target, request, keepalive, abort, timeout) {
  const { fetch, setTimeout, clearTimeout } = host;
  const timer = setTimeout(() => abort.abort(), timeout);
  try {
    const response = await fetch(target.url, init(target, request, keepalive, abort));
    return {
      status: response.status,
      retryAfter: delay(response.headers.get('retry-after'), host.now()),
      body: await drain(response),
    };
  } catch (error) {
    return { status: STATUS_FAILED, error: String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A redirect would turn the POST into a GET, whose 200 would look like
 * success, or carry the token elsewhere. The referrer's path and query may say
 * who the user is. Cookies go where they always go: to the same origin.
 *
 * @param {Target} target
 * @param {{body: BodyInit, json: boolean}} request
 * @param {boolean} keepalive
 * @param {AbortController} abort
 * @returns {RequestInit}
 */
function init(target, { body, json }, keepalive, { signal }) {
  const headers = new Headers(target.headers);
  headers.set('content-type', json ? 'application/json' : 'application/x-protobuf');
  return {
    method: 'POST', headers, body, keepalive, signal, redirect: 'error', referrerPolicy: 'strict-origin',
  };
}

/**
 * Milliseconds that a Retry-After header asks for: seconds, or a date. It is
 * null where CORS does not expose it.
 *
 * @param {string | null} header
 * @param {number} now
 */
function delay(header, now) {
  const text = header ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = text.endsWith('GMT') ? Date.parse(text) : NaN;
  return date >= 0 ? Math.max(date - now, 0) : -1;
}

/**
 * Reads the body to its end: an unread one holds the connection, and the
 * keepalive quota.
 *
 * @param {Response} response
 */
async function drain({ body }) {
  const reader = body?.getReader();
  const kept = new Uint8Array(reader ? MAX_ANSWER : 0);
  let size = 0;
  try {
    while (reader && size < MAX_ANSWER) {
      const { done, value } = await reader.read();
      if (done) break;
      kept.set(value.subarray(0, MAX_ANSWER - size), size);
      size += value.length;
    }
    await reader?.cancel();
  } catch {
    // It broke off.
  }
  return kept.subarray(0, size);
}
