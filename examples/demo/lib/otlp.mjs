// Reads OTLP requests in both encodings into one form, and writes what a
// receiver answers. The form is OTLP/JSON with every default written out:
// what comes as protobuf, as JSON or from a Collector's file can be compared.
import { Requests, Response, RpcStatus } from '../../../proto/otlp.mjs';

const FROM_PROTOBUF = { longs: String, bytes: String, json: true };
const HEX = /^(?:[0-9a-f]{2})*$/i;

/**
 * @typedef {{key: string, value: object | null}} Attribute
 * @typedef {object} LogRecord
 * @property {string} timeUnixNano decimal
 * @property {string} observedTimeUnixNano decimal
 * @property {number} severityNumber
 * @property {string} severityText
 * @property {object | null} body an AnyValue of OTLP/JSON
 * @property {Attribute[]} attributes
 * @property {number} droppedAttributesCount
 * @property {number} flags
 * @property {string} traceId lower-case hex, or ''
 * @property {string} spanId lower-case hex, or ''
 * @property {string} eventName
 * @property {{name: string, version: string, schemaUrl: string}} scope
 * @property {Attribute[]} resource
 */

/** Where each signal has its items, what reads one of them, and how a receiver says that it took not all. */
const SIGNALS = {
  logs: { keys: ['resourceLogs', 'scopeLogs', 'logRecords'], read: (record, id) => [logRecord(record, id)], rejected: 'rejectedLogRecords' },
  traces: { keys: ['resourceSpans', 'scopeSpans', 'spans'], read: (one, id) => [span(one, id)], rejected: 'rejectedSpans' },
  metrics: { keys: ['resourceMetrics', 'scopeMetrics', 'metrics'], read: points, rejected: 'rejectedDataPoints' },
};

/**
 * @param {string} signal
 * @param {Uint8Array} bytes
 * @param {boolean} json
 * @returns {any[]} log records, spans or data points; throws on what is not OTLP
 */
export function decode(signal, bytes, json) {
  const type = Requests[signal];
  return json
    ? items(signal, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), hexId)
    : items(signal, type.toObject(type.decode(bytes), FROM_PROTOBUF), base64Id);
}

/** The same for one line of a Collector's file, if it is of that signal. @param {string} line @param {string} signal */
export const decodeLine = (line, signal) => items(signal, JSON.parse(line), hexId);

function* scopes(request, [resources, groups]) {
  for (const { resource, [groups]: entries } of list(request[resources])) {
    for (const entry of list(entries)) {
      yield { entry, resource: attributes(resource?.attributes) };
    }
  }
}

function items(signal, request, id) {
  if (Object(request) !== request || Array.isArray(request)) fail('a request is an object');
  const { keys, read } = SIGNALS[signal];
  const found = [];
  for (const { entry, resource } of scopes(request, keys)) {
    const { name = '', version = '' } = entry.scope ?? {};
    const scope = { name, version, schemaUrl: entry.schemaUrl ?? '' };
    for (const item of list(entry[keys[2]])) {
      for (const one of read(item, id)) found.push({ ...one, scope, resource });
    }
  }
  return found;
}

function logRecord(record, id) {
  return {
    timeUnixNano: decimal(record.timeUnixNano),
    observedTimeUnixNano: decimal(record.observedTimeUnixNano),
    severityNumber: number(record.severityNumber),
    severityText: text(record.severityText),
    body: record.body == null ? null : anyValue(record.body),
    attributes: attributes(record.attributes),
    droppedAttributesCount: number(record.droppedAttributesCount),
    flags: number(record.flags),
    traceId: id(record.traceId ?? '', 16),
    spanId: id(record.spanId ?? '', 8),
    eventName: text(record.eventName),
  };
}

function span(it, id) {
  return {
    traceId: id(it.traceId ?? '', 16),
    spanId: id(it.spanId ?? '', 8),
    traceState: text(it.traceState),
    parentSpanId: id(it.parentSpanId ?? '', 8),
    name: text(it.name),
    kind: number(it.kind),
    startTimeUnixNano: decimal(it.startTimeUnixNano),
    endTimeUnixNano: decimal(it.endTimeUnixNano),
    attributes: attributes(it.attributes),
    droppedAttributesCount: number(it.droppedAttributesCount),
    events: list(it.events).map((event) => ({
      timeUnixNano: decimal(event.timeUnixNano), name: text(event.name), attributes: attributes(event.attributes),
      droppedAttributesCount: number(event.droppedAttributesCount),
    })),
    droppedEventsCount: number(it.droppedEventsCount),
    links: list(it.links).map((link) => ({
      traceId: id(link.traceId ?? '', 16), spanId: id(link.spanId ?? '', 8), traceState: text(link.traceState),
      attributes: attributes(link.attributes), droppedAttributesCount: number(link.droppedAttributesCount), flags: number(link.flags),
    })),
    droppedLinksCount: number(it.droppedLinksCount),
    status: { code: number(it.status?.code), message: text(it.status?.message) },
    flags: number(it.flags),
  };
}

/** Each data point with what its metric says of it. */
function points(metric, id) {
  const kind = ['gauge', 'sum', 'histogram', 'exponentialHistogram'].find((name) => metric[name]);
  const { dataPoints, aggregationTemporality, isMonotonic } = metric[kind] ?? fail('a metric of no kind');
  const about = {
    name: text(metric.name), description: text(metric.description), unit: text(metric.unit), kind,
    temporality: number(aggregationTemporality), monotonic: isMonotonic ?? false,
  };
  return list(dataPoints).map((point) => ({ ...about, ...dataPoint(point, id) }));
}

/** A double, of which defaults are not the same as nothing. */
const optional = (value) => (value == null ? null : double(value));

function measured({ asInt, asDouble }) {
  return asInt == null ? { asDouble: optional(asDouble) } : { asInt: decimal(asInt) };
}

function dataPoint(it, id) {
  const buckets = (side) => ({ offset: number(side?.offset), bucketCounts: list(side?.bucketCounts).map(decimal) });
  const isNumber = it.count == null;
  return {
    startTimeUnixNano: decimal(it.startTimeUnixNano),
    timeUnixNano: decimal(it.timeUnixNano),
    attributes: attributes(it.attributes),
    exemplars: list(it.exemplars).map((one) => ({
      ...measured(one), timeUnixNano: decimal(one.timeUnixNano), traceId: id(one.traceId ?? '', 16), spanId: id(one.spanId ?? '', 8),
      filteredAttributes: attributes(one.filteredAttributes),
    })),
    ...(isNumber ? measured(it) : {
      count: decimal(it.count), sum: optional(it.sum), min: optional(it.min), max: optional(it.max),
      bucketCounts: list(it.bucketCounts).map(decimal), explicitBounds: list(it.explicitBounds).map(double),
      ...(it.scale != null || it.positive || it.negative ? {
        scale: number(it.scale), zeroCount: decimal(it.zeroCount), positive: buckets(it.positive), negative: buckets(it.negative),
      } : {}),
    }),
  };
}

function attributes(entries) {
  return list(entries).map(({ key, value }) => ({
    key: text(key),
    value: value == null ? null : anyValue(value),
  }));
}

/** Each kind of AnyValue with what makes it uniform. */
const KINDS = {
  stringValue: text,
  boolValue: (value) => (typeof value === 'boolean' ? value : fail('boolValue is no boolean')),
  intValue: decimal,
  doubleValue: double,
  bytesValue: (value) => Buffer.from(text(value), 'base64').toString('base64'),
  arrayValue: ({ values }) => ({ values: list(values).map(anyValue) }),
  kvlistValue: ({ values }) => ({ values: attributes(values) }),
};

function anyValue(value) {
  const kind = Object.keys(KINDS).find((name) => value[name] != null);
  return kind === undefined ? {} : { [kind]: KINDS[kind](value[kind]) };
}

function fail(message) {
  throw new TypeError(message);
}

function list(value) {
  return Array.isArray(value ?? []) ? value ?? [] : fail('not a list');
}

function text(value) {
  return typeof (value ?? '') === 'string' ? value ?? '' : fail('not a text');
}

function number(value) {
  return Number.isInteger(value ?? 0) ? value ?? 0 : fail('not a number');
}

/** 64-bit numbers travel as text; receivers take numbers as well. */
function decimal(value) {
  return BigInt(value ?? 0).toString();
}

function double(value) {
  const name = ['NaN', 'Infinity', '-Infinity'].includes(value);
  return name || typeof value === 'number' ? value : fail('doubleValue is no number');
}

function sized(hex, size) {
  if (hex !== '' && hex.length !== 2 * size) fail(`an id of ${hex.length / 2} bytes`);
  return hex;
}

function hexId(value, size) {
  return HEX.test(text(value)) ? sized(value.toLowerCase(), size) : fail('an id that is not hex');
}

function base64Id(value, size) {
  return sized(Buffer.from(value, 'base64').toString('hex'), size);
}

/** An AnyValue as people would write it in JavaScript; bytes as their base64. */
export function plain(value) {
  if (value == null) return null;
  if ('arrayValue' in value) return value.arrayValue.values.map(plain);
  if ('kvlistValue' in value) return plainMap(value.kvlistValue.values);
  if ('intValue' in value) return plainInt(value.intValue);
  return Object.values(value)[0] ?? null;
}

/** @param {Attribute[]} entries */
export function plainMap(entries) {
  return Object.fromEntries(entries.map(({ key, value }) => [key, plain(value)]));
}

const plainInt = (digits) => (Number.isSafeInteger(Number(digits)) ? Number(digits) : digits);

function encode(type, message, json) {
  return json
    ? Buffer.from(JSON.stringify(message))
    : Buffer.from(type.encode(type.fromObject(message)).finish());
}

/**
 * The answer of a signal. Nothing rejected and nothing to say: empty.
 *
 * @param {string} signal
 * @param {boolean} json
 * @param {{rejected: number, errorMessage: string}} [partialSuccess]
 */
export function encodeResponse(signal, json, partialSuccess) {
  if (!partialSuccess) return encode(Response, {}, json);
  const { rejected, errorMessage } = partialSuccess;
  return encode(Response, { partialSuccess: json ? { [SIGNALS[signal].rejected]: String(rejected), errorMessage } : partialSuccess }, json);
}

/** google.rpc.Status, which every refusal carries. @param {boolean} json */
export const encodeStatus = (json, message) => encode(RpcStatus, { message }, json);
