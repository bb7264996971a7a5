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
  EMIT_QUEUED, HEADER_WORDS, INSTRUMENT_INTEGER, INSTRUMENT_MIN_MAX, INSTRUMENT_SCOPE, KIND_EXPONENTIAL,
  KIND_HISTOGRAM, SIGNAL_METRICS,
} from '../generated/layout.js';
import { contextOf } from './logrecord.js';

const NAME = /^[a-z][\w./-]{0,254}$/i;
const BOUNDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];
/** By the core's KIND_…; the empty places are others. */
const KINDS = [
  'Counter', 'UpDownCounter', 'Gauge', 'Histogram', , , , ,
  'ObservableCounter', 'ObservableUpDownCounter', 'ObservableGauge',
];
/** An app with more has made their names up: those are not remembered. */
const MAX_NAMES = 1000;
/**
 * All trees are made anew after 2^13 nodes. A collection counts as 10, since
 * the core's handles come back after 2,048.
 */
const TREES_SHIFT = 13;
const COLLECTION_NODES = 10;
/** Longer strings are not kept. */
const MAX_VALUE = 999;
/** The digits of a trace id and a span id. */
const IDS = 48;

/** What was made for a key. @param {Map<string, any>} made @param {string} key @param {() => any} make */
export function remember(made, key, make) {
  const it = made.get(key) ?? make();
  if (made.size < MAX_NAMES) made.set(key, it);
  return it;
}

/** @param {string} [key] */
const makeNode = (key) => ({ _key: key, _handle: -1, _next: /** @type {Map<unknown, any> | undefined} */ (undefined) });

/**
 * @param {any} hub what signals share, made by `create`
 * @param {(meter: string, instrument: string) => any} [viewOf] of views.js
 */
export function createMeters(hub, viewOf) {
  const { now } = hub.settings;
  /** @type {[callback: any, list: any[], result: any][]} */
  let observers = [];
  // `var`, because engines check each use of a `let` that closures share.
  var collecting = false;
  /** The span that the core was told of. @type {any} */
  var told;
  var nodes = 0;
  /** @type {(handle: number, value: number) => number} */
  var put = () => -1;

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
        nodes++;
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
    const { traceId, spanId, traceFlags } = contextOf(span) ?? {};
    const { put, wasm } = hub.core();
    wasm.wasm_span(now(), 0);
    if (traceFlags & 1 && put(traceId + spanId) === IDS) wasm.wasm_span(now(), 1);
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

  /**
   * An instrument, or one that is bound to attributes.
   *
   * @param {any} [series] gives the handle for attributes; none: it does nothing
   * @param {any} [declare] makes the instrument in the core
   * @param {any} [bound]
   */
  function instrument(series, declare, bound) {
    var root = makeNode();
    var born = 0;

    /** Apart from `add`, as a closure costs all calls of its function. @param {number} value @param {any} attributes @param {any} span */
    const measure = (value, attributes, span) => () => {
      tell(span);
      const handle = series({ ...bound, ...attributes });
      if (handle < 0) return;
      const node = find(root, attributes, true);
      if (node) node._handle = handle;
      put(handle, value);
    };

    /** @param {any} value @param {any} [attributes] */
    function add(value, attributes) {
      if (!series || (!collecting && !hub.enabled(SIGNAL_METRICS))) return;
      try {
        // The core ignores and counts NaN.
        if (typeof value !== 'number') value = typeof value === 'bigint' ? Number(value) : NaN;
        if (born !== nodes >> TREES_SHIFT) {
          born = nodes >> TREES_SHIFT;
          root = makeNode();
        }
        const span = hub.active();
        const node = span === told ? find(root, attributes) : undefined;
        // The app may change its object before the call.
        if (node === undefined || put(node._handle, value) < 0) hub.perform(measure(value, { ...attributes }, span));
      } catch (problem) {
        hub.refuse(problem);
      }
    }

    const it = {
      _declare: declare,
      add,
      record: add,
      /** @param {any} attributes */
      bind: (attributes) => attempt(() => instrument(series, declare, { ...bound, ...attributes })),
      /** @param {any} callback */
      addCallback: (callback) => watch(callback, [it], { observe: add }),
      /** @param {any} callback */
      removeCallback: (callback) => unwatch(callback, [it]),
    };
    return it;
  }

  /** @param {any} callback @param {any[]} list */
  function unwatch(callback, list) {
    observers = observers.filter(([known, own]) => known !== callback || own.length !== list.length
      || own.some((it) => !list.includes(it)));
  }

  /** @param {any} callback @param {any[]} list @param {any} result */
  function watch(callback, list, result) {
    unwatch(callback, list);
    observers.push([callback, list, result]);
    // The core collects only if there is an instrument.
    for (const it of list) if (it._declare) hub.perform(it._declare);
  }

  /** @param {number} kind @param {any} scope @param {string} name @param {any} options */
  function make(kind, scope, name, { unit, description, valueType, advice, exponential }) {
    if (!NAME.test(name)) throw `instrument ${name.slice(0, 99)}`;
    const view = viewOf?.(scope.name, name) ?? {};
    const { aggregation, attributeKeys } = view;
    /** @type {number[]} */
    let bounds = [];
    /** @type {number} */
    let id;
    if (aggregation === 'drop') return instrument();
    if (kind === KIND_HISTOGRAM) {
      if (aggregation ? aggregation === 'exponential' : exponential) kind = KIND_EXPONENTIAL;
      else bounds = [...view.boundaries ?? advice?.explicitBucketBoundaries ?? BOUNDS];
    }
    name = view.name ?? name;
    const text = name + (view.description ?? description ?? '');

    function declare() {
      const { put: write, wasm, doubles } = hub.core();
      const what = kind | INSTRUMENT_MIN_MAX | (valueType === 0 ? INSTRUMENT_INTEGER : 0) | hub.scope(scope) << INSTRUMENT_SCOPE;
      const size = write(text);
      doubles.set(bounds, HEADER_WORDS / 2);
      id = wasm.wasm_meter(now(), what, name.length, size - name.length, write(text + (unit ?? '')) - size, bounds.length);
      if (id < 0) throw `instrument ${name}: status ${id}`;
      put = wasm.wasm_measure;
      hub.emitted(SIGNAL_METRICS, EMIT_QUEUED);
    }

    return instrument((/** @type {any} */ attributes) => {
      if (!(id >= 0)) declare();
      if (attributeKeys) attributes = Object.fromEntries(Object.entries(attributes).filter(([key]) => attributeKeys.includes(key)));
      return hub.series(id, { ...attributes, ...scope.attributes });
    }, declare);
  }

  return {
    /** @param {any} scope */
    meter(scope) {
      /** @type {Map<string, any>} */
      const made = new Map();
      /** @type {any} */
      const meter = {
        /** @param {any} callback @param {any[]} list */
        addBatchObservableCallback: (callback, list) => attempt(() => watch(callback, list = [...list], {
          /** @param {any} it @param {any} value @param {any} attributes */
          observe: (it, value, attributes) => list.includes(it) && it.add(value, attributes),
        })),
        /** @param {any} callback @param {any[]} list */
        removeBatchObservableCallback: (callback, list) => attempt(() => unwatch(callback, list)),
      };
      KINDS.forEach((kind, number) => {
        /** @param {string} name @param {any} options */
        meter[`create${kind}`] = (name, options) => attempt(() => remember(made, `${number} ${name.toLowerCase()} ${options?.unit}`,
          () => make(number, scope, name, options ?? {})));
      });
      return meter;
    },

    /** Asks all who observe. What they say later is for the next collection. */
    collect() {
      // What has nowhere to go would fill the queue.
      if (!hub.settings.target?.urls[SIGNAL_METRICS]) return;
      collecting = true;
      for (const [callback, , result] of observers) attempt(() => callback(result)?.then?.(null, hub.refuse));
      collecting = false;
      nodes += COLLECTION_NODES;
    },
  };
}
