/** Identity tokens, render tokens and beacon nonces. */
import { MAX_BOUND_TEXT, MAX_TOKEN, NONCE_SIZE, RENDERS } from '../../js/generated/signed.js';
import { checkText, failure, isWellFormed, nameOf, shown, time } from './errors.js';

/** Characters of a render token or nonce that are looked at: more than either has. */
const SHORT_MOST = 1024;

/** What the calls take. */
const WANTED = {
  id: 'it must have 1 to 4,096 bytes, and `random` must fill what it gets with random ones',
  now: 'it must be milliseconds since 1970',
  expiry: 'it must be whole seconds since 1970, below 2^32',
};

/** @typedef {{session: string, path: string}} Bound */

/** @param {unknown} id @returns {string} */
function userId(id) {
  if (typeof id === 'bigint' || Number.isSafeInteger(id)) return String(id);
  if (typeof id !== 'string') throw new TypeError(`sonde: id must be a string or a whole number, not ${shown(id)}`);
  if (!isWellFormed(id)) throw new TypeError('sonde: id must be well-formed, without half a surrogate pair');
  return id;
}

/**
 * @param {Record<string, any>} wasm
 * @param {import('./memory.js').Memory} memory
 * @param {() => void} alive throws after wipe
 * @param {(view: Uint8Array) => unknown} random
 */
export function tokens(wasm, { bytes, put, putToken, take, outDouble }, alive, random) {
  const nonce = bytes.subarray(0, NONCE_SIZE);
  let last = 0;

  /** Null for what does not open; throws for what is the caller's. @param {number} status */
  function refused(status) {
    last = status;
    if (nameOf(status) === 'NO_SECRET') throw failure('option secrets', status);
    return null;
  }

  /** The text in `out`, or an error about `name`. @param {keyof typeof WANTED} name @param {number} length */
  function made(name, length) {
    if (length < 0) throw failure(name, length, RangeError, nameOf(length) === 'BAD_ARGUMENT' ? WANTED[name] : undefined);
    return take(length);
  }

  /** @param {string} name @param {string} what */
  function wrongSize(name, what) {
    bytes.fill(0);
    return new RangeError(`sonde: ${name} ${what}`);
  }

  /** 12 fresh bytes of the host at the start of `in`. From a pool they could be used twice, after a snapshot. */
  function fresh() {
    nonce.fill(0); // which the module refuses
    random(nonce);
  }

  /** Puts one text behind the other, and gives their sizes. @param {number} at @param {Record<string, unknown>} named */
  function putAll(at, named) {
    // All are checked before one is in memory.
    for (const [name, value] of Object.entries(named)) {
      if (!isWellFormed(checkText(name, value))) throw new RangeError(`sonde: ${name} must be well-formed: half a surrogate pair would be another one`);
    }
    return Object.entries(named).map(([name, value]) => {
      const size = put(String(value), at);
      if (size < 0 || size > MAX_BOUND_TEXT) throw wrongSize(name, `must have at most ${MAX_BOUND_TEXT} bytes, and maxInput room for all`);
      at += size;
      return size;
    });
  }

  return {
    mintIdentity(/** @type {string | number | bigint} */ id) {
      alive();
      const name = userId(id);
      fresh();
      const size = put(name, NONCE_SIZE);
      if (size < 0) throw wrongSize('id', 'is too long');
      return made('id', wasm.signed_seal(NONCE_SIZE + size));
    },

    openIdentity(/** @type {string} */ token) {
      alive();
      const size = putToken(checkText('token', token), MAX_TOKEN);
      const length = wasm.signed_open(size < 0 ? 0 : size);
      return length < 0 ? refused(length) : take(length);
    },

    signRenderToken(/** @type {number | undefined} */ now) {
      alive();
      return made('now', wasm.signed_render(time(now)));
    },

    checkRenderToken(/** @type {string} */ token, /** @type {number | undefined} */ now) {
      alive();
      const at = time(now);
      const render = wasm.signed_check(at, put(checkText('token', token).slice(0, SHORT_MOST)));
      if (render < 0) throw failure('token', render);
      const [age] = outDouble;
      return { render: RENDERS[render], ageSeconds: age < 0 ? null : age };
    },

    sealNonce(/** @type {Bound & {expiry: number}} */ { session, path, expiry }) {
      alive();
      if (!Number.isInteger(expiry)) throw new RangeError(`sonde: expiry must be whole seconds since 1970, not ${shown(expiry)}`);
      fresh();
      const sizes = putAll(NONCE_SIZE, { session, path });
      return made('expiry', wasm.signed_nonce(expiry, ...sizes));
    },

    openNonce(/** @type {string} */ sealed, /** @type {Bound & {now?: number}} */ { session, path, now }) {
      alive();
      const at = time(now);
      const sizes = putAll(0, { nonce: checkText('nonce', sealed).slice(0, SHORT_MOST), session, path });
      const left = wasm.signed_nonce_check(at, ...sizes);
      return left < 0 ? refused(left) : left;
    },

    lastStatus: () => (last < 0 ? nameOf(last) : null),
  };
}
