/**
 * Spans: made by tracers, and written by `record.js` when they end. They have
 * the shape of `Span` of `@opentelemetry/api`, and spans that are not sampled
 * are the same with all the work left out.
 */
import { copyOf, exceptionAttributes, put } from './attributes.js';
import { contextOf, toTime, validContext } from './logrecord.js';

/** Of events, and of links; the oldest go (trace/sdk.md, Span Limits). */
const MAX_PARTS = 128;
const MAX_STACK = 8192;
/** Random bytes that are asked for at once. */
const POOL = 4096;
/** Where the last 56 bits of a trace id begin. */
const RANDOM_FROM = 18;
const SAMPLED = 1;
/** The trace id is random: W3C Trace Context Level 2. */
const RANDOM = 2;
const STATUS_OK = 1;
const STATUS_ERROR = 2;
const NONE = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 };

/**
 * @typedef {import('./record.js').SpanContext} SpanContext
 *
 * @typedef {number | number[]} Time milliseconds, or seconds and nanoseconds
 *
 * @typedef {object} Part an event or a link
 * @property {string} name of a link, its ids and trace state
 * @property {any} attributes keys and values
 * @property {Time} value of a link, its flags and 0
 */

/** It may be an object of OpenTelemetry's API. @param {any} state */
function stateText(state) {
  try {
    return state ? `${state.serialize?.() ?? state}` : '';
  } catch {
    return '';
  }
}

/** What the core is told of a remote parent or a link, beside W3C's flags. @param {any} context */
const linkFlags = ({ traceFlags, isRemote }) => traceFlags & 255 | (isRemote ? 768 : 256);

/** @param {unknown} input */
const isTime = (input) => typeof input === 'number' || input instanceof Date || Array.isArray(input);

export class Span {
  /**
   * @param {any} hub undefined if the span is not recorded
   * @param {SpanContext} context
   * @param {number} clock what to add to the monotonic clock for the time
   */
  constructor(hub, context, clock) {
    this._hub = hub;
    this._context = context;
    this._clock = clock;
    this._name = this._message = this._parent = this._state = '';
    this._kind = this._code = this._remote = this._droppedEvents = this._droppedLinks = 0;
    this._scope = this._attributes = this._events = this._links = this._start = this._end = /** @type {any} */ (undefined);
  }

  spanContext() {
    return this._context;
  }

  isRecording() {
    return !!this._hub;
  }

  /** @param {string} key @param {any} value */
  setAttribute(key, value) {
    if (this._hub) put(this._attributes, `${key}`, value);
    return this;
  }

  /** @param {any} attributes */
  setAttributes(attributes) {
    if (this._hub) copyOf(attributes, this._attributes, put);
    return this;
  }

  /** @param {string} name @param {any} [attributes] or the time @param {any} [time] */
  addEvent(name, attributes, time) {
    if (!this._hub) return this;
    if (isTime(attributes)) {
      time = attributes;
      attributes = undefined;
    }
    this._droppedEvents += add(this._events, { name: `${name}`, attributes: copyOf(attributes, [], put), value: timeOf(this, time) });
    return this;
  }

  /** @param {any} link a context, and attributes */
  addLink({ context, attributes }) {
    if (!this._hub || !validContext(context)) return this;
    const name = context.traceId + context.spanId + stateText(context.traceState);
    this._droppedLinks += add(this._links, { name, attributes: copyOf(attributes, [], put), value: [linkFlags(context), 0] });
    return this;
  }

  /** @param {any[]} links */
  addLinks(links) {
    for (const link of links) this.addLink(link);
    return this;
  }

  /** OK is final, and only errors have a message. @param {any} status */
  setStatus({ code, message }) {
    if (this._hub && (code === STATUS_OK || code === STATUS_ERROR) && this._code !== STATUS_OK) {
      this._code = code;
      this._message = code === STATUS_ERROR ? `${message ?? ''}` : '';
    }
    return this;
  }

  /** @param {string} name */
  updateName(name) {
    if (this._hub) this._name = `${name}`;
    return this;
  }

  /** @param {unknown} error @param {any} [time] */
  recordException(error, time) {
    if (this._hub) this.addEvent('exception', exceptionAttributes(error, MAX_STACK), time);
  }

  /** A second call does nothing. @param {any} [time] */
  end(time) {
    const hub = this._hub;
    if (!hub) return;
    this._end = timeOf(this, time);
    this._hub = undefined;
    hub.ended(this);
  }
}

// What apps hand in may throw when it is read: then there is no more to it.
for (const name of Object.getOwnPropertyNames(Span.prototype).slice(1)) {
  const { prototype } = /** @type {any} */ (Span);
  const call = prototype[name];
  prototype[name] = function (/** @type {any} */ one, /** @type {any} */ two, /** @type {any} */ three) {
    try {
      return call.call(this, one, two, three);
    } catch (problem) {
      this._hub?.refuse(problem);
      return this;
    }
  };
}

/** Seconds and nanoseconds, or milliseconds: now if none are given. @param {Span} span @param {any} input */
function timeOf(span, input) {
  const time = input !== undefined && isTime(input) && toTime(input, span._clock);
  return time && time[0] ? time : span._clock + span._hub.settings.monotonic();
}

/** Returns how many went. @param {any[]} list @param {any} item */
function add(list, item) {
  list.push(item);
  return list.length > MAX_PARTS ? (list.shift(), 1) : 0;
}

/** @param {any} hub */
export function createTracing(hub) {
  const { crypto, monotonic, now, random, sampleRate } = hub.settings;
  const bytes = new Uint8Array(POOL);
  const codes = new Uint8Array(2 * POOL);
  const decoder = new TextDecoder();
  // A trace is kept if the digits of its id that are random are not below these:
  // 4 behind the f's that they start with (trace/tracestate-probability-sampling.md).
  const count = Math.min(4 + Math.floor(-Math.log2(sampleRate) / 4), 14);
  const threshold = sampleRate < 1 ? Math.round((1 - sampleRate) * 16 ** count).toString(16).padStart(count, '0').replace(/\B0+$/, '') : '';
  let pool = '';
  let used = 0;

  /** Random digits: lower case, as W3C wants them. @param {number} count */
  function digits(count) {
    if (used + count > pool.length) {
      if (crypto?.getRandomValues) crypto.getRandomValues(bytes);
      else bytes.forEach((_, i) => bytes[i] = random() * 256);
      for (let i = 0; i < 2 * POOL; i++) {
        const digit = bytes[i >> 1] >> (i & 1 ? 0 : 4) & 15;
        codes[i] = digit + (digit > 9 ? 87 : 48);
      }
      pool = decoder.decode(codes);
      used = 0;
    }
    return pool.slice(used, used += count);
  }

  /**
   * @param {import('./record.js').Scope} scope
   * @param {string} name
   * @param {any} options
   * @param {any} given a span, or a context; null for none
   */
  function start(scope, name, options, given) {
    const { kind = 0, attributes, links, startTime, root } = options ?? {};
    const parent = root ? undefined : given === undefined ? hub.active() : given;
    // Names of fields are other ones in another copy of this package.
    const known = parent instanceof Span && parent._clock;
    const from = known ? parent._context : contextOf(parent);
    if (!hub.enabled(1)) return new Span(undefined, from ?? NONE, 0);
    const traceId = from?.traceId ?? digits(32);
    const kept = from ? from.traceFlags & SAMPLED : 1 - sampleRate < 1 && traceId.slice(RANDOM_FROM) >= threshold;
    const traceFlags = from ? from.traceFlags & 3 : RANDOM | (kept ? SAMPLED : 0);
    const traceState = from ? from.traceState : kept && threshold && `ot=th:${threshold}`;
    /** @type {SpanContext} */
    const context = { traceId, spanId: digits(16), traceFlags };
    if (traceState) context.traceState = traceState;
    // Within a trace all times come from one clock that does not jump.
    const time = known ? 0 : now();
    const clock = known || time - monotonic();
    const span = new Span(kept ? hub : undefined, context, clock);
    if (!kept) return span;
    span._scope = scope;
    span._kind = kind > 0 && kind < 5 ? +kind + 1 : 1;
    span._remote = 256;
    span._state = stateText(traceState);
    if (from) {
      span._parent = from.spanId;
      span._remote = linkFlags(from) & ~255;
    }
    span._attributes = [];
    span._events = [];
    span._links = [];
    span.updateName(name);
    if (attributes) span.setAttributes(attributes);
    if (links) span.addLinks(links);
    span._start = time && startTime === undefined ? time : timeOf(span, startTime);
    return span;
  }

  return {
    digits,

    /** @type {typeof start} */
    startSpan(scope, name, options, given) {
      try {
        return start(scope, name, options, given);
      } catch (problem) {
        hub.refuse(problem);
        return new Span(undefined, NONE, 0);
      }
    },

    /** For a header of that name; '' without a span. @param {any} span */
    traceparent(span = hub.active()) {
      const context = contextOf(span);
      return context ? `00-${context.traceId}-${context.spanId}-0${context.traceFlags & 3}` : '';
    },
  };
}
