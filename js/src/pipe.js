/**
 * What becomes of a log call before, while and after the module is there.
 */
import { ERR_CLOSED, ERR_TOO_LARGE } from '../generated/layout.js';
import { drive } from './driver.js';
import { toExtras, toSeverity, toTime, toTrace } from './logrecord.js';
import { load, start } from './module.js';
import { wrong } from './options.js';
import { createRecorder } from './record.js';
import { resourceAttributes } from './resource.js';
import { bandOf, summary } from './stats.js';

const MAX_EARLY = 256;
const SEVERITY_ERROR = 17;

/** @type {Record<number, string>} */
const REFUSALS = {
  [ERR_TOO_LARGE]: 'it is too large: shorten it or raise maxRecordBytes',
  [ERR_CLOSED]: 'it came after close()',
};

/** There is nothing to send to. */
const NOOP = 'noop';
/** The module is not there yet. */
const PENDING = 'pending';
const OPEN = 'open';
/** The module never will be there: what comes is counted. */
const FAILED = 'failed';

/** @typedef {ReturnType<typeof openPipe>} Pipe */

/**
 * @param {any} settings options of `create`, completed
 * @param {any} host
 */
export function openPipe(settings, host) {
  const { now, setTimeout, clearTimeout } = host;
  const { onError, spanContext, wasm } = settings;
  let state = NOOP;
  /** @type {Promise<unknown>} */
  let ready = Promise.resolve();
  /** @type {import('./module.js').Core | undefined} */
  let core;
  /** @type {ReturnType<typeof createRecorder> | undefined} */
  let record;
  /** @type {import('./driver.js').Driver | undefined} */
  let driver;
  /** @type {Promise<void> | undefined} */
  let closed;
  /** A record is being written: reading its values may run code that logs. */
  let busy = false;
  let replaying = false;
  /** `onError` runs: what it logs could go on for ever. */
  let quiet = false;
  let refused = 0;
  /** Arguments of the log calls that wait. @type {any[][]} */
  let early = [];
  /** Those that fell out, by band. */
  const lost = [0, 0, 0, 0, 0, 0, 0];
  /** @type {Set<number>} */
  const told = new Set();

  /** @param {string} code @param {string} message @param {object} [more] */
  function report(code, message, more) {
    quiet = true;
    try {
      onError?.({ code, message, ...more });
    } catch {
      // Its own affair.
    }
    quiet = false;
  }

  /** @param {unknown} error */
  const defect = (error) => report('internal', `${error}`);

  /** @param {number} status */
  function refuse(status) {
    refused++;
    if (!told.has(status)) report('refused', `a record was refused: ${REFUSALS[status] ?? status}`);
    told.add(status);
  }

  function begin() {
    if (!wasm) throw wrong('wasm', 'a WebAssembly.Module, a Response or bytes', wasm);
    state = PENDING;
    const made = load(wasm);
    if ('then' in made) ready = made.then(open).catch(fail);
    else open(made);
  }

  /** @param {WebAssembly.Instance} instance */
  function open(instance) {
    if (state !== PENDING) return;
    core = start(instance, settings.core, now(), host.random() * 2 ** 32);
    record = createRecorder(core);
    const status = record(0, undefined, 0, undefined, resourceAttributes(settings, host));
    if (status < 0) report('resource', `the resource was refused, is it too large? (${status})`);
    driver = drive(core, host, settings, report);
    state = OPEN;
    replay();
  }

  /** @param {unknown} error */
  function fail(error) {
    state = FAILED;
    refused += early.length;
    early = [];
    report('wasm', `nothing is recorded, WebAssembly does not start: ${error}. Is the option wasm right? `
      + "Does the Content-Security-Policy allow 'wasm-unsafe-eval'?");
  }

  /**
   * A log call. An error is found in any place.
   *
   * @param {import('./record.js').Scope} scope
   * @param {number} severity
   * @param {any} body
   * @param {any} [attributes]
   * @param {any} [error]
   * @param {import('./record.js').Extras} [extras]
   */
  function log(scope, severity, body, attributes, error, extras) {
    if (state === NOOP || quiet) return;
    try {
      if (error === undefined && body instanceof Error) {
        error = body;
        body = body.message;
      } else if (error === undefined && attributes instanceof Error) {
        error = attributes;
        attributes = undefined;
      }
      if (spanContext && !extras) extras = { trace: toTrace(spanContext()) };
      if (record && !busy) write(scope, severity, body, attributes, error, extras);
      else wait(scope, severity, body, attributes, error, extras);
    } catch (problem) {
      refused++;
      defect(problem);
    }
  }

  /**
   * @param {import('./record.js').Scope} scope
   * @param {number} severity
   * @param {any} body
   * @param {any} attributes
   * @param {any} error
   * @param {import('./record.js').Extras} [extras]
   */
  function write(scope, severity, body, attributes, error, extras) {
    if (!record || !driver) return;
    busy = true;
    const result = record(now(), scope, severity, body, attributes, error, extras);
    busy = false;
    if (result < 0) refuse(result);
    else driver.emitted(result);
    if (early.length > 0 && !replaying) replay();
  }

  /**
   * Until there is a core; and while a record is being written. What is logged
   * by reading values is written after that record, but what is logged by
   * reading the values of that again could go on for ever.
   *
   * @param {import('./record.js').Scope} scope
   * @param {number} severity
   * @param {any} body
   * @param {any} attributes
   * @param {any} error
   * @param {import('./record.js').Extras} [extras]
   */
  function wait(scope, severity, body, attributes, error, extras) {
    if (state === FAILED || closed || replaying) {
      refused++;
      return;
    }
    const time = toTime(now());
    // What the app does to its object later is not what it logged.
    const copy = attributes instanceof Map ? new Map(attributes) : { ...attributes };
    early.push([scope, severity, body, copy, error, { time, observed: time, ...extras }]);
    if (early.length > MAX_EARLY) evict();
  }

  /** The oldest below ERROR goes, or else the oldest. */
  function evict() {
    const least = early.findIndex(([, severity]) => severity < SEVERITY_ERROR);
    const [[, severity]] = early.splice(Math.max(least, 0), 1);
    lost[bandOf(severity)]++;
  }

  function replay() {
    const calls = early;
    early = [];
    replaying = true;
    for (const call of calls) write(.../** @type {Parameters<typeof write>} */ (call));
    replaying = false;
  }

  /** @param {number} timeout */
  async function shut(timeout) {
    const timer = setTimeout(() => state === PENDING && fail('closed before'), timeout);
  }
}
