/**
 * The values of a record as the core takes them: numbers in `words`, all strings
 * joined in one text. No file but this one and `record.js` writes records;
 * `src/wasm/README.md` in the repository is its manual.
 *
 * This is the path of every log call, hence one closure that makes no objects
 * and no arrays. README.md has what was measured against what.
 */
import {
  COUNT_SHIFT, ERR_TOO_LARGE, FLAG_BYTES, HEADER_DROPPED, HEADER_FLAGS, HEADER_NODES, HEADER_SCOPE, HEADER_SEVERITY,
  HEADER_TEXT, HEADER_WORDS, KEY_SHIFT, MAX_DEPTH, NODE_WORDS, TYPE_ARRAY, TYPE_BOOL, TYPE_BYTES, TYPE_DOUBLE, TYPE_INT,
  TYPE_INT64, TYPE_MAP, TYPE_NULL, TYPE_STRING,
} from '../generated/layout.js';
import { UNREADABLE } from './attributes.js';

/** Longer keys are rarely used again, and the core's table is small. */
const MAX_INTERNED = 64;
/** Arguments that one call takes in every engine. */
const CHUNK = 8192;
/** Keys that are remembered by their place in a record, minus 1. */
const PLACES = 63;
/** Far beyond every limit, far below where adding would overflow. */
const OVER = 1 << 28;
/** With `u`, a surrogate that is part of a pair does not match. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/gu;
/** How carefully a record is written at last: see `attempt`. */
const TIGHT = 2;

/** @param {import('./module.js').Core} core */
export function createValues(core) {
  const { words, doubles, put, textSize } = core;
  const { wasm_key: setKey } = core.wasm;
  // Here, as bundlers make `var` of what is outside, which engines do not trust.
  const { hasOwnProperty: hasOwn } = Object.prototype;
  /** Where nodes end; being beyond means that something did not fit. */
  const limit = words.length;
  /** @type {Map<string, number>} */
  const ids = new Map();
  /** Most records have the keys of the one before, in the same order. */
  const lastKeys = Array(PLACES + 1).fill('');
  const lastIds = Array(PLACES + 1).fill(0);
  /** The objects around the current value, if careful. @type {unknown[]} */
  let path = [];
  // `var`, because engines check each use of a `let` that closures share.
  var keysFull = false;
  var text = '';
  var end = HEADER_WORDS;
  var place = 0;
  var depth = 0;
  /** Of attributes: 1 in the events and links of a span, which the core has as levels. */
  var base = 0;
  var dropped = 0;
  var care = 0;
  /** Units of text that may be used, if careful. */
  var room = 0;

  /** Asks the core for an id; 0 if there is none. @param {string} key */
  function intern(key) {
    if (keysFull || key.length > MAX_INTERNED) return 0;
    const id = setKey(put(key));
    keysFull = id < 0;
    if (keysFull) return 0;
    ids.set(key, id);
    return id;
  }

  /**
   * The id of a key that the record before did not have in this place.
   *
   * @param {number} at the place
   * @param {string} key
   */
  function look(at, key) {
    lastKeys[at] = key;
    lastIds[at] = ids.get(key) ?? intern(key);
    return lastIds[at];
  }

  /** 0 for '', and for keys without an id. @param {string} key */
  function idOf(key) {
    if (key === '') return 0;
    const at = place++ & PLACES;
    return lastKeys[at] === key ? lastIds[at] : look(at, key);
  }

  /** A key without an id: its text. @param {number} at where the node is @param {string} key */
  function spell(at, key) {
    words[at + 1] = key.length;
    addText(key);
  }

  /** @param {string} string */
  function addText(string) {
    if (care === 0) text += string;
    else if (text.length + string.length > room) end = OVER;
    else text += string.replace(LONE_SURROGATE, '\uFFFD');
  }

  /**
   * A node that is no string; beyond the limit nothing is stored.
   *
   * @param {number} type
   * @param {string} key '' for values without one
   * @param {number} low the first word of the value
   */
  function addNode(type, key, low) {
    const at = end;
    end = at + NODE_WORDS;
    const id = idOf(key);
    words[at] = type | id << KEY_SHIFT;
    words[at + 1] = 0;
    words[at + 2] = low;
    if (id === 0 && key !== '') spell(at, key);
  }

  /**
   * The values that most attributes have are written right here: calls would
   * cost more than the writing.
   *
   * @param {unknown} value
   * @param {string} key
   * @returns {void}
   */
  function addValue(value, key) {
    const at = end;
    let type = TYPE_BOOL;
    if (typeof value === 'string') {
      type = TYPE_STRING;
      words[at + 2] = value.length;
    } else if (typeof value === 'number') {
      type = isWhole(value) ? TYPE_INT : TYPE_DOUBLE;
      doubles[(at + 2) >> 1] = value;
    } else if (typeof value === 'boolean') {
      words[at + 2] = value ? 1 : 0;
    } else {
      return other(value, key);
    }
    end = at + NODE_WORDS;
    const id = idOf(key);
    words[at] = type | id << KEY_SHIFT;
    words[at + 1] = 0;
    if (id === 0 && key !== '') spell(at, key);
    if (typeof value === 'string') addText(value);
  }

  /** @param {unknown} value @param {string} key */
  function other(value, key) {
    if (value == null) return addNode(TYPE_NULL, key, 0);
    if (typeof value === 'bigint') return bigint(value, key);
    if (typeof value === 'symbol') return addValue(String(value), key);
    if (care !== 0) {
      if (depth === MAX_DEPTH) return addNode(TYPE_NULL, key, 0);
      if (path.slice(base, depth).includes(value)) return addValue('[circular]', key);
      path[depth] = value;
    } else if (depth === MAX_DEPTH) {
      throw depth;
    }
    depth++;
    composite(value, key);
    depth--;
  }

  /** @param {bigint} value @param {string} key */
  function bigint(value, key) {
    if (BigInt.asIntN(64, value) !== value) return addValue(`${value}`, key);
    words[end + 3] = Number(BigInt.asIntN(32, value >> 32n));
    addNode(TYPE_INT64, key, Number(BigInt.asIntN(32, value)));
  }

  /** @param {any} value @param {string} key */
  function composite(value, key) {
    if (Array.isArray(value)) array(value, key);
    // Objects without a prototype have no constructor.
    else if ((value.constructor ?? Object) !== Object || value.toJSON) instance(value, key);
    else addNode(TYPE_MAP, key, addMap(value));
  }

  /**
   * Objects of classes, and functions. Those without a text of their own are
   * maps of their fields.
   *
   * @param {any} value
   * @param {string} key
   */
  function instance(value, key) {
    if (value instanceof Uint8Array) bytes(value, key);
    else if (value instanceof ArrayBuffer) bytes(new Uint8Array(value), key);
    else if (value instanceof Map) composite(Object.fromEntries(value), key);
    else if (value instanceof Set || ArrayBuffer.isView(value)) array([.../** @type {any} */ (value)], key);
    // What errors turn themselves into may hold more than one wants to tell.
    else if (value.toJSON && !(value instanceof Error)) addValue(value.toJSON(key), key);
    else if (`${value}` === '[object Object]') addNode(TYPE_MAP, key, addMap(value));
    else addValue(`${value}`, key);
  }

  /** @param {Uint8Array} value @param {string} key */
  function bytes(value, key) {
    addNode(TYPE_BYTES, key, value.length);
    for (let at = 0; at < value.length && end <= limit; at += CHUNK) {
      addText(String.fromCharCode(...value.subarray(at, at + CHUNK)));
    }
  }

  /** @param {ArrayLike<unknown>} value @param {string} key */
  function array(value, key) {
    const { length } = value;
    for (let i = 0; i < length && end <= limit; i++) addValue(value[i], '');
    addNode(TYPE_ARRAY, key, length);
  }

  /**
   * Attributes, or the fields of a map. Those without a key or a value are
   * skipped. Returns the number of the others.
   *
   * @param {any} map
   */
  function addMap(map) {
    let count = 0;
    for (const key in map) {
      if (key === '' || !hasOwn.call(map, key)) continue;
      count += care === 0 ? addOne(map, key) : guard(addOne, map, key);
      if (end > limit) break;
    }
    return count;
  }

  /** @param {any} map @param {string} key */
  function addOne(map, key) {
    const value = map[key];
    if (value === undefined) return 0;
    addValue(value, key);
    return 1;
  }

  /**
   * If careful: what throws when it is read is called unreadable, and an
   * attribute that does not fit is left out and counted.
   *
   * @param {(value: any, key: string) => number | void} call
   * @param {any} value
   * @param {string} key
   */
  function guard(call, value, key) {
    if (care === 0) return Number(call(value, key));
    const back = text;
    const start = end;
    const level = depth;
    let count = 1;
    try {
      count = Number(call(value, key));
    } catch {
      text = back;
      end = start;
      depth = level;
      addValue(UNREADABLE, key);
    }
    if (level === base && end > limit) {
      text = back;
      end = start;
      dropped++;
      return 0;
    }
    return count;
  }

  function begin() {
    text = '';
    end = HEADER_WORDS;
    place = 0;
    depth = 0;
    base = 0;
    dropped = 0;
    room = textSize;
  }

  /** Attributes of a span. Returns their number. @param {any} list keys and values */
  function addPairs(list) {
    const before = dropped += list.lost ?? 0;
    for (let i = 0; i < list.length && end <= limit; i += 2) care === 0 ? addValue(list[i + 1], list[i]) : guard(addValue, list[i + 1], list[i]);
    return list.length / 2 + before - dropped;
  }

  /**
   * An event or a link of a span. Returns where its own two words are.
   *
   * @param {number} type
   * @param {string} name
   * @param {any} list keys and values
   */
  function addPart(type, name, list) {
    base = depth = 1;
    const count = addPairs(list);
    base = depth = 0;
    const at = end;
    addNode(type | count << COUNT_SHIFT, '', 0);
    spell(at, name);
    return at + 2;
  }

  /** A value that the record is nothing without. @param {unknown} value */
  function addBody(value) {
    // Engines inline what is called by its name.
    if (value !== undefined) care === 0 ? addValue(value, '') : guard(addValue, value, '');
    if (dropped > 0) end = OVER;
  }

  /** At last, leaves little room from here on to what is not needed. Returns whether. */
  function tighten() {
    if (care === TIGHT) room = Math.max(text.length, textSize >> 2);
    return care === TIGHT;
  }

  /**
   * Text that may take all of the room, or if that is little, what fits whatever
   * its letters are. Returns its length.
   *
   * @param {string} string
   */
  function addLast(string) {
    room = textSize;
    if (care === TIGHT) string = string.slice(0, Math.max(textSize / 3 - text.length, 0));
    addText(string);
    return string.length;
  }

  /**
   * Writes text and header; throws if that is too much.
   *
   * @param {number} flags
   * @param {number} severity or kind
   * @param {import('./record.js').Scope | undefined} scope
   */
  function handOver(flags, severity, scope) {
    const written = end > limit || text.length > textSize ? ERR_TOO_LARGE : put(text);
    if (written < 0) throw written;
    words[HEADER_NODES] = (end - HEADER_WORDS) / NODE_WORDS;
    words[HEADER_TEXT] = written;
    words[HEADER_FLAGS] = written === text.length ? flags | FLAG_BYTES : flags;
    words[HEADER_SEVERITY] = severity;
    words[HEADER_SCOPE] = scope?.id ?? 0;
    words[HEADER_DROPPED] = dropped;
  }

  /**
   * Returns what the core says: EMIT_…, a handle, or a status. Nearly all
   * records are written at once. One that throws, is circular, too large or has
   * broken strings is written again, carefully; if it is still too large, with
   * little room for attributes.
   *
   * @param {(one?: any, two?: any) => number} write
   * @param {any} [one] as spans have them: not even a closure is made
   * @param {any} [two]
   */
  function attempt(write, one, two) {
    let status = ERR_TOO_LARGE;
    for (care = 0; status < 0 && care <= TIGHT; care++) {
      try {
        status = write(one, two);
      } catch {
        status = ERR_TOO_LARGE;
      }
    }
    if (care > 1) path = [];
    return status;
  }

  return { addBody, addLast, addMap, addOne, addPairs, addPart, addText, attempt, begin, guard, handOver, tighten };
}

/** @param {number} value */
function isWhole(value) {
  return (value | 0) === value ? value !== 0 || 1 / value > 0 : Number.isSafeInteger(value);
}
