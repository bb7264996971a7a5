/**
 * Log records, spans and the attributes of series as the core takes them, around
 * the values that `values.js` writes.
 */
import {
  FLAG_NOW, FLAG_PARENT, FLAG_SEVERITY_NAME, FLAG_TRACE, HEADER_DROPPED_EVENTS, HEADER_DROPPED_LINKS, HEADER_END,
  HEADER_EVENT_NAME, HEADER_NAME, HEADER_SEVERITY_TEXT, HEADER_START, HEADER_STATUS_MESSAGE, HEADER_TIME,
  HEADER_TRACE_FLAGS, HEADER_TRACE_STATE, HEADER_WORDS, SIGNAL_LOGS, SIGNAL_TRACES, STATUS_SHIFT, TYPE_EVENT, TYPE_LINK,
} from '../generated/layout.js';
import { exceptionAttributes } from './attributes.js';
import { createValues } from './values.js';

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
  const { words, textSize } = core;
  const { wasm_emit: emit, wasm_resource: setResource, wasm_series: getSeries } = core.wasm;
  const { addBody, addLast, addMap, addOne, addPairs, addPart, addText, attempt, begin, guard, handOver, tighten } = createValues(core);

  /** @param {any} error */
  function exception(error) {
    addMap(exceptionAttributes(error, textSize >> 3));
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
    addText(eventName);
    return severityText === undefined ? FLAG_SEVERITY_NAME : 0;
  }

  /**
   * Writes nodes and text. Returns flags.
   *
   * @param {Scope | undefined} scope
   * @param {unknown} message
   * @param {any} map
   * @param {unknown} error
   * @param {Extras | undefined} extras
   * @param {SpanContext | undefined} trace
   */
  function fill(scope, message, map, error, extras, trace) {
    begin();
    if (extras?.severityText) addText(extras.severityText);
    addBody(message);
    tighten();
    if (error !== undefined) guard(exception, error, 'exception.message');
    addMap(scope?.attributes);
    if (typeof map === 'object') {
      guard(addMap, map instanceof Map ? Object.fromEntries(map) : map, 'attributes');
    }
    let flags = 0;
    if (trace) {
      words[HEADER_TRACE_FLAGS] = trace.traceFlags & 255;
      addText(trace.traceId + trace.spanId);
      flags = FLAG_TRACE;
    }
    return flags | (extras ? finish(extras) : FLAG_NOW | FLAG_SEVERITY_NAME);
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
      time = Math.max(time, 0);
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
      stamp(addPart(type, list[i].name, list[i].attributes), list[i].value);
    }
  }

  /** Writes a span. Returns flags. @param {import('./trace.js').Span} span */
  function fillSpan(span) {
    const { _context: context, _parent: parent, _name: name, _events: events, _links: links } = span;
    const state = span._state;
    begin();
    addText(context.traceId + context.spanId + state + parent + name);
    const tight = tighten();
    addMap(span._scope.attributes);
    addPairs(span._attributes);
    words[HEADER_DROPPED_EVENTS] = span._droppedEvents;
    words[HEADER_DROPPED_LINKS] = span._droppedLinks;
    if (tight) {
      // What is too large goes without them.
      words[HEADER_DROPPED_EVENTS] += events.length;
      words[HEADER_DROPPED_LINKS] += links.length;
    } else {
      parts(TYPE_EVENT, events);
      parts(TYPE_LINK, links);
    }
    words[HEADER_STATUS_MESSAGE] = addLast(span._message);
    stamp(HEADER_START, span._start);
    stamp(HEADER_END, span._end);
    words[HEADER_NAME] = name.length;
    words[HEADER_TRACE_FLAGS] = context.traceFlags | span._remote;
    words[HEADER_TRACE_STATE] = state.length;
    return parent ? FLAG_PARENT : 0;
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
   * @param {number} now
   * @param {Scope | undefined} scope undefined for the resource
   * @param {number} severity
   * @param {unknown} message
   * @param {any} map attributes
   * @param {unknown} [error]
   * @param {Extras} [extras]
   * @param {SpanContext} [trace]
   */
  function log(now, scope, severity, message, map, error, extras, trace) {
    if (scope) scopeOf(scope);
    const status = attempt(() => {
      handOver(fill(scope, message, map, error, extras, trace), severity, scope);
      return scope ? emit(SIGNAL_LOGS, now) : setResource();
    });
    if (extras) words.fill(0, 0, HEADER_WORDS);
    return status;
  }

  /**
   * @param {number} now
   * @param {import('./trace.js').Span} it
   */
  function writeSpan(now, it) {
    handOver(fillSpan(it), it._kind | it._code << STATUS_SHIFT, it._scope);
    return emit(SIGNAL_TRACES, now);
  }

  /**
   * @param {number} now
   * @param {import('./trace.js').Span} it
   */
  function span(now, it) {
    scopeOf(it._scope);
    const status = attempt(writeSpan, now, it);
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
      begin();
      for (const key of Object.keys(map).sort()) if (key) guard(addOne, map, key);
      handOver(0, 0, undefined);
      return getSeries(now, instrument);
    });
  }

  return { log, span, series, scope: scopeOf };
}
