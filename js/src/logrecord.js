/**
 * `LogRecord` of `@opentelemetry/api-logs` as what `record.js` takes.
 */

/** Where `@opentelemetry/api` keeps the span in a context. */
const SPAN_KEY = Symbol.for('OpenTelemetry Context Key SPAN');
/** March 1973, or three years of `performance.now()`: smaller numbers are that. */
const EPOCH_LEAST = 1e11;

/**
 * Seconds and nanoseconds of an OpenTelemetry `TimeInput`, or undefined if it
 * is none.
 *
 * @param {any} input [seconds, nanoseconds], Date, or milliseconds
 * @returns {[number, number] | undefined}
 */
export function toTime(input) {
  if (Array.isArray(input)) return isTime(input) ? [input[0], input[1]] : undefined;
  let ms = input instanceof Date ? input.getTime() : input;
  if (typeof ms !== 'number') return undefined;
  if (ms < EPOCH_LEAST && ms === input) ms += performance.timeOrigin;
  if (!(ms >= 0 && ms < 2 ** 32 * 1000)) return undefined;
  const seconds = Math.floor(ms / 1000);
  // Rounding could reach a whole second.
  return [seconds, Math.min(Math.round((ms - seconds * 1000) * 1e6), 999999999)];
}

/** @param {any[]} pair */
function isTime([seconds, nanos]) {
  return seconds >= 0 && seconds < 2 ** 32 && nanos >= 0 && nanos < 1e9;
}

/**
 * Ids only when they are those of a real span: others show up as a missing
 * root span.
 *
 * @param {any} span a SpanContext
 */
export function toTrace(span) {
  const { traceId, spanId, traceFlags = 0 } = span ?? {};
  if (!isId(traceId, 32) || !isId(spanId, 16)) return undefined;
  return { traceId, spanId, traceFlags: traceFlags & 255 };
}

/** @param {any} id @param {number} length */
function isId(id, length) {
  return typeof id === 'string' && id.length === length && /^[\da-f]+$/i.test(id)
    && /[^0]/.test(id);
}

/** @param {any} record */
function spanOf({ traceContext, context, traceId, spanId, traceFlags }) {
  return traceContext ?? context?.getValue?.(SPAN_KEY)?.spanContext()
    ?? { traceId, spanId, traceFlags };
}

/** A severity number, or 0. @param {any} number */
export function toSeverity(number) {
  return number >= 0 && number <= 24 ? number | 0 : 0;
}

/**
 * @param {any} record
 * @param {number} now
 * @param {any} active the span context to use when the record has none
 * @returns {import('./record.js').Extras}
 */
export function toExtras(record, now, active) {
  const { timestamp, observedTimestamp, severityText = '', eventName = '' } = record;
  const time = toTime(timestamp);
  const observed = toTime(observedTimestamp);
  return {
    time: time ?? (observed && toTime(now)),
    observed: observed ?? (time && toTime(now)),
    severityText: String(severityText),
    eventName: String(eventName),
    trace: toTrace(spanOf(record)) ?? toTrace(active),
  };
}
