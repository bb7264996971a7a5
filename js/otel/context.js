/**
 * The context manager, and what is marked in contexts: which calls are not to be
 * traced.
 */
import { api, ROOT_CONTEXT } from './api.js';

/** `suppressTracing` of `@opentelemetry/core` sets it. */
const SUPPRESSED = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** What `bind` replaces in emitters. */
const ADD = ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener', 'addEventListener'];
const REMOVE = ['off', 'removeListener', 'removeEventListener'];

/** @param {any} context */
export const isSuppressed = (context) => context.getValue(SUPPRESSED) === true;

/**
 * `fetch`, or another function, that is not traced, whoever instruments it: for
 * Sonde's own requests.
 *
 * @param {any} call
 */
export const untraced = (call) => (/** @type {any[]} */ ...given) => api.context.with(
  api.context.active().setValue(SUPPRESSED, true), call, undefined, ...given);

/** AsyncLocalStorage for hosts without: a context ends with the call. */
class Stack {
  /** @type {any} */
  _store;

  getStore() {
    return this._store;
  }

  /** @param {any} store */
  enterWith(store) {
    this._store = store;
  }

  /** @param {any} store @param {() => any} call */
  run(store, call) {
    const before = this._store;
    this._store = store;
    try {
      return call();
    } finally {
      this._store = before;
    }
  }
}

/** @param {any} [Storage] AsyncLocalStorage; default: the host's, if it has one */
export function contextManager(Storage) {
  const { AsyncLocalStorage, process } = /** @type {any} */ (globalThis);
  Storage ??= AsyncLocalStorage ?? process?.getBuiltinModule?.('node:async_hooks').AsyncLocalStorage ?? Stack;
  let storage = new Storage();
  /** Emitters that are bound. */
  const bound = new WeakSet();

  /** @param {any} context @param {any} call */
  function bindFunction(context, call) {
    return Object.defineProperty(function (/** @type {any[]} */ ...given) {
      // @ts-ignore whatever it is
      return manager.with(context, call, this, ...given);
    }, 'length', { value: call.length });
  }

  /**
   * Listeners that are added from now on run in `context`.
   *
   * @param {any} context
   * @param {any} emitter
   */
  function bindEmitter(context, emitter) {
    bound.add(emitter);
    const wrappers = new WeakMap();
    // `once` of Node calls `on` with a wrapper of its own, which `off` must find.
    let inside = false;
    /** @param {string} name @param {(listener: any) => any} find */
    const replace = (name, find) => {
      const method = emitter[name];
      if (method) emitter[name] = function (/** @type {any} */ event, /** @type {any} */ listener, /** @type {any[]} */ ...rest) {
        const outer = inside;
        const own = outer ? listener : find(listener);
        inside = true;
        try {
          return method.call(this, event, own, ...rest);
        } finally {
          inside = outer;
        }
      };
    };
    for (const name of ADD) replace(name, (listener) => {
      if (typeof listener !== 'function') return listener;
      if (!wrappers.has(listener)) wrappers.set(listener, bindFunction(context, listener));
      return wrappers.get(listener);
    });
    for (const name of REMOVE) replace(name, (listener) => wrappers.get(listener) ?? listener);
    return emitter;
  }

  const manager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,

    /** @param {any} context @param {any} call @param {any} [self] @param {any[]} given */
    with: (context, call, self, ...given) => storage.run(context, call.bind(self, ...given)),

    /** @param {any} context @param {any} target */
    bind: (context = manager.active(), target) => typeof target === 'function' ? bindFunction(context, target)
      : (target?.addListener ?? target?.addEventListener) && !bound.has(target) ? bindEmitter(context, target) : target,

    /** @param {any} context */
    attach(context) {
      const before = storage.getStore();
      // workerd has the method, and throws.
      const enter = (/** @type {any} */ it) => {
        try {
          storage.enterWith(it);
        } catch {
          // As good as the host allows.
        }
      };
      enter(context);
      return { dispose: () => enter(before) };
    },

    enable: () => manager,

    disable() {
      storage = new Storage();
      return manager;
    },
  };
  return manager;
}
