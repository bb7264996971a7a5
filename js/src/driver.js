/**
 * The step loop: asks the core what to do next, and does it. Timers, requests
 * and the page's life are here; the rules of delivery are the core's.
 */
import {
  ACTION_COLLECT, ACTION_SEND, EMIT_DUE, SIGNAL_METRICS, STATE_OPEN, STATUS_CANCELLED, STATUS_FAILED,
} from '../generated/layout.js';
import { delayFrom, drain, replyFrom } from './answer.js';
import { SIGNALS } from './options.js';

/** For hosts that say that they are offline, but not when that ends. */
const OFFLINE_DELAY = 5000;

/** Browsers let 64 KiB of bodies outlive the page, Chrome in 9 requests. */
const KEEPALIVE_BYTES = 60000;
const KEEPALIVE_REQUESTS = 9;
/** Less is not worth a request of its own. */
const KEEPALIVE_LEAST = 4096;

/**
 * The quota is the page's, so all instances, from whatever bundle, share one
 * account: bytes and requests. What other scripts use cannot be known.
 *
 * @type {[number, number]}
 */
const used = /** @type {any} */ (globalThis)[Symbol.for('sonde.keepalive')] ??= [0, 0];

/** Bytes that a request may have to outlive the page; 0: none can. */
function keepaliveRoom() {
  const room = KEEPALIVE_BYTES - used[0];
  return used[1] < KEEPALIVE_REQUESTS && room >= KEEPALIVE_LEAST ? room : 0;
}

/**
 * @typedef {ReturnType<typeof drive>} Driver
 *
 * @typedef {object} Exchange the request under way
 * @property {number} id
 * @property {Uint8Array} body
 * @property {boolean} keepalive
 * @property {AbortController} abort
 */

/**
 * @param {import('./module.js').Core} core
 * @param {any} hub what signals share: `settings`, whose `target` may change, `report`, `collect`, which asks the
 *   observers of metrics and does not throw, and perhaps `exported`, which is told of each request
 */
export function drive(core, hub) {
  const { settings, report } = hub;
  const { now, monotonic, setTimeout, clearTimeout, document, window, fetch, timeout } = settings;
  const { wasm } = core;
  /** From `pagehide` until the page is shown again. */
  let gone = false;
  /** The page was hidden: what is queued is to leave with the next request. */
  const leaving = SIGNALS.map(() => false);

  const isHidden = () => document?.visibilityState === 'hidden';
  const defect = (/** @type {unknown} */ error) => report('internal', '', error);

  /**
   * The step loop of one signal.
   *
   * @param {number} signal
   */
  function driveOne(signal) {
    /** @type {Exchange | undefined} */
    let current;
    /** @type {any} */
    let timer;
    /** Those who wait until nothing can be done, or nothing is left. @type {[resolve: (none?: any) => void, final?: boolean][]} */
    let waiting = [];
    /** Whoever is asked may do anything, but not begin here again. */
    let asking = false;

    /** Does what is to be done now; does not throw. */
    function pump() {
      if (current || asking) return;
      // Until it is to be asked again; after what throws, too. 0: nothing is left.
      let delay = OFFLINE_DELAY;
      clearTimeout(timer);
      timer = undefined;
      try {
        asking = true;
        const time = now();
        // Logs leave last, and may take all that the others left of the room.
        if (leaving[signal]) wasm.wasm_flush(signal, time, keepaliveRoom() >> +(signal > 0));
        leaving[signal] = false;
        let action = wasm.wasm_next(signal, time);
        if (action === ACTION_COLLECT) {
          hub.collect();
          // They took their time, and the core's does not go back.
          wasm.wasm_collect(now());
          action = wasm.wasm_next(signal, now());
        }
        if (action !== ACTION_SEND) delay = action && (Math.ceil(core.until() - time) || 1);
        else if (settings.target?.urls[signal] && settings.online()) {
          send(core.request(), settings.target).catch(defect);
          return;
        }
      } catch (error) {
        defect(error);
      } finally {
        asking = false;
      }
      if (delay) {
        timer = setTimeout(pump, delay);
        // Node would not end before it.
        timer.unref?.();
      }
      waiting = waiting.filter(([resolve, final]) => (final && delay) || resolve());
    }

    /**
     * One request and its answer. An answer whose body breaks off is an answer:
     * its status says what became of the records.
     *
     * @param {ReturnType<typeof core.request>} request
     * @param {any} target
     */
    async function send({ id, body }, target) {
      const keepalive = (gone || isHidden()) && body.length <= keepaliveRoom();
      const cost = +keepalive;
      const abort = new AbortController();
      const limit = setTimeout(() => abort.abort(), timeout);
      const begun = monotonic();
      const exchange = { id, body, keepalive, abort };
      let status = STATUS_FAILED;
      let delay = -1;
      let rejected = 0;
      let ok;
      let message;
      current = exchange;
      used[0] += cost * body.length;
      used[1] += cost;
      try {
        const response = await fetch(target.urls[signal], {
          method: 'POST',
          headers: target.headers,
          body,
          keepalive,
          signal: abort.signal,
          // A redirect would turn the POST into a GET, whose 200 would look like
          // success, or carry the token elsewhere.
          redirect: 'error',
          // A path may say who the user is.
          referrerPolicy: 'strict-origin',
        });
        status = response.status;
        ok = status > 199 && status < 300;
        delay = delayFrom(response, now());
        [rejected, message] = replyFrom(await drain(response), settings.encoding, ok);
      } catch (error) {
        message = error;
      }
      clearTimeout(limit);
      used[0] -= cost * body.length;
      used[1] -= cost;
      hub.exported?.(signal, monotonic() - begun, status);
      if (current !== exchange) return;
      current = undefined;
      // A 401 or 403 is of the token that was: it is tried again with the new one.
      wasm.wasm_done(signal, now(), id, target !== settings.target && (status & ~2) === 401 ? STATUS_FAILED : status, delay, rejected);
      if (!ok || rejected || message) {
        const remedy = core.ledger(signal)[0] === STATE_OPEN ? '' : '; stopped until configure()';
        report('export', `HTTP ${status}${remedy}${message ? ': ' : ''}`, message, { signal: SIGNALS[signal], status, rejected });
      }
      pump();
    }

    function giveBack() {
      if (!current) return;
      wasm.wasm_done(signal, now(), current.id, STATUS_CANCELLED, -1, 0);
      current.abort.abort();
      current = undefined;
    }

    return {
      pump,

      giveBack,

      /** To be called when the page is hidden, shown, or going. */
      turn() {
        // With the page going, a request is lost if it does not outlive it. If
        // it does, what is queued is lost, unless one request takes all.
        if (gone && current && (!current.keepalive || (core.ledger(signal)[3] > 0 && current.body.length <= keepaliveRoom()))) giveBack();
        pump();
      },

      /** @param {number} result of the core */
      emitted(result) {
        if (result === EMIT_DUE) queueMicrotask(pump);
        else if (timer === undefined && !current) pump();
      },

      /** @param {boolean} [final] @returns {Promise<void>} */
      wait: (final) => new Promise((resolve) => {
        waiting.push([resolve, final]);
        pump();
      }),
    };
  }

  const lanes = SIGNALS.map((_, signal) => driveOne(signal));

  /** @param {boolean} [final] until nothing is left */
  const wait = (final) => Promise.all(lanes.map((lane) => lane.wait(final)));

  /**
   * Waits for the last event there will be, since other listeners may log:
   * `pagehide` of a visible page is followed by `visibilitychange`, and that
   * comes to the window after it came to the document.
   *
   * @param {Event} event
   */
  function onPage({ type, bubbles, currentTarget }) {
    const hidden = isHidden();
    gone = type === 'pagehide' || (gone && hidden && type !== 'pageshow');
    leaving.fill(gone || hidden);
    if (gone && !hidden) return;
    if (bubbles && currentTarget === document) return;
    for (let i = lanes.length; i--;) lanes[i].turn();
    // What comes next leaves, too, before the page is stopped or killed; but
    // metrics were collected already.
    leaving.fill(gone || hidden, 0, SIGNAL_METRICS);
  }

  /** @param {string} verb */
  function listen(verb) {
    document?.[verb]('visibilitychange', onPage);
    // On document, pagehide never fires.
    for (const type of ['visibilitychange', 'pagehide', 'pageshow', 'online']) window?.[verb](type, onPage);
  }

  listen('addEventListener');

  return {
    /**
     * To be called after each record. A request that is due at once starts in
     * a microtask: the other records of this task travel with it, and unlike a
     * timer it is not held up in a hidden page.
     *
     * @param {number} signal
     * @param {number} result of the core
     */
    emitted: (signal, result) => lanes[signal].emitted(result),

    /**
     * Resolves when all that is due is sent, or when nothing can be done for it
     * at the moment: offline, back-off, stopped.
     */
    flush() {
      lanes.forEach((_, signal) => wasm.wasm_flush(signal, now(), 0));
      return wait();
    },

    /** Exporting goes on, perhaps to another target. */
    enable() {
      wasm.wasm_enable(now());
      for (const lane of lanes) lane.pump();
    },

    /** Takes no more. Resolves when nothing is left. */
    close() {
      wasm.wasm_close(now());
      return wait(true);
    },

    /** Gives up what is left. */
    end() {
      for (const lane of lanes) lane.giveBack();
      wasm.wasm_abandon();
      listen('removeEventListener');
      // Nothing is left to wait for.
      for (const lane of lanes) lane.pump();
    },
  };
}
