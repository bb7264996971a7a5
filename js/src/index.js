/**
 * The package's entry, described in README.md: one exporter, and what becomes
 * of a log call before, while and after its module is there.
 */
import { EMIT_QUEUED, SIGNAL_METRICS } from '../generated/layout.js';
// In the order of the bundle: with what handles calls first it compresses better.
import { createRecorder } from './record.js';
import { copyOf } from './attributes.js';
import { contextOf, toExtras, toTime } from './logrecord.js';
import { createTracing } from './trace.js';
import { drive } from './driver.js';
import { createMeters, remember } from './metrics.js';
import { instantiate, instantiateLater, start } from './module.js';
import { adopt, defaults, SIGNALS, TARGET, wrong } from './options.js';
import { resourceAttributes } from './resource.js';
import { LEVELS, summary } from './stats.js';

/** Calls that wait at most; ERROR and FATAL have as much room again. */
const MAX_EARLY = 256;
const SEVERITY_ERROR = 17;
/** The module does not start. */
const NOOP = 'noop';
/** The module is not there yet, or was not. */
const PENDING = 'pending';

/**
 * @typedef {[scope: import('./record.js').Scope, severity: number, body: unknown, attributes: any, error: unknown, extras?: import('./record.js').Extras, trace?: import('./record.js').SpanContext]} Call
 * @typedef {(...call: Call) => void} Write
 */

/** Not everything that is thrown can be a text. @param {unknown} why */
function textOf(why) {
  try {
    return `${why}`;
  } catch {
    return 'unreadable';
  }
}

/** @param {number} status */
const tooLarge = (status) => `status ${status}; is it too large for maxRecordBytes?`;

/**
 * Throws if options are wrong; nothing else here ever throws but `configure`.
 *
 * @param {any} [options]
 */
export function create(options = {}) {
  const settings = defaults();
  adopt(settings, options);
  const { now, onError, wasm, setTimeout, clearTimeout } = settings;
  /** Undefined while there is nothing to send to: nothing is even counted. @type {string | undefined} */
  let state;
  /** @type {Promise<unknown>} */
  let ready = Promise.resolve();
  /** @type {Promise<unknown> | undefined} */
  let closed;
  /** @type {import('./module.js').Core} */
  let core;
  /** @type {ReturnType<typeof createRecorder> | undefined} */
  let recorder;
  /** @type {import('./driver.js').Driver} */
  let driver;
  /** A record is being written: reading its values may run code that logs. */
  let busy = false;
  let replaying = false;
  /** `onError` runs: what it logs could go on for ever. */
  let quiet = 0;
  let refused = 0;
  /** Calls that wait, each with its signal. @type {[() => void, number?][]} */
  const early = [];
  /** Where each signal goes, once it has somewhere to go. @type {(string | undefined)[]} */
  let on = [];
  /** @type {any} */
  let current;
  /** Which span is active; the OpenTelemetry API has its own way. */
  const own = {
    active: () => current,
    /** @param {any} span @param {() => any} call */
    with(span, call) {
      const before = current;
      current = span;
      try {
        return call();
      } finally {
        current = before;
      }
    },
  };
  let context = own;

  /** @param {string} code @param {string} text @param {unknown} why @param {object} [more] */
  function report(code, text, why, more) {
    quiet++;
    try {
      onError?.({ code, message: text + textOf(why), ...more })?.then?.(null, () => {});
    } catch {
      // Its own affair.
    }
    quiet--;
  }

  /** Counts, and tells the first time. @param {unknown} why */
  function refuse(why) {
    if (state && !refused++) report('refused', 'record refused: ', why);
  }

  /** Starts what has not been started, if there is something to send to. */
  function enable() {
    if (state) driver?.enable();
    const { urls = on } = settings.target ?? {};
    const begins = !state && !closed && urls.some(Boolean);
    if (begins && typeof wasm !== 'object') throw wrong('wasm', wasm, 'a WebAssembly.Module, a Response or bytes');
    on = urls;
    if (!begins) return;
    state = PENDING;
    try {
      // With a module or bytes nothing that is logged has to wait.
      open(instantiate(wasm));
    } catch {
      // Engines may refuse big ones on the main thread, and anything else
      // comes later.
      ready = instantiateLater(wasm).then(open).catch(fail);
    }
  }

  /** @param {WebAssembly.Instance} instance */
  function open(instance) {
    core = start(instance, settings);
    recorder = createRecorder(core);
    const status = recorder.log(0, undefined, 0, undefined, resourceAttributes(settings, tracing.digits));
    if (status < 0) report('resource', 'resource refused: ', tooLarge(status));
    driver = drive(core, hub);
    replay();
  }

  /** @param {unknown} error */
  function fail(error) {
    state = NOOP;
    refused += early.splice(0).length;
    report('wasm', "WebAssembly does not start; check option wasm and CSP 'wasm-unsafe-eval': ", error);
  }

  /**
   * A log call. An error may be given instead of a message or of attributes.
   *
   * @param {import('./record.js').Scope} scope
   * @param {number} severity
   * @param {any} body
   * @param {any} [attributes]
   * @param {any} [error]
   * @param {import('./record.js').Extras} [extras]
   * @param {import('./record.js').SpanContext} [trace] of a span, instead of the active one
   */
  function log(scope, severity, body, attributes, error, extras, trace) {
    if (!on[0] || quiet) return;
    if (closed) return refuse('after close()');
    const nested = busy;
    try {
      if (trace === undefined) trace = contextOf(context.active());
      if (error === undefined) {
        if (body instanceof Error) {
          error = body;
          body = body.message;
        } else if (attributes instanceof Error) {
          error = attributes;
          attributes = undefined;
        }
      }
      if (recorder && !busy) return write(scope, severity, body, attributes, error, extras, trace);
      const time = toTime(now());
      const copy = copyOf(attributes);
      const then = { times: [...time, ...time], ...extras };
      perform(() => write(scope, severity, body, copy, error, then, trace), severity >= SEVERITY_ERROR, 0);
    } catch (problem) {
      busy = nested;
      refuse(problem);
    }
  }

  /** @type {Write} */
  function write(scope, severity, body, attributes, error, extras, trace) {
    busy = true;
    // @ts-ignore: it is there
    written(0, recorder.log(now(), scope, severity, body, attributes, error, extras, trace));
  }

  /** @param {import('./trace.js').Span} span */
  function writeSpan(span) {
    busy = true;
    // @ts-ignore: it is there
    written(1, recorder.span(now(), span));
  }

  /** @param {number} signal @param {number} result of the core */
  function written(signal, result) {
    busy = false;
    if (result < 0) refuse(tooLarge(result));
    else driver.emitted(signal, result);
    if (early.length > 0 && !replaying) replay();
  }

  /** How many calls of a signal wait: no signal takes the room of another. @param {number} [signal] */
  const waiting = (signal) => early.filter((it) => it[1] === signal).length;

  /**
   * Calls at once, or until there is a core, and while a record is being
   * written, later. What is logged by reading its values is written after it,
   * but what is logged by reading the values of that again could go on for ever.
   *
   * @param {(given?: any) => void} call
   * @param {boolean} [important]
   * @param {number} [signal] whose record it is
   * @param {any} [given]
   */
  function perform(call, important, signal, given) {
    if (recorder && !busy) {
      try {
        call(given);
      } catch (problem) {
        busy = false;
        refuse(problem);
      }
    } else if (replaying || waiting(signal) >= (important ? 2 : 1) * MAX_EARLY || state === NOOP) {
      refuse('no room to wait');
    } else {
      early.push([() => call(given), signal]);
    }
  }

  function replay() {
    replaying = true;
    for (const [call] of early.splice(0)) perform(call);
    replaying = false;
  }

  /** @type {any} */
  const hub = {
    settings,
    report,
    refuse,
    perform,
    /** @param {import('./record.js').Scope} scope */
    scope: (scope) => /** @type {any} */ (recorder).scope(scope),

    /** @param {number} instrument @param {any} attributes */
    series(instrument, attributes) {
      busy = true;
      const handle = /** @type {any} */ (recorder).series(now(), instrument, attributes);
      // No handle says that a request is due.
      written(SIGNAL_METRICS, Math.min(handle, EMIT_QUEUED));
      return handle;
    },

    /** @param {number} signal @param {number} result */
    emitted: (signal, result) => driver.emitted(signal, result),
    /** @param {number} signal */
    enabled: (signal) => !!on[signal] && !closed && !quiet && state !== NOOP,
    core: () => core,
    active: () => context.active(),

    /** @param {import('./trace.js').Span} span */
    ended(span) {
      if (closed) return refuse('after close()');
      perform(writeSpan, span._code > 1, 1, span);
    },
  };
  const tracing = createTracing(hub);
  Object.assign(hub, createMeters(hub, settings.views));
  for (const extend of settings.extensions ?? []) extend(hub, hub.meter, hub.collect);

  /** @param {import('./record.js').Scope} scope */
  function loggerOf(scope) {
    /** @type {any} */
    const logger = {
      enabled: () => hub.enabled(0),
      /** @param {any} given a LogRecord */
      emit: (given) => {
        try {
          const { severityNumber, body, attributes, exception } = given;
          const severity = severityNumber >= 0 && severityNumber <= 24 ? severityNumber | 0 : 0;
          const extras = toExtras(given, now());
          log(scope, severity, body, attributes, exception, extras, extras.trace);
        } catch (problem) {
          refuse(problem);
        }
      },
    };
    LEVELS.forEach((level, band) => {
      logger[level] = (/** @type {any} */ message, /** @type {any} */ attributes, /** @type {any} */ error) =>
        log(scope, band * 4 + 1, message, attributes, error);
    });
    return logger;
  }

  /** The same for the same name and version. @param {(scope: any) => any} make */
  function scoped(make) {
    const made = new Map();
    return (/** @type {string} */ name, /** @type {any} */ version) => {
      name = textOf(name);
      version = textOf(version ?? '');
      return remember(made, `${name}\n${version}`, () => make({ name, version }));
    };
  }

  // A promise that is not needed may be rejected all the same.
  wasm?.then?.(null, () => {});
  enable();

  return {
    get ready() {
      return ready;
    },

    logger: scoped(loggerOf),

    tracer: scoped((scope) => ({
      /** @param {string} name @param {any} [options] @param {any} [parent] */
      startSpan: (name, options, parent) => tracing.startSpan(scope, name, options, parent),
    })),

    meter: scoped(hub.meter),

    traceparent: tracing.traceparent,
    activeSpan: hub.active,

    /** @param {any} span @param {() => any} call */
    withSpan: (span, call) => context.with(span, call),

    /** @param {any} [given] */
    useContext(given) {
      context = given ?? own;
    },

    flush: () => closed ?? ready.then(() => driver?.flush()),

    /** @param {{timeout?: number}} [given] */
    close(given) {
      return closed ??= new Promise((/** @type {(none?: any) => void} */ resolve) => {
        // As the option, which timers can hold.
        const timer = setTimeout(resolve, Math.min(given?.timeout ?? settings.timeout, 6e5));
        ready.then(() => driver?.close()).then(() => {
          clearTimeout(timer);
          resolve();
        });
      }).then(() => {
        // The module may come later still.
        ready.then(() => driver?.end());
      });
    },

    stats() {
      const [logs, traces, points] = SIGNALS.map((_, signal) => {
        const ledger = summary(core?.ledger(signal) ?? [], closed ? 'closed' : state ?? NOOP);
        const more = waiting(signal);
        ledger.accepted += more;
        ledger.queued += more;
        return ledger;
      });
      return { ...logs, refused, traces, metrics: points };
    },

    /** Throws if options are wrong. @param {any} changes */
    configure(changes) {
      adopt(settings, changes, TARGET);
      enable();
    },
  };
}
