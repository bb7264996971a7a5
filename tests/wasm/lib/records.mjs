// Random log records, for Sonde and for OTel JS.
import assert from 'node:assert/strict';
import { LAYOUT } from './facts.mjs';
import { Fill } from './fill.mjs';
import { Host } from './host.mjs';
import { mulberry } from './random.mjs';

const WORDS = ['', 'a', 'hello', 'naïve', '日本語', '😀👍🏽', 'a "quoted" \\ text', '\u2028\n\t\0',
  'x'.repeat(200)];
const SCOPES = [{ name: '', version: '' }, { name: 'app', version: '' }, { name: 'größe', version: '1.0' }];

function randomValue(random, depth) {
  switch (random(depth > 3 ? 6 : 8)) {
    case 0: return WORDS[random(WORDS.length)];
    case 1: return random(2) === 1;
    case 2: return random(2 ** 32) * (random(2) ? 1 : -2097152);
    case 3: return (random(2 ** 32) + 0.5) / 10 ** random(20);
    case 4: return Uint8Array.from({ length: random(20) }, () => random(256));
    case 5: return null;
    case 6: return Array.from({ length: random(4) }, () => randomValue(random, depth + 1));
    default: return randomObject(random, random(4), depth + 1);
  }
}

function randomObject(random, size, depth) {
  const keys = Array.from({ length: size }, (_, i) => `${WORDS[1 + random(WORDS.length - 1)]}.${i}`);
  return Object.fromEntries(keys.map((key) => [key, randomValue(random, depth)]));
}

const hexDigits = (random, size) => Array.from({ length: size }, () => (1 + random(15)).toString(16)).join('');

function makeRecord(random) {
  return {
    scope: random(SCOPES.length),
    time: [1700000000 + random(1000), random(1e9)],
    observed: [1700000000 + random(1000), 1 + random(1e9 - 1)],
    severity: random(25),
    text: WORDS[random(4)],
    body: randomValue(random, 0),
    event: WORDS[random(4)],
    attributes: randomObject(random, random(12), 0),
    dropped: random(3),
    span: random(2) ? undefined
      : { traceId: hexDigits(random, 32), spanId: hexDigits(random, 16), traceFlags: random(256) },
  };
}

/** Some records and a resource. */
export function makeRecords(seed) {
  const random = mulberry(seed);
  const resource = randomObject(random, 5, 2);
  return { resource, logs: Array.from({ length: 30 }, () => makeRecord(random)) };
}

/** As the SDK of OTel JS hands them to an exporter. */
export function otelRecords({ resource, logs }) {
  const shared = { attributes: resource };
  return logs.map((log) => ({
    resource: shared, instrumentationScope: SCOPES[log.scope], hrTime: log.time, hrTimeObserved: log.observed,
    severityNumber: log.severity, severityText: log.text, body: log.body, eventName: log.event,
    attributes: log.attributes, droppedAttributesCount: log.dropped, spanContext: log.span,
  }));
}

const textOf = (text) => ({ text, bytes: new TextEncoder().encode(text) });

function typed(value) {
  if (value === null) return { type: 'NULL' };
  if (typeof value === 'string') return { type: 'STRING', text: textOf(value) };
  if (typeof value === 'boolean') return { type: 'BOOL', value };
  if (Number.isInteger(value)) return { type: 'INT', value: BigInt(value) };
  if (typeof value === 'number') return { type: 'DOUBLE', value };
  if (value instanceof Uint8Array) return { type: 'BYTES', bytes: value };
  if (Array.isArray(value)) return { type: 'ARRAY', values: value.map(typed) };
  return { type: 'MAP', entries: entriesOf(value) };
}

const entriesOf = (object) => Object.entries(object).map(([key, value]) => [textOf(key), typed(value)]);

function fillLog(log) {
  const fill = new Fill({ bytes: false });
  fill.header[LAYOUT.HEADER_SEVERITY] = log.severity;
  fill.header.set(log.time, LAYOUT.HEADER_TIME);
  fill.header.set(log.observed, LAYOUT.HEADER_OBSERVED);
  fill.header[LAYOUT.HEADER_DROPPED] = log.dropped;
  fill.header[LAYOUT.HEADER_SEVERITY_TEXT] = fill.put(textOf(log.text));
  fill.value(undefined, typed(log.body));
  fill.entries(entriesOf(log.attributes));
  if (log.span) {
    fill.header[LAYOUT.HEADER_FLAGS] = LAYOUT.FLAG_TRACE;
    fill.header[LAYOUT.HEADER_TRACE_FLAGS] = log.span.traceFlags;
    fill.behind.push(textOf(log.span.traceId + log.span.spanId).bytes);
  }
  fill.header[LAYOUT.HEADER_EVENT_NAME] = fill.put(textOf(log.event), fill.behind);
  return fill;
}

/** The body that Sonde makes of them. */
export function sondeBody(artefact, { resource, logs }, encoding, now) {
  const host = new Host(artefact).start({ encoding }, now);
  const ids = SCOPES.map(({ name, version }) => host.scope(name, version));
  const fill = new Fill({ bytes: false });
  fill.entries(entriesOf(resource));
  fill.write(host, 0);
  assert.equal(host.wasm.wasm_resource(), 0);
  for (const log of logs) {
    fillLog(log).write(host, ids[log.scope]);
    assert.ok(host.wasm.wasm_emit(0, now) >= 0);
  }
  host.wasm.wasm_flush(0, now, 0);
  const action = host.next(now);
  assert.equal(action.records, logs.length);
  return Buffer.from(action.body);
}
