/**
 * What a server answers: Retry-After, and a body in protobuf or JSON, which is
 * an ExportLogsServiceResponse to a success and a google.rpc.Status otherwise.
 */

const MAX_BYTES = 65536;
const MAX_MESSAGE = 256;

/**
 * Milliseconds that Retry-After asks for: seconds, or a date in any form that
 * HTTP has had, of which one does not say GMT. -1 if it is neither, or is over,
 * or is not there, as where CORS does not expose it.
 *
 * @param {Response} response
 * @param {number} now
 */
export function delayFrom({ headers }, now) {
  const text = `${headers.get('retry-after')}`;
  const ms = /^\d+$/.test(text) ? +text * 1000
    : /^[A-Z].*:/.test(text) ? Date.parse(text.replace(/( GMT)?$/, ' GMT')) - now : -1;
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
  /** @type {number[]} */
  const bytes = [];
  while (reader && bytes.length < MAX_BYTES) {
    const { value } = await reader.read();
    if (!value) break;
    for (const byte of value.subarray(0, MAX_BYTES)) bytes.push(byte);
  }
  reader?.cancel().catch(() => {});
  return bytes;
}

/**
 * How many records a body rejects, -1 if it is broken; and what it says.
 *
 * @param {Iterable<number> & ArrayLike<number>} body
 * @param {unknown} json
 * @param {boolean} success
 * @returns {[number, string]}
 */
export function replyFrom(body, json, success) {
  try {
    const [rejected, message] = (json ? fromJson : fromProtobuf)(body, success);
    const count = Number(rejected ?? 0);
    if (count >>> 0 === count) return [count, `${message ?? ''}`.slice(0, MAX_MESSAGE)];
  } catch {
    // Said below.
  }
  return [-1, 'unreadable answer'];
}

/** @param {any} bytes */
const decode = (bytes) => new TextDecoder().decode(Uint8Array.from(bytes));

/** @param {any} body @param {boolean} success */
function fromJson(body, success) {
  const { message, partialSuccess: it } = JSON.parse(decode(body) || '{}');
  return success ? [it?.rejectedLogRecords ?? it?.rejectedSpans ?? it?.rejectedDataPoints, it?.errorMessage] : [0, message];
}

/** @param {any} body @param {boolean} success */
function fromProtobuf(body, success) {
  const [, partialSuccess, text] = fields(body);
  const [, rejected, message] = success ? fields(partialSuccess ?? []) : [0, 0, text];
  return [rejected, decode(message ?? [])];
}

/**
 * Fields of a protobuf message by number: a number, or bytes. Throws if the
 * message is broken.
 *
 * @param {any} bytes
 */
function fields(bytes) {
  /** @type {any[]} */
  const found = [];
  let at = 0;

  /** Not a number, and `at` beyond the end, if it breaks off. */
  function varint() {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (!(byte > 127)) return value + byte * scale;
      value += (byte - 128) * scale;
    }
  }

  while (at < bytes.length) {
    const tag = varint();
    const type = tag % 8;
    let value = type === 1 ? 8 : type === 5 ? 4 : varint();
    if (type) value = /** @type {any} */ (bytes.slice(at, at += value));
    if (!(at <= bytes.length && [0, 1, 2, 5].includes(type))) throw at;
    found[tag >> 3] = value;
  }
  return found;
}
