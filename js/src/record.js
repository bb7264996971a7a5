/**
 * Log records and spans as the core takes them: numbers in `words`, all strings joined
 * in one text. No other file knows this layout; `src/wasm/README.md` in the
 * repository is its manual.
 *
 * This is the path of every log call, hence one closure that makes no objects
 * and no arrays. README.md has what was measured against what.
 */
import {
  COUNT_SHIFT, ERR_TOO_LARGE, FLAG_BYTES, FLAG_NOW, FLAG_PARENT, FLAG_SEVERITY_NAME,
  FLAG_TRACE, HEADER_DROPPED, HEADER_DROPPED_EVENTS, HEADER_DROPPED_LINKS, HEADER_END,
  HEADER_EVENT_NAME, HEADER_FLAGS, HEADER_NAME, HEADER_NODES, HEADER_SCOPE,
  HEADER_SEVERITY, HEADER_SEVERITY_TEXT, HEADER_START, HEADER_STATUS_MESSAGE, HEADER_TEXT,
  HEADER_TIME, HEADER_TRACE_FLAGS, HEADER_TRACE_STATE, HEADER_WORDS, KEY_SHIFT, MAX_DEPTH,
  NODE_WORDS, SIGNAL_LOGS, SIGNAL_TRACES, STATUS_SHIFT, TYPE_ARRAY, TYPE_BOOL, TYPE_BYTES,
  TYPE_DOUBLE, TYPE_EVENT, TYPE_INT, TYPE_INT64, TYPE_LINK, TYPE_MAP, TYPE_NULL, TYPE_STRING,
} from '../generated/layout.js';
import { exceptionAttributes, UNREADABLE } from './attributes.js';

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
/** How carefully a record is written at last: see the end of this file. */
const TIGHT = 2;

/**
 * @typedef {object} Scope
 * @property {string} name
 * @property {string} version
 * @property {number} [id] once the core has been asked
 * @property {Record<string, string>} [attributes] instead of an id of its own,
 *   when the core's table is full
 *
 * @typedef {object} SpanContext
 * @property {string} traceId
 * @property {string} spanId
 * @property {number} traceFlags
 * @property {any} [traceState] its text, or an object that serializes itself
 * @property {boolean} [isRemote]
 *
 * @typedef {object} Extras what a plain log call does not have
 * @property {number[]} times seconds and nanoseconds of the event, then of its
 *   observation
 * @property {string} [severityText] the usual name of the number if undefined
 * @property {string} [eventName]
 * @property {SpanContext} [trace]
 */

/** @param {import('./module.js').Core} core */
export function createRecorder(core) {
  const { words, doubles, put, textSize } = core;
  const { wasm_emit: emit, wasm_key: setKey, wasm_resource: setResource, wasm_series: getSeries } = core.wasm;
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
    append(key);
  }

  /** @param {string} string */
  function append(string) {
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
  function node(type, key, low) {
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
  function write(value, key) {
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
    if (typeof value === 'string') append(value);
  }

  /** @param {unknown} value @param {string} key */
  function other(value, key) {
    if (value == null) return node(TYPE_NULL, key, 0);
    if (typeof value === 'bigint') return bigint(value, key);
    if (typeof value === 'symbol') return write(String(value), key);
    if (care !== 0) {
      if (depth === MAX_DEPTH) return node(TYPE_NULL, key, 0);
      if (path.slice(base, depth).includes(value)) return write('[circular]', key);
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
    if (BigInt.asIntN(64, value) !== value) return write(`${value}`, key);
    words[end + 3] = Number(BigInt.asIntN(32, value >> 32n));
    node(TYPE_INT64, key, Number(BigInt.asIntN(32, value)));
  }

  /** @param {any} value @param {string} key */
  function composite(value, key) {
    if (Array.isArray(value)) array(value, key);
    // Objects without a prototype have no constructor.
    else if ((value.constructor ?? Object) !== Object || value.toJSON) instance(value, key);
    else node(TYPE_MAP, key, entries(value));
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
    else if (value.toJSON && !(value instanceof Error)) write(value.toJSON(key), key);
    else if (`${value}` === '[object Object]') node(TYPE_MAP, key, entries(value));
    else write(`${value}`, key);
  }

  /** @param {Uint8Array} value @param {string} key */
  function bytes(value, key) {
    node(TYPE_BYTES, key, value.length);
    for (let at = 0; at < value.length && end <= limit; at += CHUNK) {
      append(String.fromCharCode(...value.subarray(at, at + CHUNK)));
    }
  }

  /** @param {ArrayLike<unknown>} value @param {string} key */
  function array(value, key) {
    const { length } = value;
    for (let i = 0; i < length && end <= limit; i++) write(value[i], '');
    node(TYPE_ARRAY, key, length);
  }

  /**
   * Attributes, or the fields of a map. Those without a key or a value are
   * skipped. Returns the number of the others.
   *
   * @param {any} map
   */
  function entries(map) {
    let count = 0;
    for (const key in map) {
      if (key === '' || !hasOwn.call(map, key)) continue;
      count += care === 0 ? property(map, key) : guard(property, map, key);
      if (end > limit) break;
    }
    return count;
  }

  /** @param {any} map @param {string} key */
  function property(map, key) {
    const value = map[key];
    if (value === undefined) return 0;
    write(value, key);
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
      write(UNREADABLE, key);
    }
    if (level === base && end > limit) {
      text = back;
      end = start;
      dropped++;
      return 0;
    }
    return count;
  }

  /** @param {any} error */
  function exception(error) {
    entries(exceptionAttributes(error, textSize >> 3));
  }

  function reset() {
    text = '';
    end = HEADER_WORDS;
    place = 0;
    depth = 0;
    base = 0;
    dropped = 0;
    room = textSize;
  }

  /**
   * Header words that are 0 otherwise. Returns flags.
   *
   * @param {Extras} extras
   */
  function finish({ times, severityText, eventName = '' }) {
    words.set(times, HEADER_TIME);
    words[HEADER_SEVERITY_TEXT] = severityText?.length ?? 0;
    words[HEADER_EVENT_NAME] = eventName.length;
    append(eventName);
    return severityText === undefined ? FLAG_SEVERITY_NAME : 0;
  }

  /**
   * Writes nodes and text. Returns flags.
   *
   * @param {Scope | undefined} scope
   * @param {unknown} body
   * @param {any} map
   * @param {unknown} error
   * @param {Extras | undefined} extras
   * @param {SpanContext | undefined} trace
   */
  function fill(scope, body, map, error, extras, trace) {
    reset();
    if (extras?.severityText) append(extras.severityText);
    // Engines inline what is called by its name.
    if (body !== undefined) care === 0 ? write(body, '') : guard(write, body, '');
    // A record without its message is none.
    if (dropped > 0) end = OVER;
    if (care === TIGHT) room = Math.max(text.length, textSize >> 2);
    if (error !== undefined) guard(exception, error, 'exception.message');
    entries(scope?.attributes);
    if (typeof map === 'object') {
      const own = map instanceof Map ? Object.fromEntries(map) : map;
      care === 0 ? entries(own) : guard(entries, own, 'attributes');
    }
    let flags = 0;
    if (trace) {
      words[HEADER_TRACE_FLAGS] = trace.traceFlags & 255;
      append(trace.traceId + trace.spanId);
      flags = FLAG_TRACE;
    }
    return flags | (extras ? finish(extras) : FLAG_NOW | FLAG_SEVERITY_NAME);
  }

  /** Attributes of a span. Returns their number. @param {any} list keys and values */
  function pairs(list) {
    const before = dropped += list.lost ?? 0;
    for (let i = 0; i < list.length && end <= limit; i += 2) care === 0 ? write(list[i + 1], list[i]) : guard(write, list[i + 1], list[i]);
    return list.length / 2 + before - dropped;
  }

  /**
   * Seconds and nanoseconds.
   *
   * @param {number} at
   * @param {import('./trace.js').Time} time
   */
  function stamp(at, time) {
    // Each word by itself: `set` costs as much as an attribute.
    if (typeof time === 'number') {
      const seconds = Math.floor(time / 1000);
      words[at] = seconds;
      words[at + 1] = Math.round((time - seconds * 1000) * 1e6);
    } else {
      words[at] = time[0];
      words[at + 1] = time[1];
    }
  }

  /**
   * The events or the links of a span.
   *
   * @param {number} type
   * @param {import('./trace.js').Part[]} list
   */
  function parts(type, list) {
    for (let i = 0; i < list.length; i++) {
      const { name, attributes, value } = list[i];
      base = depth = 1;
      const count = pairs(attributes);
      base = depth = 0;
      const at = end;
      node(type | count << COUNT_SHIFT, '', 0);
      spell(at, name);
      stamp(at + 2, value);
    }
  }

  /** Writes a span. Returns flags. @param {import('./trace.js').Span} span */
  function fillSpan(span) {
    const { _context: context, _parent: parent, _name: name, _message: message, _events: events, _links: links } = span;
    const state = span._state;
    reset();
    append(context.traceId + context.spanId + state + parent + name);
    if (care === TIGHT) room = Math.max(text.length, textSize >> 2);
    entries(span._scope.attributes);
    pairs(span._attributes);
    words[HEADER_DROPPED_EVENTS] = span._droppedEvents;
    words[HEADER_DROPPED_LINKS] = span._droppedLinks;
    if (care === TIGHT) {
      // What is too large goes without them.
      words[HEADER_DROPPED_EVENTS] += events.length;
      words[HEADER_DROPPED_LINKS] += links.length;
    } else {
      parts(TYPE_EVENT, events);
      parts(TYPE_LINK, links);
    }
    room = textSize;
    append(message);
    stamp(HEADER_START, span._start);
    stamp(HEADER_END, span._end);
    words[HEADER_NAME] = name.length;
    words[HEADER_STATUS_MESSAGE] = message.length;
    words[HEADER_TRACE_FLAGS] = context.traceFlags | span._remote;
    words[HEADER_TRACE_STATE] = state.length;
    return parent ? FLAG_PARENT : 0;
  }

  /**
   * Writes text and header; throws if that is too much.
   *
   * @param {number} flags
   * @param {number} severity or kind
   * @param {Scope | undefined} scope
   */
  function hand(flags, severity, scope) {
    const written = end > limit || text.length > textSize ? ERR_TOO_LARGE : put(text);
    if (written < 0) throw written;
    words[HEADER_NODES] = (end - HEADER_WORDS) / NODE_WORDS;
    words[HEADER_TEXT] = written;
    words[HEADER_FLAGS] = written === text.length ? flags | FLAG_BYTES : flags;
    words[HEADER_SEVERITY] = severity;
    words[HEADER_SCOPE] = scope?.id ?? 0;
    words[HEADER_DROPPED] = dropped;
  }

  /** Its id, which the core is asked for once. @param {Scope} scope */
  function scopeOf(scope) {
    const { id, name, version } = scope;
    if (id === undefined) {
      scope.id = Math.max(core.scope(name, version), 0);
      if (name && !scope.id) scope.attributes = { 'otel.scope.name': name, 'otel.scope.version': version };
    }
    return scope.id;
  }

  /**
   * Returns what the core says: EMIT_…, a handle, or a status. Nearly all
   * records are written at once. One that throws, is circular, too large or has
   * broken strings is written again, carefully; if it is still too large, with
   * little room for attributes.
   *
   * @param {() => number} write
   */
  function attempt(write) {
    let status = ERR_TOO_LARGE;
    for (care = 0; status < 0 && care <= TIGHT; care++) {
      try {
        status = write();
      } catch {
        status = ERR_TOO_LARGE;
      }
    }
    if (care > 1) path = [];
    return status;
  }

  /**
   * @param {number} now
   * @param {Scope | undefined} scope undefined for the resource
   * @param {number} severity
   * @param {unknown} body
   * @param {any} map attributes
   * @param {unknown} [error]
   * @param {Extras} [extras]
   * @param {SpanContext} [trace]
   */
  function log(now, scope, severity, body, map, error, extras, trace) {
    if (scope) scopeOf(scope);
    const status = attempt(() => {
      hand(fill(scope, body, map, error, extras, trace), severity, scope);
      return scope ? emit(SIGNAL_LOGS, now) : setResource();
    });
    if (extras) words.fill(0, 0, HEADER_WORDS);
    return status;
  }

  /**
   * @param {number} now
   * @param {import('./trace.js').Span} it
   */
  function span(now, it) {
    const scope = it._scope;
    scopeOf(scope);
    const status = attempt(() => {
      hand(fillSpan(it), it._kind | it._code << STATUS_SHIFT, scope);
      return emit(SIGNAL_TRACES, now);
    });
    // The two that a plain log call takes to be 0.
    words[HEADER_SEVERITY_TEXT] = words[HEADER_EVENT_NAME] = 0;
    return status;
  }

  /**
   * The handle of an instrument's series with these attributes, whatever their
   * order, or a status.
   *
   * @param {number} now
   * @param {number} instrument
   * @param {any} map
   */
  function series(now, instrument, map) {
    return attempt(() => {
      reset();
      for (const key of Object.keys(map).sort()) if (key) guard(property, map, key);
      hand(0, 0, undefined);
      return getSeries(now, instrument);
    });
  }

  return { log, span, series, scope: scopeOf };
}

/** @param {number} value */
function isWhole(value) {
  return (value | 0) === value ? value !== 0 || 1 / value > 0 : Number.isSafeInteger(value);
}
