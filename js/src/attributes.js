/**
 * Attributes on their way from an app into a record: copies of what may change
 * or throw, and those that an error has.
 */
const MAX_CAUSES = 8;
/** Keys and values of a span's attributes while it goes on. */
const MAX_TOLD = 4096;
/** In the place of what throws when it is read. */
export const UNREADABLE = '[unreadable]';

/**
 * An attribute of a span, in the place of an earlier one: in a list of keys and
 * values, as engines are slow with objects whose keys come one by one. What is
 * far beyond the core's limit is only counted.
 *
 * @param {any} list
 * @param {string} key
 * @param {any} value
 */
export function put(list, key, value) {
  if (value == null || key === '') return;
  let at = 0;
  while (at < list.length && list[at] !== key) at += 2;
  if (at > MAX_TOLD) {
    list.lost = (list.lost ?? 0) + 1;
    return;
  }
  list[at] = key;
  list[at + 1] = value;
}

/**
 * Attributes as they are now: what the app does to its object later is not what
 * it said.
 *
 * @param {any} map
 * @param {any} [copy]
 * @param {(copy: any, key: string, value: any) => void} [set]
 */
export function copyOf(map, copy = {}, set = (copy, key, value) => copy[key] = value) {
  if (map instanceof Map) map = Object.fromEntries(map);
  if (typeof map === 'object') for (const key in map) {
    if (Object.prototype.hasOwnProperty.call(map, key)) set(copy, key, read(map, key));
  }
  return copy;
}

/**
 * A function, as Chrome's engine takes `map[key]` in the loop itself to be of
 * one key for ever, and throws the compiled loop away at each other one.
 *
 * @param {any} map
 * @param {string} key
 */
function read(map, key) {
  try {
    return map[key];
  } catch {
    return UNREADABLE;
  }
}

/**
 * As OpenTelemetry's conventions have it.
 *
 * @param {any} error
 * @param {number} most characters of the stack
 */
export function exceptionAttributes(error, most) {
  const { name, message = error, stack, cause } = Object(error);
  return {
    'exception.type': name && `${name}`,
    'exception.message': `${message}`,
    'exception.stacktrace': stack && (stack + causes(cause)).slice(0, most),
  };
}

/** A chain of causes may be a circle. @param {any} cause */
function causes(cause) {
  let text = '';
  for (let i = 0; i < MAX_CAUSES && cause != null; i++) {
    text += `\nCaused by: ${cause.stack ?? cause}`;
    cause = cause.cause;
  }
  return text;
}
