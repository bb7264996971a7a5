// Requests as protobufjs sees them, in the words of OTLP JSON, and what two
// spellings of a request have in common.
import protobuf from 'protobufjs';
import { Requests as TYPES } from '../../../proto/otlp.mjs';

// 64 arrays are more messages than the 100 that it takes by default.
protobuf.Reader.recursionLimit = 1000;
protobuf.util.recursionLimit = 1000;

const IDS = ['traceId', 'spanId', 'parentSpanId'];

function mapIds(value, map) {
  if (Array.isArray(value)) return value.map((one) => mapIds(one, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, IDS.includes(key) ? map(one) : mapIds(one, map)]));
}

/** OTLP JSON of protobuf. @param {'logs' | 'traces' | 'metrics'} signal @param {Uint8Array} bytes */
export function decode(signal, bytes) {
  const plain = TYPES[signal].toObject(TYPES[signal].decode(bytes), { longs: String, bytes: String, json: true });
  return mapIds(plain, (id) => Buffer.from(id, 'base64').toString('hex'));
}

/** Protobuf of OTLP JSON. @param {'logs' | 'traces' | 'metrics'} signal @param {object} request */
export function encode(signal, request) {
  return TYPES[signal].encode(TYPES[signal].fromObject(mapIds(request, (id) => Buffer.from(id, 'hex')))).finish();
}

/** Written even if they are zero; `sum` is not in summaries. */
const KEPT = ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'bytesValue', 'asInt', 'asDouble', 'min', 'max'];

/** What is absent, empty or default is the same. @param {any} value */
export function normal(value, key = '', summary = false) {
  if (Array.isArray(value)) return value.map((one) => normal(one, key, summary));
  if (typeof value !== 'object' || value === null) return value;
  const out = {};
  for (const [name, one] of Object.entries(value)) {
    const kept = KEPT.includes(name) || (name === 'sum' && !summary);
    const empty = one === '' || one === false || Object.is(one, 0) || one === '0';
    if ((Array.isArray(one) && one.length === 0) || (empty && !kept)) continue;
    out[name] = normal(one, name, summary || name === 'summary');
  }
  return out;
}
