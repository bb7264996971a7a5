/**
 * Signed identity and support submissions by sonde-edge.wasm, in any host of
 * JavaScript. signed.d.ts is the manual; `src/sonde_signed.h` says what the
 * module does.
 */
import { DEFAULTS, MAX_BOUND_TEXT, MAX_TOKEN, MESSAGES, NONCE_SIZE, OPTIONS, REASONS, RENDERS, STATUSES } from '../../js/generated/signed.js';
import { FRAME_ROOM, checkSubmission, frames, time } from './frames.js';
import { openMemory } from './memory.js';

/** Submissions that verifyMany reads ahead at most. */
const BATCH = 256;
/** Of outWords before the verdicts: how many, and the bytes dealt with. */
const OUT_HEADER = 8;
const RENDER_MOST = 1024;
/** What has no place in OPTIONS. */
const OTHERS = ['module', 'secrets', 'allowOrigins', 'allowNext', 'random'];
const LONE_SURROGATE = /\p{Surrogate}/u;

/** @typedef {keyof typeof OPTIONS} Option */

/** Values of options may be shown; texts could be a secret in the wrong place. @param {unknown} value */
const shown = (value) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value === null ? 'null' : typeof value);

/** @param {number} status */
const nameOf = (status) => STATUSES[-status]?.[0] ?? `status ${status}`;

/** @param {string} what @param {number} status @param {ErrorConstructor} [type] */
function failure(what, status, type = Error) {
  return Object.assign(new type(`sonde: ${what}: ${STATUSES[-status]?.[1] ?? status}`), { code: nameOf(status) });
}

/** The number that the module takes. @param {Option} name @param {unknown} value */
function numberFrom(name, value) {
  const [least, most] = OPTIONS[name];
  if (typeof least === 'boolean') {
    if (typeof value === 'boolean') return Number(value);
    throw new TypeError(`sonde: option ${name} must be true or false, not ${shown(value)}`);
  }
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= Number(most)) return Number(value);
  throw new RangeError(`sonde: option ${name} must be a whole number from ${least} to ${most}, not ${shown(value)}`);
}

/** All that the module shall be told. @param {Record<string, unknown>} given */
function numbers(given) {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(OPTIONS, name) && !OTHERS.includes(name));
  if (unknown) throw new TypeError(`sonde: there is no option ${unknown}; there are ${[...OTHERS, ...Object.keys(OPTIONS)].join(', ')}`);
  const names = /** @type {Option[]} */ (Object.keys(OPTIONS));
  /** @type {Partial<Record<Option, number>>} */
  const told = {};
  for (const name of names) if (given[name] !== undefined) told[name] = numberFrom(name, given[name]);
  const least = (told.maxBody ?? DEFAULTS.maxBody) + FRAME_ROOM;
  if (told.maxInput !== undefined && told.maxInput < least)
    throw new RangeError(`sonde: option maxInput must be at least maxBody + ${FRAME_ROOM}, which is ${least}, not ${told.maxInput}`);
  told.maxInput ??= Math.max(DEFAULTS.maxInput, least);
  return told;
}

/** @param {string} name @param {unknown} list @returns {string[]} */
function texts(name, list) {
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw new TypeError(`sonde: option ${name} must be an array of strings, not ${shown(list)}`);
  const wrong = list.findIndex((text) => typeof text !== 'string' || LONE_SURROGATE.test(text));
  if (wrong < 0) return list;
  const what = typeof list[wrong] === 'string' ? 'one with half a surrogate pair' : shown(list[wrong]);
  throw new TypeError(`sonde: option ${name}[${wrong}] must be a well-formed string, not ${what}`);
}

/** @param {unknown} module @returns {Record<string, any>} */
function instantiate(module) {
  if (!(module instanceof WebAssembly.Module)) throw new TypeError(`sonde: option module must be a WebAssembly.Module, not ${shown(module)}`);
  const wasm = new WebAssembly.Instance(module, {}).exports;
  if (typeof wasm.signed_start === 'function') return wasm;
  throw new TypeError('sonde: option module must be sonde-edge.wasm, not another module');
}

/** The address of the regions. @param {Record<string, any>} wasm @param {Partial<Record<Option, number>>} told */
function start(wasm, told) {
  Object.keys(OPTIONS).forEach((name, id) => {
    const value = told[/** @type {Option} */ (name)];
    const status = value === undefined ? 0 : wasm.signed_option(id, value);
    if (status < 0) throw failure(`option ${name}`, status, RangeError);
  });
  const table = wasm.signed_start();
  if (table < 0) throw failure('signed_start', table);
  return table;
}

/** @param {any} value */
const withoutPrototype = (value) => Object.assign(Object.create(null), value);

/** `extras` gets no prototype: each key in it is data. @param {string} line */
function parse(line) {
  const verdict = JSON.parse(line);
  if (verdict.extras) verdict.extras = withoutPrototype(verdict.extras);
  return verdict;
}

/** @param {string} name @param {unknown} value @returns {string} */
function text(name, value) {
  if (typeof value !== 'string') throw new TypeError(`sonde: ${name} must be a string, not ${shown(value)}`);
  return value;
}

/** @param {unknown} id @returns {string} */
function userId(id) {
  if (typeof id === 'bigint' || Number.isSafeInteger(id)) return String(id);
  if (typeof id !== 'string') throw new TypeError(`sonde: id must be a string or a whole number, not ${shown(id)}`);
  if (LONE_SURROGATE.test(id)) throw new TypeError('sonde: id must be well-formed, without half a surrogate pair');
  return id;
}

/** @param {any} submission */
function isSubmission(submission) {
  try {
    checkSubmission(submission);
    return true;
  } catch {
    return false;
  }
}

/** @type {(view: Uint8Array) => unknown} */
const systemRandom = (view) => crypto.getRandomValues(/** @type {Uint8Array<ArrayBuffer>} */ (view));

/**
 * see signed.d.ts
 *
 * @param {import('./signed.js').CreateOptions} options
 * @returns {import('./signed.js').Verifier}
 */
export function createVerifier(options) {
  const given = /** @type {any} */ ({ ...options });
  const told = numbers(given);
  const secrets = texts('secrets', given.secrets);
  const random = given.random ?? systemRandom;
  if (typeof random !== 'function') throw new TypeError(`sonde: option random must be a function, not ${shown(random)}`);
  const wasm = instantiate(given.module);
  const memory = openMemory(wasm.memory, start(wasm, told));
  const { bytes, put, putToken, take, outDouble, outWords } = memory;
  const putFrame = frames(memory, told.maxBody ?? DEFAULTS.maxBody);
  const nonce = bytes.subarray(0, NONCE_SIZE);
  let last = 0;
  let live = true;

  /** @param {string} name @param {string[]} list @param {(size: number) => number} call */
  function configure(name, list, call) {
    list.forEach((item, i) => {
      const size = put(item);
      const status = size < 0 ? -1 : call(size);
      bytes.fill(0, 0, Math.max(size, 0));
      if (status >= 0) return;
      const got = name === 'secrets' ? `it has ${size} bytes` : JSON.stringify(item);
      throw failure(`option ${name}[${i}], ${got}`, status, RangeError);
    });
  }

  function alive() {
    if (!live) throw new Error('sonde: this verifier was wiped: create another one');
  }

  /** Null for a token that does not open; throws for what is the caller's. @param {number} status */
  function refused(status) {
    last = status;
    if (nameOf(status) === 'NO_SECRET') throw failure('option secrets', status);
    return null;
  }

  /** @param {string} name @param {string} [what] */
  function tooLong(name, what = 'is too long') {
    bytes.fill(0);
    return new RangeError(`sonde: ${name} ${what}`);
  }

  /** 12 fresh random bytes at the start of `in`. */
  function fresh() {
    nonce.fill(0);
    random(nonce);
  }

  /** Puts one text behind the other, and gives their sizes. @param {number} at @param {Record<string, unknown>} named */
  function putAll(at, named) {
    return Object.entries(named).map(([name, value]) => {
      const size = put(text(name, value), at);
      if (size < 0 || size > MAX_BOUND_TEXT) throw tooLong(name, `must have at most ${MAX_BOUND_TEXT} bytes, and maxInput room for all`);
      at += size;
      return size;
    });
  }

  /** The verdicts on the frames in `in`, a line each. @param {number} size */
  function lines(size) {
    const end = wasm.signed_verify(size);
    if (end < 0) throw failure('verify', end);
    const [count, used] = outWords;
    bytes.fill(0, used, size); // what was not dealt with is put again
    return take(end - OUT_HEADER, OUT_HEADER).split('\n', count);
  }

  /**
   * Verifies as many of them as one crossing can carry, at least one. Throws at
   * what is no submission when all before it have their verdicts.
   *
   * @param {import('./frames.js').Submission[]} list
   */
  function batch(list) {
    alive();
    checkSubmission(list[0]);
    let end = putFrame(0, list[0]);
    for (let i = 1; i < list.length; i++) {
      const next = isSubmission(list[i]) ? putFrame(end, list[i]) : -1;
      if (next < 0) break;
      end = next;
    }
    return lines(end);
  }

  /** @param {import('./frames.js').Submission} submission @returns {string} */
  const verifyLine = (submission) => batch([submission])[0];

  /** @param {Iterable<import('./frames.js').Submission>} submissions */
  function* verifyMany(submissions) {
    /** @type {import('./frames.js').Submission[]} */
    let waiting = [];
    for (const submission of submissions) {
      waiting.push(submission);
      if (waiting.length < BATCH) continue;
      const done = batch(waiting);
      waiting = waiting.slice(done.length);
      yield* done.map(parse);
    }
    while (waiting.length > 0) {
      const done = batch(waiting);
      waiting = waiting.slice(done.length);
      yield* done.map(parse);
    }
  }

  configure('secrets', secrets, wasm.signed_secret);
  configure('allowOrigins', texts('allowOrigins', given.allowOrigins), wasm.signed_origin);
  configure('allowNext', texts('allowNext', given.allowNext), wasm.signed_next);

  return {
    verify: (/** @type {import('./frames.js').Submission} */ submission) => parse(verifyLine(submission)),
    verifyLine,
    verifyMany,

    mintIdentity(/** @type {string | number | bigint} */ id) {
      alive();
      const name = userId(id);
      fresh();
      const size = put(name, NONCE_SIZE);
      if (size < 0) throw tooLong('id');
      const length = wasm.signed_seal(NONCE_SIZE + size);
      if (length < 0) throw failure('id', length, RangeError);
      return take(length);
    },

    openIdentity(/** @type {string} */ token) {
      alive();
      const size = putToken(text('token', token), MAX_TOKEN);
      const length = wasm.signed_open(size < 0 ? 0 : size);
      return length < 0 ? refused(length) : take(length);
    },

    signRenderToken(/** @type {number | undefined} */ now) {
      alive();
      const length = wasm.signed_render(time(now));
      if (length < 0) throw failure('now', length, RangeError);
      return take(length);
    },

    checkRenderToken(/** @type {string} */ token, /** @type {number | undefined} */ now) {
      alive();
      const size = Math.max(put(text('token', token).slice(0, RENDER_MOST)), 0);
      const render = wasm.signed_check(time(now), size);
      if (render < 0) throw failure('token', render);
      const [age] = outDouble;
      return { render: RENDERS[render], ageSeconds: age < 0 ? null : age };
    },

    sealNonce(/** @type {{session: string, path: string, expiry: number}} */ { session, path, expiry }) {
      alive();
      const [sessionSize, pathSize] = putAll(NONCE_SIZE, { session, path });
      fresh();
      const length = wasm.signed_nonce(expiry, sessionSize, pathSize);
      if (length < 0) throw failure('expiry', length, RangeError);
      return take(length);
    },

    openNonce(/** @type {string} */ sealed, /** @type {{session: string, path: string, now?: number}} */ { session, path, now }) {
      alive();
      const [nonceSize, sessionSize, pathSize] = putAll(0, { nonce: text('nonce', sealed).slice(0, RENDER_MOST), session, path });
      const left = wasm.signed_nonce_check(time(now), nonceSize, sessionSize, pathSize);
      return left < 0 ? refused(left) : left;
    },

    lastStatus: () => (last < 0 ? nameOf(last) : null),

    wipe() {
      live = false;
      wasm.signed_wipe();
    },
  };
}

/**
 * HTTP status, field and message of a rejection; null for what is none.
 *
 * @param {string | null} reason
 */
export function explain(reason) {
  if (reason === null || !Object.hasOwn(REASONS, reason)) return null;
  const code = /** @type {keyof typeof REASONS} */ (reason);
  const [status, field] = REASONS[code];
  return { status, field, message: MESSAGES[code] };
}
