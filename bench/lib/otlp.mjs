// Request bodies, decoded for what the benchmarks compare: protobuf, with the
// schema that tests and demo have, or JSON.
import { isDeepStrictEqual } from 'node:util';
import { Requests } from '../../proto/otlp.mjs';

const FIELDS = { longs: String, oneofs: true, arrays: true };

/**
 * @param {'logs' | 'traces' | 'metrics'} signal
 * @returns {(body: Buffer) => any} ids are Buffers or texts
 */
export function decoder(signal) {
  const Request = Requests[signal];
  return (body) => {
    if (body[0] === 0x7b) return JSON.parse(body.toString('utf8'));
    return Request.toObject(Request.decode(body), FIELDS);
  };
}

function plain(value) {
  if (value.arrayValue) return value.arrayValue.values.map(plain);
  if (value.kvlistValue) return object(value.kvlistValue.values);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}

/** Attributes as an app has them. */
export const object = (pairs) => Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)]));

/** @param {any} all @param {any} some */
export const contains = (all, some) =>
  Object.entries(some).every(([key, value]) => isDeepStrictEqual(all[key], value));

/** Within ten minutes of now. @param {string | number} nanoseconds */
export const isRecent = (nanoseconds) => Math.abs(Number(nanoseconds) / 1e9 - Date.now() / 1000) < 600;
