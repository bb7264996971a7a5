/**
 * The step loop: asks the core what to do next, and does it. Timers, requests
 * and the page's life are here; the rules of delivery are the core's.
 */
import {
  ACTION_IDLE, ACTION_SEND, ACTION_WAIT, DONE_MESSAGE, EMIT_DUE, STATE_BREAKER,
  STATE_DISABLED, STATUS_CANCELLED, STATUS_FAILED,
} from '../generated/layout.js';
import { exchange } from './exchange.js';
import { giveKeepalive, keepaliveRoom, takeKeepalive } from './keepalive.js';

/** Longer delays overflow to none at all. */
const MAX_DELAY = 2 ** 31 - 1;
/** For hosts that say that they are offline, but not when that ends. */
const OFFLINE_DELAY = 5000;

/** @type {Record<number, string>} */
const CODES = { [STATE_DISABLED]: 'disabled', [STATE_BREAKER]: 'breaker' };
/** @type {Record<number, string>} */
const REMEDIES = {
  [STATE_DISABLED]: '; nothing is sent until configure() gives a valid token',
  [STATE_BREAKER]: '; nothing is sent until configure() is called',
};

/**
 * @typedef {object} Diagnostic
 * @property {string} code
 * @property {string} message
 * @property {number} [status]
 * @property {number} [rejected]
 */

export class Driver {
  /**
   * @param {import('./module.js').Core} core
   * @param {import('./host.js').Host} host
   * @param {import('./options.js').Settings} settings `target` may change
   * @param {(diagnostic: Diagnostic) => void} report
   */
  constructor(core, host, settings, report) {
    this._core = core;
    this._host = host;
    this._settings = settings;
    this._report = report;
    /** The request under way. @type {{id: number, keepalive: boolean, abort: AbortController} | undefined} */
    this._current = undefined;
    /** A request that waits until the host is online. */
    this._held = 0;
    /** @type {any} */
    this._timer = undefined;
    this._soon = false;
    /** The page was hidden: what is queued is to leave with the next request. */
    this._leaving = false;
    /** Between `pagehide` and `pageshow`. */
    this._gone = false;
    /** Some browsers fail keepalive requests; the next one goes without. */
    this._plain = false;
    /** @type {{accepted: number, resolve: () => void}[]} */
    this._flushes = [];
    /** @type {Promise<void> | undefined} */
    this._closed = undefined;
    /** @type {(() => void) | undefined} */
    this._closing = undefined;
    this._listen('addEventListener');
  }

  /** @param {'addEventListener' | 'removeEventListener'} verb */
  _listen(verb) {
    const { document, window } = this._host;
    document?.[verb]('visibilitychange', this);
    // On document, pagehide never fires.
    for (const type of ['pagehide', 'pageshow', 'online']) window?.[verb](type, this);
  }

  /** @param {{type: string}} event */
  handleEvent({ type }) {
    if (type === 'pagehide') this._gone = true;
    if (type === 'pageshow') this._gone = false;
    if (type !== 'online') this._leaving = this._isHidden();
    if (this._gone && this._current && !this._current.keepalive) this._cancel();
    this.pump();
    // Again, for what other listeners of this event log.
    if (type === 'visibilitychange' && this._isHidden()) {
      this._host.setTimeout(() => this.handleEvent({ type: '' }), 0);
    }
  }

  _isHidden() {
    return this._gone || this._host.document?.visibilityState === 'hidden';
  }

  /**
   * To be called after each record. A request that is due at once starts in a
   * microtask: the other records of this task travel with it, and unlike a
   * timer it is not held up in a hidden page.
   *
   * @param {number} result of the core
   */
  emitted(result) {
    if (result === EMIT_DUE) this._pumpSoon();
    else if (this._timer === undefined && !this._current) this.pump();
  }

  _pumpSoon() {
    if (this._soon) return;
    this._soon = true;
    Promise.resolve().then(() => {
      this._soon = false;
      this.pump();
    });
  }

  /** Does what is to be done now; does not throw. */
  pump() {
    if (this._current || (this._closed && !this._closing)) return;
    try {
      this._step();
    } catch (error) {
      this._report({ code: 'internal', message: String(error) });
    }
  }

  _step() {
    const { _core: core, _host: { now } } = this;
    const time = now();
    if (this._leaving) this._pack(time);
    const action = core.wasm.wasm_next(time);
    if (action === ACTION_SEND && this._isOnline()) this._send(core.request());
    else if (action === ACTION_SEND) this._hold(core.request().id);
    else this._arm(action === ACTION_WAIT ? core.until() - time : undefined);
    this._settle(action);
  }

  /** Makes the next request one that outlives the page. @param {number} time */
  _pack(time) {
    this._leaving = false;
    if (this._held) this._core.done(time, this._held, STATUS_CANCELLED);
    this._held = 0;
    this._core.wasm.wasm_flush(time, this._plain && !this._gone ? 0 : keepaliveRoom());
  }

  _isOnline() {
    try {
      return this._settings.target !== undefined && this._settings.online();
    } catch {
      return true;
    }
  }

  /** @param {number} id */
  _hold(id) {
    this._held = id;
    this._arm(OFFLINE_DELAY);
  }

  /** Sets the timer, or none. @param {number} [delay] */
  _arm(delay) {
    const { setTimeout, clearTimeout } = this._host;
    clearTimeout(this._timer);
    this._timer = undefined;
    if (delay === undefined) return;
    this._timer = setTimeout(() => {
      this._timer = undefined;
      this.pump();
    }, Math.min(Math.max(Math.ceil(delay), 1), MAX_DELAY));
    // Node would not end before it.
    this._timer.unref?.();
  }

  /** @param {ReturnType<import('./module.js').Core['request']>} request */
  _send(request) {
    const { _host: host, _settings: { target, timeout } } = this;
    const { id, body, queued } = request;
    const keepalive = (this._gone || (this._isHidden() && !this._plain))
      && takeKeepalive(body.length);
    const abort = new AbortController();
    const current = { id, keepalive, abort };
    this._arm();
    this._held = 0;
    this._current = current;
    exchange(host, target, request, keepalive, abort, timeout).then((answer) => {
      if (keepalive) giveKeepalive(body.length);
      if (this._current === current) this._finish(current, answer, queued);
    });
  }

  /** The page goes and would take the request with it. */
  _cancel() {
    const { id, abort } = /** @type {NonNullable<typeof this._current>} */ (this._current);
    this._current = undefined;
    this._core.done(this._host.now(), id, STATUS_CANCELLED);
    abort.abort();
  }

  /**
   * @param {{id: number, keepalive: boolean}} current
   * @param {import('./exchange.js').Answer} answer
   * @param {number} queued records that were left
   */
  _finish({ id, keepalive }, answer, queued) {
    const { status, retryAfter, body } = answer;
    this._current = undefined;
    this._plain = keepalive && status === STATUS_FAILED;
    // In a hidden page, what did not fit follows at once.
    this._leaving ||= keepalive && status < 300 && status > 0 && queued > 0 && this._isHidden();
    this._tell(this._core.done(this._host.now(), id, status, retryAfter, body), answer);
    this.pump();
  }

  /**
   * @param {number} result of the core
   * @param {import('./exchange.js').Answer} answer
   */
  _tell(result, { status, error = '' }) {
    const said = result === DONE_MESSAGE;
    if (!said && status >= 200 && status < 300) return;
    const { text, rejected } = said ? this._core.message() : { text: error, rejected: 0 };
    const { state } = this._core.ledger();
    const remedy = REMEDIES[state] ?? '';
    const answer = status === STATUS_FAILED ? 'no answer' : `HTTP ${status}`;
    this._report({
      code: CODES[state] ?? 'export', status, rejected, message: `${answer}${text && `: ${text}`}${remedy}`,
    });
  }

  /** Resolves the promises that have come true. @param {number} action */
  _settle(action) {
    const { accepted, queued, inFlight } = this._core.ledger();
    const settled = this._current ? accepted - queued - inFlight : Infinity;
    this._flushes = this._flushes.filter((flush) => {
      if (flush.accepted <= settled) flush.resolve();
      return flush.accepted > settled;
    });
    if (this._closing && !this._current && action === ACTION_IDLE) this._end();
  }

  /**
   * Resolves when what is held now is settled, or when nothing can be done for
   * it at the moment: offline, back-off, stopped.
   *
   * @returns {Promise<void>}
   */
  flush() {
    this._core.wasm.wasm_flush(this._host.now(), 0);
    const { accepted } = this._core.ledger();
    return new Promise((resolve) => {
      this._flushes.push({ accepted, resolve });
      this.pump();
    });
  }

  /** Exporting goes on, perhaps to another target. */
  enable() {
    this._core.wasm.wasm_enable(this._host.now());
    this.pump();
  }

  /**
   * Sends what is held and gives up what is left after `timeout`.
   *
   * @param {number} timeout ms
   */
  close(timeout) {
    this._closed ??= new Promise((resolve) => {
      const timer = this._host.setTimeout(() => this._end(), timeout);
      this._closing = () => {
        this._host.clearTimeout(timer);
        resolve();
      };
      this._core.wasm.wasm_close(this._host.now());
      this.pump();
    });
    return this._closed;
  }

  _end() {
    this._closing?.();
    this._closing = undefined;
    this._current?.abort.abort();
    this._current = undefined;
    this._listen('removeEventListener');
    this._arm();
    this._core.wasm.wasm_abandon();
    for (const { resolve } of this._flushes) resolve();
  }
}
