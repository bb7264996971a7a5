/**
 * `LogRecord` of `@opentelemetry/api-logs` as what `record.js` takes.
 */

/** Where `@opentelemetry/api` keeps the span in a context. */
const SPAN_KEY = Symbol.for('OpenTelemetry Context Key SPAN');
/** March 1973, or three years of `performance.now()`: smaller numbers are that. */
const EPOCH_LEAST = 1e11;
/** In the year 2096; the core counts seconds in 32 bits. */
const MAX_SECONDS = 4e9;

/**
 * Seconds and nanoseconds of an OpenTelemetry `TimeInput`; zeros, which is an
 * unknown time, if it is none.
 *
 * @param {any} input [seconds, nanoseconds], Date, or milliseconds
 * @param {number} [origin] of small numbers
 * @returns {number[]}
 */
export function toTime(input, origin) {
  const ms = input < EPOCH_LEAST && !input.getTime ? input + (origin ?? performance.timeOrigin) : Number(input);
  const [seconds, nanos] = Array.isArray(input) ? input
    : [Math.floor(ms / 1000), Math.round((ms - Math.floor(ms / 1000) * 1000) * 1e6)];
  return seconds >= 0 && seconds < MAX_SECONDS && nanos >= 0 && nanos < 1e9 ? [seconds, nanos] : [0, 0];
}

/** All 0, or other characters than digits: engines are quick to see that there are none. */
const NO_ID = /^0*$|[^\da-f]/i;

/** @param {any} id @param {number} digits */
const isId = (id, digits) => id?.length === digits && !NO_ID.test(id);

/**
 * Ids only when they are those of a real span: others show up as a missing
 * root span.
 *
 * @param {any} span a SpanContext
 */
export function validContext(span) {
  return isId(span?.traceId, 32) && isId(span.spanId, 16) ? span : undefined;
}

/** Never throws. @param {any} given a span, or its context */
export function contextOf(given) {
  try {
    return validContext(given?.spanContext?.() ?? given);
  } catch {
    return undefined;
  }
}

/**
 * @param {any} record
 * @param {number} now
 * @returns {import('./record.js').Extras}
 */
export function toExtras(record, now) {
  const { timestamp, observedTimestamp, severityText = '', eventName = '', traceContext, context } = record;
  return {
    times: [...toTime(timestamp ?? now), ...toTime(observedTimestamp ?? now)],
    severityText: `${severityText}`,
    eventName: `${eventName}`,
    // A context without a span is not the active one.
    trace: validContext(traceContext ?? context?.getValue?.(SPAN_KEY)?.spanContext() ?? record) ?? (context && null),
  };
}
