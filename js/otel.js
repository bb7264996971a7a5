/**
 * Sonde behind `@opentelemetry/api`: what apps and instrumentations that know
 * only the API record goes to a Sonde made by `create`. js/otel.md is the
 * manual.
 *
 * Nothing is kept here. Spans, instruments and loggers are Sonde's own, which
 * have the shape that the API wants; what the API adds, and only that, is here:
 * contexts, and what of them travels in headers.
 */
import { api, INVALID_SPAN_CONTEXT } from './otel/api.js';
import { contextManager, isSuppressed } from './otel/context.js';
import { propagator, withState } from './otel/propagation.js';

export { contextManager, untraced } from './otel/context.js';
export { propagator } from './otel/propagation.js';

class Tracer {
  /** @param {any} tracer Sonde's */
  constructor(tracer) {
    this._tracer = tracer;
  }

  /** @param {string} name @param {any} [options] @param {any} [context] @returns {any} */
  startSpan(name, options, context = api.context.active()) {
    if (isSuppressed(context)) return api.trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const span = this._tracer.startSpan(name, options, api.trace.getSpan(context) ?? null);
    withState(span.spanContext());
    return span;
  }

  /** `(name, options?, context?, call)` @param {string} name @param {any[]} given */
  startActiveSpan(name, ...given) {
    const call = given.pop();
    const context = given[1] ?? api.context.active();
    const span = this.startSpan(name, given[0], context);
    return api.context.with(api.trace.setSpan(context, span), call, undefined, span);
  }
}

/**
 * A provider, with what those of the SDK have, too.
 *
 * @param {string} kind
 * @param {(sonde: any, name: string, version?: string) => any} get
 */
const provider = (kind, get) => (/** @type {any} */ sonde) => ({
  /** @param {string} name @param {string} [version] */
  [`get${kind}`]: (name, version) => get(sonde, name, version),
  forceFlush: () => sonde.flush(),
  shutdown: () => sonde.close(),
});

export const tracerProvider = provider('Tracer', (sonde, ...given) => new Tracer(sonde.tracer(...given)));
export const meterProvider = provider('Meter', (sonde, ...given) => sonde.meter(...given));
export const loggerProvider = provider('Logger', (sonde, ...given) => sonde.logger(...given));

/**
 * Makes a Sonde what stands behind the API. What has been registered by others
 * stays; the API says so on its `diag`.
 *
 * @param {any} sonde
 * @param {any} [options]
 */
export function register(sonde, {
  AsyncLocalStorage,
  logs,
  contextManager: manager = contextManager(AsyncLocalStorage),
  propagator: headers = propagator(),
} = /** @type {any} */ ({})) {
  const all = {
    contextManager: manager,
    propagator: headers,
    tracerProvider: tracerProvider(sonde),
    meterProvider: meterProvider(sonde),
    loggerProvider: loggerProvider(sonde),
  };
  manager?.enable();
  /** What took what it was given. @type {any[]} */
  const taken = [
    [api.context, 'ContextManager', manager],
    [api.propagation, 'Propagator', headers],
    [api.trace, 'TracerProvider', all.tracerProvider],
    [api.metrics, 'MeterProvider', all.meterProvider],
    ...[...new Set([/** @type {any} */ (api).logs, logs])].map((target) => [target, 'LoggerProvider', all.loggerProvider]),
  ].filter(([target, name, what]) => {
    const result = what && target?.[`setGlobal${name}`](what);
    // `@opentelemetry/api-logs` returns what is registered.
    return result === true || (what && result === what);
  });
  sonde.useContext({
    active() {
      const span = api.trace.getActiveSpan();
      // What is suppressed has a span, too: one without ids.
      return span?.isRecording() || span && api.trace.isSpanContextValid(span.spanContext()) ? span : undefined;
    },
    /** @param {any} span @param {() => any} call */
    with: (span, call) => api.context.with(api.trace.setSpan(api.context.active(), span), call),
  });
  return {
    ...all,
    unregister() {
      if (taken[0]) sonde.useContext();
      for (const [target] of taken.splice(0)) target.disable();
    },
  };
}
