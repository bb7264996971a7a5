/**
 * Submissions into the memory of sonde-edge.wasm, each as a frame: see
 * signed_verify in `src/wasm/README.md`.
 */

import { shown, time } from './errors.js';

const HEADER = 24;
/** In place of a size: there is no such header. */
const ABSENT = 0xffffffff;
/** A content type that is longer is none; an origin is on no list. */
const MAX_HEADER = 1024;
/** An endpoint id has 64 characters at most. */
const MAX_ENDPOINT = 65;

/**
 * @typedef {object} Submission
 * @property {string | Uint8Array | ArrayBuffer} body
 * @property {string | null} [contentType]
 * @property {string | null} [origin]
 * @property {string | null} [endpoint]
 * @property {number} [now]
 */

/** @param {unknown} body */
const isBody = (body) => typeof body === 'string' || ArrayBuffer.isView(body) || body instanceof ArrayBuffer;

/** Throws at what is no submission, whatever is in it. @param {any} submission */
export function checkSubmission(submission) {
  if (Object(submission) !== submission)
    throw new TypeError(`sonde: a submission is an object with a body, not ${shown(submission)}`);
  if (!isBody(submission.body))
    throw new TypeError(`sonde: body must be a string, a Uint8Array or an ArrayBuffer, not ${shown(submission.body)}`);
  for (const name of ['contentType', 'origin', 'endpoint']) {
    const value = submission[name];
    if (value != null && typeof value !== 'string')
      throw new TypeError(`sonde: ${name} must be a string or null, not ${shown(value)}`);
  }
  time(submission.now);
}

/** @param {any} submission */
export function isSubmission(submission) {
  try {
    checkSubmission(submission);
    return true;
  } catch {
    return false;
  }
}

/**
 * A header's text as the frame has it. What is not ASCII is wrong in each of
 * them, and `?` as well.
 *
 * @param {string} text
 */
const ascii = (text) => text.replace(/[^\0-\x7f]/g, '?');

/** @param {string | null | undefined} type */
const typeText = (type) => (type == null || type.length > MAX_HEADER ? '' : ascii(type));

/** An endpoint that is given and empty is not `any`. @param {string | null | undefined} endpoint */
const endpointText = (endpoint) => (endpoint == null ? '' : ascii(endpoint.slice(0, MAX_ENDPOINT)) || '?');

/** @param {Exclude<Submission['body'], string>} body */
function bytesOf(body) {
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  const { buffer, byteOffset, byteLength } = /** @type {ArrayBufferView} */ (body);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * @param {import('./memory.js').Memory} memory
 * @param {number} maxBody of a longer body only so much is sent that it is seen to be too long
 */
export function frames({ put, bytes, words, doubles }, maxBody) {
  /** Bytes of the body that were put behind `head`; -1 if they do not fit. */
  function putBody(/** @type {number} */ at, /** @type {string} */ head, /** @type {Submission['body']} */ body) {
    if (typeof body === 'string') return put(head + body, at, head.length + maxBody + 1) - head.length;
    const part = bytesOf(body).subarray(0, maxBody + 1);
    if (at + head.length + part.length > bytes.length || put(head, at) < 0) return -1;
    bytes.set(part, at + head.length);
    return part.length;
  }

  /**
   * Writes a frame at this place. Returns its end, or -1 if there is no room.
   *
   * @param {number} at a multiple of 8
   * @param {Submission} submission
   */
  return function putFrame(at, { body, contentType, origin, endpoint, now }) {
    const type = typeText(contentType);
    const from = origin == null ? '' : ascii(origin.slice(0, MAX_HEADER));
    const to = endpointText(endpoint);
    const head = type + from + to;
    if (at + HEADER + head.length > bytes.length) return -1;
    const size = putBody(at + HEADER, head, body);
    if (size < 0) return -1;
    const end = at + HEADER + head.length + size;
    const next = (end + 7) & ~7;
    if (next > bytes.length) return -1;
    doubles[at >>> 3] = time(now);
    const word = (at >>> 2) + 2;
    words[word] = type.length;
    words[word + 1] = origin == null ? ABSENT : from.length;
    words[word + 2] = to.length;
    words[word + 3] = size;
    bytes.fill(0, end, next);
    return next;
  };
}
