// Checks that every implementation did the work: what it wrote is read back and
// compared with what it was given.
import assert from 'node:assert/strict';
import { Requests } from '../../proto/otlp.mjs';

const IDS = ['traceId', 'spanId', 'parentSpanId'];

/** OTLP JSON without what is absent, empty or default. */
function normal(value, key) {
  if (Array.isArray(value)) return value.map((one) => normal(one));
  if (key === 'intValue') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  const out = {};
  for (const [name, one] of Object.entries(value)) {
    const empty = one === '' || one === 0 || one === '0' || (Array.isArray(one) && one.length === 0);
    if (name.endsWith('Value') || !empty) out[name] = normal(one, name);
  }
  if (key === 'status' && Object.keys(out).length === 0) return undefined;
  return out;
}

/** The flags of spans say more than OTel JS's records do. */
function comparable(text) {
  return JSON.parse(text, (key, value) => (key === 'flags' || (key === 'status' && !value.code) ? undefined : value));
}

function fromProtobuf(signal, bytes) {
  const plain = Requests[signal].toObject(Requests[signal].decode(bytes), { longs: String, bytes: String, json: true });
  return JSON.stringify(plain, (key, value) => (IDS.includes(key) ? Buffer.from(value, 'base64').toString('hex') : value));
}

const textOf = (signal, bytes) => (bytes[0] === 123 ? Buffer.from(bytes).toString() : fromProtobuf(signal, Uint8Array.from(bytes)));

/** Throws if one of them did other work. @param {{case: string, impl: string, input: number[], output: number[]}[]} proofs */
export function verify(proofs) {
  for (const { case: name, impl, input, output } of proofs) {
    const [signal, what] = name.split(' ');
    if (what === 'check') continue;
    const [want, have] = [input, output].map((bytes) => normal(comparable(textOf(signal, bytes))));
    assert.deepEqual(have, want, `${impl}, ${name}: other work`);
  }
}
