/**
 * The browser's quota for requests that outlive the page: 64 KiB of bodies in
 * flight, and in Chrome 9 requests. It belongs to the page, so all instances,
 * from whatever bundle, share one account. Other scripts use the quota, too,
 * but what they use cannot be known.
 */

const MAX_BYTES = 60000;
const MAX_REQUESTS = 9;
/** Less is not worth a request of its own. */
const MIN_ROOM = 4096;

const KEY = Symbol.for('sonde.keepalive');

/** @returns {{bytes: number, requests: number}} */
function account() {
  const page = /** @type {any} */ (globalThis);
  return page[KEY] ??= { bytes: 0, requests: 0 };
}

/** Bytes that a request may have now; 0 if none should be made. */
export function keepaliveRoom() {
  const { bytes, requests } = account();
  const room = MAX_BYTES - bytes;
  return requests < MAX_REQUESTS && room >= MIN_ROOM ? room : 0;
}

/** Takes room for a request if there is. @param {number} bytes */
export function takeKeepalive(bytes) {
  const page = account();
  if (page.requests >= MAX_REQUESTS || page.bytes + bytes > MAX_BYTES) return false;
  page.bytes += bytes;
  page.requests++;
  return true;
}

/** Gives it back when the request is over. @param {number} bytes */
export function giveKeepalive(bytes) {
  const page = account();
  page.bytes -= bytes;
  page.requests--;
}
