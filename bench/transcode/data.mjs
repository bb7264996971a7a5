// Requests of the benchmark, as OTLP JSON: the same on every host.
import { COUNT, RESOURCE, SCOPES, items } from '../logs/data.mjs';

const encoder = new TextEncoder();
const START = 1_763_661_600_000_000_000n;

export const SIZES = { '64 KiB': 65_536, '1 MiB': 1_048_576 };

export function wrapped(value) {
  switch (typeof value) {
    case 'string': return { stringValue: value };
    case 'boolean': return { boolValue: value };
    case 'number': return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(wrapped) } };
  return { kvlistValue: { values: attributes(value) } };
}

const attributes = (object) => Object.entries(object).map(([key, value]) => ({ key, value: wrapped(value) }));
const hex = (number, digits) => (BigInt(number) * 0x9e3779b97f4a7c15n + 1n).toString(16).padStart(digits, 'a').slice(-digits);
const time = (i) => String(START + BigInt(i) * 1_234_567n);

function log({ level, body, attributes: own }, i) {
  const ids = i % 2 === 0 ? { traceId: hex(i >> 3, 32), spanId: hex(i, 16), flags: 1 } : {};
  return {
    timeUnixNano: time(i), observedTimeUnixNano: time(i), severityNumber: level.number, severityText: level.text,
    body: { stringValue: body }, attributes: attributes(own), droppedAttributesCount: 0, ...ids,
  };
}

function span({ body, attributes: own }, i) {
  return {
    traceId: hex(i >> 3, 32), spanId: hex(i, 16), parentSpanId: i % 8 ? hex(i - 1, 16) : '', name: body.slice(0, 24), kind: 1 + (i % 5),
    startTimeUnixNano: time(i), endTimeUnixNano: time(i + 5), attributes: attributes(own), droppedAttributesCount: 0,
    events: i % 4 ? [] : [{ timeUnixNano: time(i + 1), name: 'event', attributes: attributes({ body }), droppedAttributesCount: 0 }],
    droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: i % 9 ? 0 : 2, message: '' }, flags: 257,
  };
}

function request(signal, count) {
  const all = items();
  const [resources, scopes, records, make] = signal === 'logs' ? ['resourceLogs', 'scopeLogs', 'logRecords', log] : ['resourceSpans', 'scopeSpans', 'spans', span];
  const list = SCOPES.map((scope) => ({ scope, [records]: [] }));
  for (let i = 0; i < count; i++) list[all[i % COUNT].scope][records].push(make(all[i % COUNT], i));
  return { [resources]: [{ resource: { attributes: attributes(RESOURCE) }, [scopes]: list }] };
}

/** A request of about this size in JSON, and the records in it. */
export function requestOf(signal, size) {
  const small = encoder.encode(JSON.stringify(request(signal, COUNT))).length / COUNT;
  const count = Math.max(1, Math.floor(size / small));
  return { count, json: encoder.encode(JSON.stringify(request(signal, count))) };
}
