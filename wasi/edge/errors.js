/** What is told when a caller is wrong: the name, what it must be, what it got. Never a secret, a token or an id. */
import { STATUSES } from '../../js/generated/signed.js';

/** A number or boolean as it is; of anything else, which could be a secret in the wrong place, its type. @param {unknown} value */
export function shown(value) {
  if (value === null) return 'null';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}

/** @param {number} status below 0 */
export const nameOf = (status) => STATUSES[-status]?.[0] ?? `status ${status}`;

/**
 * @param {string} what
 * @param {number} status below 0
 * @param {ErrorConstructor} [type]
 * @param {string} [remedy] where the text of the status, which is the C library's, would not help
 */
export function failure(what, status, type = Error, remedy = STATUSES[-status]?.[1]) {
  const error = new type(`sonde: ${what}: ${remedy ?? nameOf(status)}`);
  return Object.assign(error, { code: nameOf(status) });
}

/** @param {string} name @param {unknown} value @returns {string} */
export function checkText(name, value) {
  if (typeof value === 'string') return value;
  throw new TypeError(`sonde: ${name} must be a string, not ${shown(value)}`);
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Half a surrogate pair would become another character on its way. @param {string} text */
export const isWellFormed = (text) => !LONE_SURROGATE.test(text);

/** Milliseconds since 1970. @param {number | undefined} now the present, if undefined */
export function time(now) {
  if (now === undefined) return Date.now();
  if (typeof now === 'number' && now >= 0 && now <= Number.MAX_SAFE_INTEGER) return now;
  throw new RangeError(`sonde: now must be milliseconds since 1970, not ${shown(now)}`);
}
