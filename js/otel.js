/**
 * Sonde behind `@opentelemetry/api`: what apps and instrumentations that know
 * only the API record goes to a Sonde made by `create`. js/otel.md is the
 * manual.
 *
 * Nothing is kept here. Spans, instruments and loggers are Sonde's own, which
 * have the shape that the API wants; what the API adds, and only that, is here:
 * contexts, and what of them travels in headers.
 */
// The default export has `logs` only from 1.10 on; to import a name that is not
// there is an error of some bundlers.
import api, { baggageEntryMetadataFromString, INVALID_SPAN_CONTEXT, ROOT_CONTEXT } from '@opentelemetry/api';

/** `suppressTracing` of `@opentelemetry/core` sets it. */
const SUPPRESSED = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** Of the W3C's Baggage: bytes of the header and of one entry, and entries. */
const MAX_BAGGAGE = 8192;
const MAX_ENTRY = 4096;
const MAX_ENTRIES = 180;

/** What `bind` replaces in emitters. */
const ADD = ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener', 'addEventListener'];
const REMOVE = ['off', 'removeListener', 'removeEventListener'];

/** @param {any} context */
const isSuppressed = (context) => context.getValue(SUPPRESSED) === true;

/**
 * `fetch`, or another function, that is not traced, whoever instruments it: for
 * Sonde's own requests.
 *
 * @param {any} call
 */
export const untraced = (call) => (/** @type {any[]} */ ...given) => api.context.with(
  api.context.active().setValue(SUPPRESSED, true), call, undefined, ...given);

// --- context ---------------------------------------------------------------

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
      storage.enterWith(context);
      return { dispose: () => storage.enterWith(before) };
    },

    enable: () => manager,

    disable() {
      storage = new Storage();
      return manager;
    },
  };
  return manager;
}

// --- propagation -----------------------------------------------------------

const FIELDS = ['traceparent', 'tracestate', 'baggage'];

/** Its result; undefined if it throws. @template T @param {() => T} call */
function attempt(call) {
  try {
    return call();
  } catch {
    return undefined;
  }
}

/**
 * Entries of a header: those that are too long, and those beyond the limits,
 * are left out.
 *
 * @param {any[]} entries
 */
function limit(entries) {
  let room = MAX_BAGGAGE + 1;
  return entries.filter((entry) => entry && entry.length <= MAX_ENTRY).slice(0, MAX_ENTRIES)
    .filter((entry) => entry.length < room && (room -= entry.length + 1) >= 0);
}

/** Undefined for lone surrogates. @param {[string, any]} entry */
const encodeEntry = ([key, { value, metadata }]) => attempt(
  () => `${encodeURIComponent(key)}=${encodeURIComponent(value)}${metadata ? `;${metadata}` : ''}`);

/** Empty if it is none. @param {any} entry @returns {[string, any][]} */
function decodeEntry(entry) {
  const [pair, ...metadata] = entry.split(';');
  const [key, ...rest] = pair.split('=');
  return attempt(() => {
    const name = decodeURIComponent(key.trim());
    const value = decodeURIComponent(rest.join('=').trim());
    return name && value ? [[name, metadata[0] ? { value, metadata: baggageEntryMetadataFromString(metadata.join(';')) } : { value }]] : [];
  }) ?? [];
}

/** Of a trace state (W3C Trace Context, 3.3.1): entries, characters, and which ones are the first to go. */
const MAX_MEMBERS = 32;
const MAX_STATE = 512;
const LONG_MEMBER = 128;
const MEMBER = /^[a-z\d][a-z\d_*/@-]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/** That of the API loses all of what is too long, and turns what has many entries around. */
class TraceState {
  /** @param {string[]} members */
  constructor(members) {
    this._members = members;
  }

  /** @param {string} key */
  get(key) {
    return this._members.find((member) => member.startsWith(`${key}=`))?.slice(key.length + 1);
  }

  /** @param {string} key */
  unset(key) {
    return new TraceState(this._members.filter((member) => !member.startsWith(`${key}=`)));
  }

  /** The same if there is no room, or it is none. @param {string} key @param {string} value */
  set(key, value) {
    const member = `${key}=${value}`;
    const next = new TraceState([member, ...this.unset(key)._members]);
    return MEMBER.test(member) && next._members.length <= MAX_MEMBERS && next.serialize().length <= MAX_STATE ? next : this;
  }

  serialize() {
    return this._members.join();
  }
}

/** Empty if a part of it is malformed. @param {string} text */
function stateFrom(text) {
  const members = text.split(',').map((member) => member.trim()).filter(Boolean);
  const isFine = members.length <= MAX_MEMBERS && !/[^\t -~]/.test(text) && members.every((member) => MEMBER.test(member));
  return new TraceState(isFine ? members : []);
}

/**
 * What of OpenTelemetry's own entry can be, without the probability if the flag
 * says otherwise (trace/tracestate-probability-sampling.md).
 *
 * @param {string} old
 * @param {string} traceId
 * @param {number} sampled
 */
function checked(old, traceId, sampled) {
  const items = old.split(';').filter((item) => item && !item.endsWith(' '));
  const rest = items.filter((item) => !/^(th|rv):/.test(item));
  /** Only the last one counts. @param {string} name @param {RegExp} pattern */
  const find = (name, pattern) => pattern.exec(`${items.filter((item) => item.startsWith(name)).pop()}`) ?? [];
  const [rv, random = traceId.slice(18)] = find('rv:', /^rv:([\da-f]{14})$/);
  const [th, least = ''] = find('th:', /^th:([\da-f]{1,14})$/);
  if (rv) rest.push(rv);
  if (th && +(random >= least.padEnd(14, '0')) === sampled) rest.push(th);
  return rest.join(';');
}

/** @param {string} text @param {string} traceId @param {number} sampled */
function remoteState(text, traceId, sampled) {
  const state = stateFrom(text);
  const old = state.get('ot') ?? '';
  const now = checked(old, traceId, sampled);
  const members = state.unset('ot')._members;
  // What has changed goes to the front.
  const isSame = now.length === old.length;
  if (now) members.splice(isSame ? state._members.indexOf(`ot=${old}`) : 0, 0, `ot=${isSame ? old : now}`);
  while (members.join().length > MAX_STATE) {
    // -1, if there is none, is the last one.
    members.splice(members.map((member) => member.length > LONG_MEMBER).lastIndexOf(true), 1);
  }
  return new TraceState(members);
}

/** Many spans in a row have the same one. */
let lastText = '';
let lastState = stateFrom('');

/** Sonde has trace states as text; the API has objects, which never change. @param {any} spanContext */
function withState(spanContext) {
  const state = spanContext?.traceState;
  if (typeof state === 'string') {
    if (state !== lastText) lastState = stateFrom(lastText = state);
    spanContext.traceState = lastState;
  }
  return spanContext;
}

/** Of any version but ff; later ones may go on behind the flags (W3C Trace Context, 3.2.4). */
const PARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})($|-)/;

/**
 * The context of the caller; undefined if its header is broken.
 *
 * @param {string} header
 * @param {string} text of the trace state
 */
function parentFrom(header, text) {
  const [, version, traceId, spanId, flags, more] = PARENT.exec(header) ?? [];
  if (!version || (version === '00' && more)) return undefined;
  const traceFlags = parseInt(flags, 16) & 3;
  const traceState = remoteState(text, traceId, traceFlags & 1);
  return { traceId, spanId, traceFlags, isRemote: true, ...traceState.serialize() && { traceState } };
}

/** Trace context and baggage of the W3C. */
export const propagator = () => ({
  fields: () => FIELDS,

  /** @param {any} context @param {any} carrier @param {any} setter */
  inject(context, carrier, setter) {
    if (isSuppressed(context)) return;
    const span = withState(api.trace.getSpanContext(context));
    const parent = span && api.trace.isSpanContextValid(span) ? `00-${span.traceId}-${span.spanId}-0${span.traceFlags & 3}` : '';
    const baggage = api.propagation.getBaggage(context)?.getAllEntries() ?? [];
    [parent, parent && span?.traceState?.serialize(), limit(baggage.map(encodeEntry)).join()].forEach((value, i) => {
      if (value) setter.set(carrier, FIELDS[i], value);
    });
  },

  /** @param {any} context @param {any} carrier @param {any} getter */
  extract(context, carrier, getter) {
    // Several headers are a list, which joins itself with commas.
    const [parent, state, header] = FIELDS.map((name) => `${getter.get(carrier, name) ?? ''}`);
    const remote = parentFrom(parent, state);
    const baggage = limit(header.split(',')).flatMap(decodeEntry);
    if (remote) context = api.trace.setSpanContext(context, remote);
    return baggage[0] ? api.propagation.setBaggage(context, api.propagation.createBaggage(Object.fromEntries(baggage))) : context;
  },
});

// --- providers -------------------------------------------------------------

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
      for (const [target] of taken.splice(0)) target.disable();
      sonde.useContext();
    },
  };
}
