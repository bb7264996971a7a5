// What Sonde is compared with: OTel JS, and JSON written by hand.
//
// OTel JS gets a processor that does nothing but keep the records: less than
// its own BatchLogRecordProcessor does.
import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { RESOURCE, SCOPES } from './data.mjs';

/** Emits into an array. */
function otel() {
  let kept = [];
  const processor = {
    onEmit: (record) => void kept.push(record),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const provider = new LoggerProvider({
    resource: resourceFromAttributes(RESOURCE),
    processors: [processor],
  });
  const loggers = SCOPES.map(({ name, version }) => provider.getLogger(name, version));
  return {
    emit(list) {
      for (const { scope, level, body, attributes } of list) {
        const record = { severityNumber: level.number, severityText: level.text, body, attributes };
        loggers[scope].emit(record);
      }
    },
    take() {
      const all = kept;
      kept = [];
      return all;
    },
  };
}

/** Calls to a body that could be sent. */
function otelBodies(list, serializer) {
  const { emit, take } = otel();
  return () => {
    emit(list);
    return serializer.serializeRequest(take());
  };
}

function otelEmit(list) {
  const { emit, take } = otel();
  return () => {
    emit(list);
    return take();
  };
}

const wrapped = (value) => {
  switch (typeof value) {
    case 'string': return { stringValue: value };
    case 'boolean': return { boolValue: value };
    case 'number': return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(wrapped) } };
  return { kvlistValue: { values: pairs(value) } };
};

const pairs = (map) => Object.entries(map).map(([key, value]) => ({ key, value: wrapped(value) }));

/** As one would write it for an OTLP receiver, with nothing that is not needed. */
function logRecord({ level, body, attributes }) {
  const nanoseconds = `${Date.now()}000000`;
  return {
    timeUnixNano: nanoseconds,
    observedTimeUnixNano: nanoseconds,
    severityNumber: level.number,
    severityText: level.text,
    body: { stringValue: body },
    attributes: pairs(attributes),
  };
}

/** OTLP JSON by hand: an object a call, one `JSON.stringify` a batch. */
function jsonBodies(list, finish) {
  const resource = { attributes: pairs(RESOURCE) };
  return () => {
    const scopeLogs = SCOPES.map((scope) => ({ scope, logRecords: [] }));
    for (const item of list) scopeLogs[item.scope].logRecords.push(logRecord(item));
    return finish(JSON.stringify({ resourceLogs: [{ resource, scopeLogs }] }));
  };
}

/** Any JSON, not OTLP: the objects as they are. No receiver takes this. */
function plainBodies(list, finish) {
  return () => {
    const records = [];
    for (const { scope, level, body, attributes } of list) {
      const time = Date.now();
      records.push({ time, scope, severity: level.number, body, attributes });
    }
    return finish(JSON.stringify({ resource: RESOURCE, scopes: SCOPES, records }));
  };
}

/**
 * Each returns something with a `length`, from a batch of calls.
 *
 * @param {import('./data.mjs').Item[]} list
 */
export function peers(list) {
  const encoder = new TextEncoder();
  const utf8 = (text) => encoder.encode(text);
  const row = (name, impl, batch) => ({ case: name, impl, batch });
  return [
    row('call_to_queued', 'otel', otelEmit(list)),
    row('call_to_body', 'otel_protobuf', otelBodies(list, ProtobufLogsSerializer)),
    row('call_to_body', 'otel_json', otelBodies(list, JsonLogsSerializer)),
    row('call_to_body', 'json_utf8', jsonBodies(list, utf8)),
    row('call_to_body', 'json_string', jsonBodies(list, (text) => text)),
    row('call_to_body', 'plain_json_utf8', plainBodies(list, utf8)),
  ];
}

/** What keeps records until they are sent: for the memory of a queue. */
export function keepers() {
  const { emit, take } = otel();
  let objects = [];
  return [
    { impl: 'otel', keep: emit, take },
    {
      impl: 'json_objects',
      keep: (list) => { for (const item of list) objects.push(logRecord(item)); },
      take: () => objects.splice(0),
    },
  ];
}
