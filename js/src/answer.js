/**
 * What a server answers: Retry-After, and a body in protobuf or JSON, which is
 * an ExportLogsServiceResponse to a success and a google.rpc.Status otherwise.
 */

const MAX_BYTES = 65536;
const MAX_MESSAGE = 256;

/**
 * Milliseconds that Retry-After asks for: seconds, or a date in any form that
 * HTTP has had, of which one does not say GMT. -1 if it is neither, or null, as
 * it is where CORS does not expose it.
 *
 * @param {Response} response
 * @param {number} now
 */
export function delayFrom({ headers }, now) {
  const text = headers.get('retry-after') ?? '';
  const date = /^[A-Z].*:/.test(text) ? Date.parse(text.replace(/( GMT)?$/, ' GMT')) : NaN;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Math.max(date - now, 0);
  return ms >= 0 ? ms : -1;
}

/**
 * Reads a body to its end, since an unread one holds the connection and the
 * keepalive quota; but not on and on.
 *
 * @param {Response} response
 */
export async function drain({ body }) {
  const reader = body?.getReader();
  const kept = new Uint8Array(reader ? MAX_BYTES : 0);
  let size = 0;
  while (size < kept.length) {
    const { done, value } = await /** @type {any} */ (reader).read();
    if (done) break;
    kept.set(value.subarray(0, MAX_BYTES - size), size);
    size += value.length;
  }
  reader?.cancel();
  return kept.subarray(0, size);
}

/** @param {Uint8Array} body */
const decode = (body) => new TextDecoder().decode(body);

/**
 * How many records a body rejects, -1 if it is broken; and what it says.
 *
 * @param {Uint8Array} body
 * @param {unknown} json
 * @param {boolean} success
 * @returns {[number, string]}
 */
export function replyFrom(body, json, success) {
  try {
    const [rejected = 0, message] = json ? fromJson(body, success) : fromProtobuf(body, success);
    const count = Number(rejected);
    if (Number.isSafeInteger(count) && count >= 0) return [count, `${message || ''}`.slice(0, MAX_MESSAGE)];
  } catch {
    // Said below.
  }
  return [-1, 'undecodable answer'];
}

/** @param {Uint8Array} body @param {boolean} success */
function fromJson(body, success) {
  const { message, partialSuccess } = JSON.parse(decode(body) || '{}');
  const { rejectedLogRecords, errorMessage } = partialSuccess ?? {};
  return success ? [rejectedLogRecords, errorMessage] : [0, message];
}

/** @param {Uint8Array} body @param {boolean} success */
function fromProtobuf(body, success) {
  const reply = fields(body);
  const [, rejected, message] = success ? fields(reply[1] ?? []) : [0, 0, reply[2]];
  return [rejected, message && decode(message)];
}

/**
 * Fields of a protobuf message by number: a number, or bytes. Throws if the
 * message is broken.
 *
 * @param {Uint8Array | never[]} bytes
 */
function fields(bytes) {
  /** @type {any[]} */
  const found = [];
  let at = 0;

  /** NaN, and `at` beyond the end, if it breaks off. */
  function varint() {
    let value = 0;
    for (let scale = 1, byte = 128; byte > 127; scale *= 128) {
      byte = bytes[at++];
      value += byte % 128 * scale;
    }
    return value;
  }

  while (at < bytes.length) {
    const tag = varint();
    const type = tag % 8;
    let value = type === 1 ? 8 : type === 5 ? 4 : varint();
    if (type) value = /** @type {any} */ (bytes.slice(at, at += value));
    if (!(at <= bytes.length && [0, 1, 2, 5].includes(type))) throw at;
    found[(tag - type) / 8] = value;
  }
  return found;
}
