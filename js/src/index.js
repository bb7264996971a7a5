/**
 * The package's entry, described in README.md: one exporter, and what becomes
 * of a log call before, while and after its module is there.
 */
import { drive } from './driver.js';
import { toExtras, toTime } from './logrecord.js';
import { instantiate, instantiateLater, start } from './module.js';
import { adopt, defaults, TARGET, wrong } from './options.js';
import { createRecorder } from './record.js';
import { resourceAttributes } from './resource.js';
import { LEVELS, summary } from './stats.js';

/** Calls that wait at most; ERROR and FATAL have as much room again. */
const MAX_EARLY = 256;
const SEVERITY_ERROR = 17;
/** An app with more has made their names up: those are not remembered. */
const MAX_LOGGERS = 1000;

/** The module does not start. */
const NOOP = 'noop';
/** The module is not there yet, or was not. */
const PENDING = 'pending';

/**
 * @typedef {[scope: import('./record.js').Scope, severity: number, body: unknown, attributes: any, error: unknown, extras?: import('./record.js').Extras]} Call
 * @typedef {(...call: Call) => void} Write
 */

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
  let record;
  /** @type {import('./driver.js').Driver} */
  let driver;
  /** A record is being written: reading its values may run code that logs. */
  let busy = false;
  let replaying = false;
  /** `onError` runs: what it logs could go on for ever. */
  let quiet = false;
  let refused = 0;
  /** Calls that wait. @type {Call[]} */
  const early = [];
  /** @type {Map<string, object>} */
  const loggers = new Map();

  /** @param {string} code @param {unknown} message @param {object} [more] */
  function report(code, message, more) {
    quiet = true;
    try {
      onError?.({ code, message: `${message}`, ...more });
    } catch {
      // Its own affair.
    }
    quiet = false;
  }

  /** Counts, and tells the first time. @param {unknown} why */
  function refuse(why) {
    if (!refused++) report('refused', `record refused: ${why}`);
  }

  /** Starts what has not been started, if there is something to send to. */
  function enable() {
    if (state) driver?.enable();
    if (state || !settings.target) return;
    if (typeof wasm !== 'object') throw wrong('wasm', wasm, 'a WebAssembly.Module, a Response or bytes');
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
    record = createRecorder(core);
    const status = record(0, undefined, 0, undefined, resourceAttributes(settings));
    if (status < 0) report('resource', `resource refused: status ${status}; is it too large for maxRecordBytes?`);
    driver = drive(core, settings, report, () => {});
    replay();
  }

  /** @param {unknown} error */
  function fail(error) {
    state = NOOP;
    refused += early.splice(0).length;
    report('wasm', `WebAssembly does not start: ${error}; check option wasm, and 'wasm-unsafe-eval' in the CSP`);
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
   */
  function log(scope, severity, body, attributes, error, extras) {
    if (!state || quiet) return;
    if (closed) return refuse('after close()');
    try {
      if (error === undefined) {
        if (body instanceof Error) {
          error = body;
          body = body.message;
        } else if (attributes instanceof Error) {
          error = attributes;
          attributes = undefined;
        }
      }
      if (record && !busy) return write(scope, severity, body, attributes, error, extras);
      // Until there is a core; and while a record is being written. What is
      // logged by reading its values is written after it, but what is logged by
      // reading the values of that again could go on for ever.
      const room = severity < SEVERITY_ERROR ? MAX_EARLY : 2 * MAX_EARLY;
      if (replaying || early.length >= room || state === NOOP) return refuse('no room to wait');
      const time = toTime(now());
      // What the app does to its object later is not what it logged.
      const copy = attributes instanceof Map ? new Map(attributes) : { ...attributes };
      early.push([scope, severity, body, copy, error, { times: [...time, ...time], ...extras }]);
    } catch (problem) {
      refuse(problem);
    }
  }

  /** @type {Write} */
  function write(scope, severity, body, attributes, error, extras) {
    busy = true;
    const result = /** @type {NonNullable<typeof record>} */ (record)(now(), scope, severity, body, attributes, error, extras);
    busy = false;
    if (result < 0) refuse(`status ${result}; is it too large for maxRecordBytes?`);
    else driver.emitted(0, result);
    if (early.length > 0 && !replaying) replay();
  }

  function replay() {
    replaying = true;
    for (const call of early.splice(0)) write(...call);
    replaying = false;
  }

  /** @param {import('./record.js').Scope} scope */
  function loggerOf(scope) {
    /** @type {any} */
    const logger = {
      enabled: () => !closed && state === PENDING,
      /** @param {any} given a LogRecord */
      emit: (given) => {
        try {
          const { severityNumber, body, attributes, exception } = given;
          const severity = severityNumber >= 0 && severityNumber <= 24 ? severityNumber | 0 : 0;
          log(scope, severity, body, attributes, exception, toExtras(given, now()));
        } catch (problem) {
          refuse(problem);
        }
      },
    };
    LEVELS.forEach((level, band) => {
      const severity = band * 4 + 1;
      logger[level] = (/** @type {any} */ message, /** @type {any} */ attributes, /** @type {any} */ error) => {
        log(scope, severity, message, attributes, error);
      };
    });
    return logger;
  }

  // A promise that is not needed may be rejected all the same.
  wasm?.then?.(null, () => {});
  enable();

  return {
    get ready() {
      return ready;
    },

    /** @param {string} name @param {string} [version] */
    logger(name, version = '') {
      const key = `${name}\n${version}`;
      const logger = loggers.get(key) ?? loggerOf({ name: `${name}`, version: `${version}` });
      if (loggers.size < MAX_LOGGERS) loggers.set(key, logger);
      return logger;
    },

    flush: () => closed ?? ready.then(() => driver?.flush()),

    /** @param {{timeout?: number}} [given] */
    close(given) {
      /** @type {any} */
      let timer;
      closed ??= new Promise((resolve) => {
        timer = setTimeout(resolve, given?.timeout ?? settings.timeout);
        ready.then(() => driver?.close()).then(resolve);
      }).then(() => {
        clearTimeout(timer);
        driver?.end();
      });
      return closed;
    },

    stats: () => summary(core?.ledger(0) ?? [], closed ? 'closed' : state ?? NOOP, early.length, refused),

    /** Throws if options are wrong. @param {any} changes */
    configure(changes) {
      adopt(settings, changes, TARGET);
      enable();
    },
  };
}
