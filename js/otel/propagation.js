/**
 * Trace context and baggage of the W3C, in headers. Callers may send anything:
 * what is malformed is left out, and what is too long is cut as the W3C says.
 */
import { api, baggageEntryMetadataFromString } from './api.js';
import { isSuppressed } from './context.js';

/** Of the W3C's Baggage: bytes of the header and of one entry, and entries. */
const MAX_BAGGAGE = 8192;
const MAX_ENTRY = 4096;
const MAX_ENTRIES = 180;

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
export function withState(spanContext) {
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
    const [parent, state, header] = FIELDS.map((name) => attempt(() => `${getter.get(carrier, name) ?? ''}`) ?? '');
    const remote = parentFrom(parent, state);
    const baggage = limit(header.split(',')).flatMap(decodeEntry);
    if (remote) context = api.trace.setSpanContext(context, remote);
    return baggage[0] ? api.propagation.setBaggage(context, api.propagation.createBaggage(Object.fromEntries(baggage))) : context;
  },
});
