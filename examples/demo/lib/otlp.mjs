// Reads OTLP log requests in both encodings into one form, and writes what a
// receiver answers. The form is OTLP/JSON with every default written out:
// what comes as protobuf, as JSON or from a Collector's file can be compared.
import { Request, Response, Status } from './schema.mjs';

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

/**
 * @param {Uint8Array} bytes
 * @param {boolean} json
 * @returns {LogRecord[]} throws on what is not OTLP
 */
export function decodeLogs(bytes, json) {
  return json
    ? records(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), hexId)
    : records(Request.toObject(Request.decode(bytes), FROM_PROTOBUF), base64Id);
}

/** The same for one line of a Collector's file. @param {string} line */
export const decodeLine = (line) => records(JSON.parse(line), hexId);

function* scopes(request) {
  for (const { resource, scopeLogs } of list(request.resourceLogs)) {
    for (const entry of list(scopeLogs)) {
      yield { entry, resource: attributes(resource?.attributes) };
    }
  }
}

function records(request, id) {
  if (Object(request) !== request || Array.isArray(request)) fail('a request is an object');
  const found = [];
  for (const { entry, resource } of scopes(request)) {
    const { name = '', version = '' } = entry.scope ?? {};
    const scope = { name, version, schemaUrl: entry.schemaUrl ?? '' };
    for (const record of list(entry.logRecords)) {
      found.push({ ...logRecord(record, id), scope, resource });
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
 * ExportLogsServiceResponse. Nothing rejected and nothing to say: empty.
 *
 * @param {boolean} json
 * @param {{rejectedLogRecords: number, errorMessage: string}} [partialSuccess]
 */
export function encodeResponse(json, partialSuccess) {
  if (!partialSuccess) return encode(Response, {}, json);
  const { rejectedLogRecords, errorMessage } = partialSuccess;
  const rejected = json ? String(rejectedLogRecords) : rejectedLogRecords;
  return encode(Response, { partialSuccess: { rejectedLogRecords: rejected, errorMessage } }, json);
}

/** google.rpc.Status, which every refusal carries. @param {boolean} json */
export const encodeStatus = (json, message) => encode(Status, { message }, json);
