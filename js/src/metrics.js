/**
 * Meters and instruments, in the shape of `@opentelemetry/api`: what finds a
 * measurement's series without asking the core, and who is asked at a
 * collection. metrics.md is the manual.
 *
 * A series is found by its attributes' values, one after the other, in a tree
 * of maps: so objects may be made anew or changed at any time, and nothing is
 * kept of them but plain values. metrics.md has what was measured.
 */
import {
  HEADER_WORDS, INSTRUMENT_SCOPE, KIND_COUNTER, KIND_EXPONENTIAL, KIND_GAUGE, KIND_HISTOGRAM, KIND_OBSERVABLE_COUNTER,
  KIND_OBSERVABLE_GAUGE, KIND_OBSERVABLE_UPDOWN, KIND_UPDOWN, SIGNAL_METRICS,
} from '../generated/layout.js';
import { wrong } from './options.js';

const NAME = /^[a-z][\w./-]{0,254}$/i;
const BOUNDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];
/** Instruments of one meter that are remembered; the core has no more either. */
const MAX_INSTRUMENTS = 1024;
/** Nodes of all trees; then all are forgotten. */
const MAX_NODES = 10000;
/** The core's handles come back after 2,048 collections: forgotten before. */
const COLLECTION_NODES = 10;
/** Of a trace id and a span id. */
const ID_DIGITS = 48;
/** Longer strings are not kept. */
const MAX_VALUE = 999;

const KINDS = {
  Counter: KIND_COUNTER,
  UpDownCounter: KIND_UPDOWN,
  Gauge: KIND_GAUGE,
  Histogram: KIND_HISTOGRAM,
  ObservableCounter: KIND_OBSERVABLE_COUNTER,
  ObservableUpDownCounter: KIND_OBSERVABLE_UPDOWN,
  ObservableGauge: KIND_OBSERVABLE_GAUGE,
};

const isText = (/** @type {unknown} */ it) => typeof it === 'string';
/** What a view may have. @type {Record<string, (value: any) => unknown>} */
const VIEW = {
  instrument: isText,
  meter: isText,
  name: (it) => NAME.test(it),
  description: isText,
  attributeKeys: (it) => it.every(isText),
  boundaries: (it) => it.every((/** @type {any} */ bound, /** @type {number} */ i) => Number.isFinite(bound) && !(bound <= it[i - 1])),
  aggregation: (it) => /^(drop|exponential|default)$/.test(it),
};

/** Throws if a view is wrong. @param {any} view */
function check(view) {
  for (const key of Object.keys({ instrument: 0, ...view })) {
    let isRight;
    try {
      isRight = VIEW[key](view[key]);
    } catch {
      // Of another type.
    }
    if (!isRight) throw wrong(`views: ${key}`, view?.[key], 'as in metrics.md');
  }
}

/** @param {any} view @param {string} name */
const matches = ({ instrument }, name) => RegExp(`^${instrument.replace(/[^\w*]/g, '\\$&').replace(/\*/g, '.*')}$`, 'i').test(name);

/** @param {string} [key] */
const makeNode = (key) => ({ _key: key, _handle: -1, _next: /** @type {Map<unknown, any> | undefined} */ (undefined) });

/**
 * @typedef {object} Stream
 * @property {any} _scope
 * @property {string} _name
 * @property {string} _description
 * @property {string} _unit
 * @property {number} _kind
 * @property {number} _flags
 * @property {number[]} _bounds
 * @property {string[]} [_keys] the attributes that may stay
 * @property {number} [_id] once the core has been asked
 */

/** @param {any} hub what signals share, made by `create` */
export function createMeters(hub) {
  const { now, views = [] } = hub.settings;
  /** @type {{callback: any, list: any[], result: any}[]} */
  let observers = [];
  var collecting = false;
  /** The span that the core was told of. @type {any} */
  var told;
  /** The trees that are in use. */
  var age = 0;
  var nodes = 0;
  /** @type {(handle: number, value: number) => number} */
  var put = () => -1;

  if (!Array.isArray(views)) throw wrong('views', views, 'a list');
  views.forEach(check);

  /** @param {number} count */
  function grow(count) {
    nodes += count;
    if (nodes < MAX_NODES) return;
    nodes = 0;
    age++;
  }

  /**
   * The node of these attributes; undefined if there is none, or there is to be
   * none.
   *
   * @param {any} at
   * @param {any} attributes
   * @param {boolean} [make]
   */
  function find(at, attributes, make) {
    for (const key in attributes) {
      const value = attributes[key];
      let next = at._next?.get(value);
      if (next === undefined) {
        if (!make || typeof value === 'object' || value?.length > MAX_VALUE) return;
        next = makeNode(key);
        (at._next ??= new Map()).set(value, next);
        grow(1);
      }
      // The same value of another attribute.
      if (next._key !== key) return;
      at = next;
    }
    return at;
  }

  /** Tells the core which span measurements are exemplars of. @param {any} span */
  function tell(span) {
    if (span === told) return;
    told = span;
    const { traceId, spanId, traceFlags } = span?.spanContext() ?? {};
    const { put, wasm } = hub.core();
    const isSampled = traceFlags & 1 && put(traceId + spanId) === ID_DIGITS;
    if (wasm.wasm_span(now(), isSampled) < 0) wasm.wasm_span(now(), 0);
  }

  /** Makes the instrument in the core. @param {Stream} stream */
  function declare(stream) {
    const { _scope, _name, _description, _unit, _kind, _flags, _bounds } = stream;
    const core = hub.core();
    const scope = hub.scope(_scope);
    const text = _name + _description;
    const size = core.put(text);
    core.doubles.set(_bounds, HEADER_WORDS / 2);
    stream._id = core.wasm.wasm_meter(now(), _kind | _flags << 4 | scope << INSTRUMENT_SCOPE, _name.length, size - _name.length, core.put(text + _unit) - size, _bounds.length);
    if (/** @type {any} */ (stream)._id < 0) throw `instrument ${_name}: status ${stream._id}`;
    put = core.wasm.wasm_measure;
    hub.emitted(SIGNAL_METRICS, 0);
  }

  /**
   * An instrument, or one that is bound to attributes.
   *
   * @param {any} [stream] a Stream; none: it does nothing
   * @param {any} [bound]
   */
  function instrument(stream, bound) {
    // `var`, because engines check each use of a `let` that closures share.
    var root = makeNode();
    var born = age;

    /** @param {any} value @param {any} attributes @param {any} span */
    function measure(value, attributes, span) {
      const { _id, _keys, _scope } = stream;
      tell(span);
      if (!(_id >= 0)) declare(stream);
      let all = { ...bound, ...attributes };
      if (_keys) all = Object.fromEntries(Object.entries(all).filter(([key]) => _keys.includes(key)));
      const handle = hub.series(stream._id, { ...all, ..._scope.attributes });
      if (handle < 0) return;
      const node = find(root, attributes, true);
      if (node) node._handle = handle;
      put(handle, value);
    }

    /** Apart, as a closure costs all calls of its function. @param {any} value @param {any} attributes @param {any} span */
    function measureSoon(value, attributes, span) {
      hub.run(() => measure(value, attributes, span));
    }

    /** @param {any} value @param {any} [attributes] */
    function add(value, attributes) {
      if (!stream || (!collecting && !hub.enabled(SIGNAL_METRICS))) return;
      try {
        if (typeof value === 'bigint') value = Number(value);
        if (typeof value !== 'number') throw `${stream._name}: ${typeof value} is no number`;
        if (born !== age) {
          born = age;
          root = makeNode();
        }
        const span = hub.active();
        const node = span === told ? find(root, attributes) : undefined;
        // The app may change its object before the call.
        if (node === undefined || put(node._handle, value) < 0) measureSoon(value, { ...attributes }, span);
      } catch (problem) {
        hub.refuse(problem);
      }
    }

    const it = {
      _stream: stream,
      add,
      record: add,
      /** @param {any} attributes */
      bind: (attributes) => attempt(() => instrument(stream, { ...bound, ...attributes })),
      /** @param {any} callback */
      addCallback: (callback) => watch(callback, [it], { observe: add }),
      /** @param {any} callback */
      removeCallback: (callback) => unwatch(callback, [it]),
    };
    return it;
  }

  /** Never throws: an instrument that does nothing instead. @param {() => any} call */
  function attempt(call) {
    try {
      return call();
    } catch (problem) {
      hub.refuse(problem);
      return instrument();
    }
  }

  /** @param {any} callback @param {any[]} list */
  function unwatch(callback, list) {
    observers = observers.filter((it) => it.callback !== callback || it.list.length !== list.length
      || !it.list.every((observable) => list.includes(observable)));
  }

  /** @param {any} callback @param {any[]} list @param {any} result */
  function watch(callback, list, result) {
    unwatch(callback, list);
    observers.push({ callback, list, result });
    // The core collects only if there is an instrument.
    hub.run(() => list.forEach(({ _stream }) => _stream && declare(_stream)));
  }

  /** @param {number} kind @param {any} scope @param {string} name @param {any} options */
  function make(kind, scope, name, { unit = '', description = '', valueType, advice, exponential }) {
    const view = views.find((/** @type {any} */ it) => matches(it, name) && (it.meter ?? scope.name) === scope.name) ?? {};
    const { aggregation } = view;
    const isHistogram = kind === KIND_HISTOGRAM;
    const isExponential = isHistogram && (aggregation ? aggregation === 'exponential' : exponential);
    if (!NAME.test(name)) throw `no name of an instrument: ${name.slice(0, 99)}`;
    return aggregation === 'drop' ? instrument() : instrument({
      _scope: scope,
      _name: view.name ?? name,
      _description: view.description ?? `${description}`,
      _unit: `${unit}`,
      _kind: isExponential ? KIND_EXPONENTIAL : kind,
      // With minimum and maximum; as integers.
      _flags: valueType === 0 ? 3 : 2,
      _bounds: isHistogram && !isExponential ? [...view.boundaries ?? advice?.explicitBucketBoundaries ?? BOUNDS] : [],
      _keys: view.attributeKeys,
    });
  }

  /** @param {any} scope */
  function meter(scope) {
    /** @type {Map<string, any>} */
    const made = new Map();
    /** @type {any} */
    const it = {
      /** @param {any} callback @param {any[]} list */
      addBatchObservableCallback: (callback, list) => attempt(() => watch(callback, [...list], {
        /** @param {any} observable @param {any} value @param {any} attributes */
        observe: (observable, value, attributes) => list.includes(observable) && observable.add(value, attributes),
      })),
      /** @param {any} callback @param {any[]} list */
      removeBatchObservableCallback: (callback, list) => attempt(() => unwatch(callback, list)),
    };
    for (const [name, kind] of Object.entries(KINDS)) {
      /** @param {string} name @param {any} options */
      it[`create${name}`] = (name, options) => attempt(() => {
        const key = `${kind} ${name.toLowerCase()} ${options?.unit}`;
        const instrument = made.get(key) ?? make(kind, scope, name, options ?? {});
        if (made.size < MAX_INSTRUMENTS) made.set(key, instrument);
        return instrument;
      });
    }
    return it;
  }

  return {
    meter,

    /** Asks all who observe. What they say later is for the next collection. */
    collect() {
      collecting = true;
      for (const { callback, result } of observers) attempt(() => callback(result)?.then?.(null, hub.refuse));
      collecting = false;
      grow(COLLECTION_NODES);
    },
  };
}
