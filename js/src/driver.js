/**
 * The step loop: asks the core what to do next, and does it. Timers, requests
 * and the page's life are here; the rules of delivery are the core's.
 */
import {
  ACTION_IDLE, ACTION_SEND, ACTION_WAIT, DONE_MESSAGE, EMIT_DUE, STATE_BREAKER,
  STATE_DISABLED, STATUS_CANCELLED, STATUS_FAILED,
} from '../generated/layout.js';
import { exchange, keepaliveRoom } from './exchange.js';

/** Longer delays overflow to none at all. */
const MAX_DELAY = 2 ** 31 - 1;
/** For hosts that say that they are offline, but not when that ends. */
const OFFLINE_DELAY = 5000;
const NO_BYTES = new Uint8Array();

/** @typedef {ReturnType<typeof drive>} Driver */

/**
 * @param {import('./module.js').Core} core
 * @param {any} host
 * @param {any} settings `target` may change
 * @param {(code: string, message: string, more?: object) => void} report
 */
export function drive(core, host, settings, report) {
  const { now, setTimeout, clearTimeout, document, window } = host;
  const { wasm } = core;
  /** The request under way. @type {{id: number, keepalive: boolean, abort: AbortController} | undefined} */
  let current;
  /** A request that waits until the host is online. */
  let held = 0;
  /** @type {any} */
  let timer;
  let soon = false;
  /** The page was hidden: what is queued is to leave with the next request. */
  let leaving = false;
  /** Between `pagehide` and `pageshow`. */
  let gone = false;
  /** Some browsers fail keepalive requests; the next one goes without. */
  let plain = false;
  /** Promises of `flush`, with what was accepted at the time. @type {[number, () => void][]} */
  let flushes = [];
  /** @type {Promise<void> | undefined} */
  let closed;
  /** Resolves `closed`. @type {(() => void) | undefined} */
  let closing;

  const isHidden = () => gone || document?.visibilityState === 'hidden';

  /** Does what is to be done now; does not throw. */
  function pump() {
    if (current || (closed && !closing)) return;
    try {
      step();
    } catch (error) {
      report('internal', `${error}`);
    }
  }

  function step() {
    const time = now();
    if (leaving) pack(time);
    const action = wasm.wasm_next(time);
    if (action !== ACTION_SEND) {
      arm(action === ACTION_WAIT ? core.until() - time : undefined);
    } else if (settings.target && settings.online()) {
      send(core.request());
    } else {
      held = core.request().id;
      arm(OFFLINE_DELAY);
    }
    settle(action);
  }

  /** Makes the next request one that outlives the page. @param {number} time */
  function pack(time) {
    leaving = false;
    if (held) giveBack(held);
    held = 0;
    wasm.wasm_flush(time, plain && !gone ? 0 : keepaliveRoom());
  }

  /** @param {number} id */
  function giveBack(id) {
    core.done(now(), id, STATUS_CANCELLED, -1, NO_BYTES);
  }

  /** Sets the timer, or none. @param {number} [delay] */
  function arm(delay) {
    clearTimeout(timer);
    timer = delay === undefined ? undefined : setTimeout(() => {
      timer = undefined;
      pump();
    }, Math.min(Math.max(Math.ceil(delay), 1), MAX_DELAY));
    // Node would not end before it.
    timer?.unref?.();
  }

  /** @param {ReturnType<typeof core.request>} request */
  function send(request) {
    const { id, body, queued } = request;
    const keepalive = (gone || (isHidden() && !plain)) && body.length <= keepaliveRoom();
    const abort = new AbortController();
    const mine = { id, keepalive, abort };
    arm();
    held = 0;
    current = mine;
    exchange(host, settings.target, request, keepalive, abort, settings.timeout).then((answer) => {
      if (current === mine) finish(mine, answer, queued);
    });
  }

  /**
   * @param {{id: number, keepalive: boolean}} request
   * @param {import('./exchange.js').Answer} answer
   * @param {number} queued records that it left behind
   */
  function finish({ id, keepalive }, answer, queued) {
    const { status, retryAfter, body } = answer;
    const good = status >= 200 && status < 300;
    current = undefined;
    plain = keepalive && !status;
    // In a hidden page, what did not fit follows at once.
    leaving ||= keepalive && good && queued > 0 && isHidden();
    const said = core.done(now(), id, status, retryAfter, body) === DONE_MESSAGE;
    if (said || !good) tell(answer, said);
    pump();
  }

  /** @param {import('./exchange.js').Answer} answer @param {boolean} said */
  function tell({ status, error }, said) {
    const { text, rejected } = said ? core.message() : { text: error ?? '', rejected: 0 };
    const { state } = core.ledger();
    const stopped = state === STATE_DISABLED || state === STATE_BREAKER;
    const remedy = stopped ? '; nothing more is sent until configure() is called' : '';
    report(stopped ? 'stopped' : 'export', `HTTP ${status} ${text}${remedy}`, { status, rejected });
  }

  /** Resolves the promises that have come true. @param {number} action */
  function settle(action) {
    const { accepted, queued, inFlight } = core.ledger();
    const settled = current ? accepted - queued - inFlight : Infinity;
    flushes = flushes.filter(([mark, resolve]) => mark > settled || resolve());
    if (closing && !current && action === ACTION_IDLE) end();
  }

  function end() {
    closing?.();
    closing = undefined;
    current?.abort.abort();
    current = undefined;
    listen('removeEventListener');
    arm();
    wasm.wasm_abandon();
    for (const [, resolve] of flushes) resolve();
  }

  /** @param {{type: string}} event */
  function onPage({ type }) {
    if (type === 'pagehide') gone = true;
    if (type === 'pageshow') gone = false;
    if (type !== 'online') leaving = isHidden();
    if (gone && current && !current.keepalive) {
      // It would be lost with the page.
      giveBack(current.id);
      current.abort.abort();
      current = undefined;
    }
    pump();
    // Again, for what other listeners of this event log.
    if (type === 'visibilitychange' && isHidden()) {
      setTimeout(() => onPage({ type: '' }), 0);
    }
  }

  /** @param {string} verb */
  function listen(verb) {
    document?.[verb]('visibilitychange', onPage);
    // On document, pagehide never fires.
    for (const type of ['pagehide', 'pageshow', 'online']) window?.[verb](type, onPage);
  }

  listen('addEventListener');

  return {
    pump,

    /**
     * To be called after each record. A request that is due at once starts in
     * a microtask: the other records of this task travel with it, and unlike a
     * timer it is not held up in a hidden page.
     *
     * @param {number} result of the core
     */
    emitted(result) {
      if (result !== EMIT_DUE) {
        if (timer === undefined && !current) pump();
      } else if (!soon) {
        soon = true;
        Promise.resolve().then(() => {
          soon = false;
          pump();
        });
      }
    },

    /**
     * Resolves when what is held now is settled, or when nothing can be done
     * for it at the moment: offline, back-off, stopped.
     *
     * @returns {Promise<void>}
     */
    flush() {
      wasm.wasm_flush(now(), 0);
      return new Promise((resolve) => {
        flushes.push([core.ledger().accepted, resolve]);
        pump();
      });
    },

    /** Exporting goes on, perhaps to another target. */
    enable() {
      wasm.wasm_enable(now());
      pump();
    },

    /** Sends what is held, and gives up what is left after `timeout` ms. @param {number} timeout */
    close(timeout) {
      closed ??= new Promise((resolve) => {
        closing = resolve;
        setTimeout(() => closing && end(), timeout)?.unref?.();
        wasm.wasm_close(now());
        pump();
      });
      return closed;
    },
  };
}
