// What Sonde is compared with: JSON.parse with OTel JS's serializers, which
// want their SDK's records, and protobufjs in both directions.
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import protobuf from 'protobufjs';

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const parse = (json) => JSON.parse(decoder.decode(json));

/* ---- OTel JS: OTLP JSON as records of its SDK ------------------------------- */

function plain(value) {
  if (value === undefined) return undefined;
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.doubleValue !== undefined) return value.doubleValue;
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plain);
  if (value.kvlistValue) return object(value.kvlistValue.values);
  return undefined;
}

function object(list = []) {
  const out = {};
  for (const { key, value } of list) out[key] = plain(value);
  return out;
}

/** Seconds and nanoseconds; a BigInt would take longer. */
const hrTime = (text = '0') => [Number(text.slice(0, -9)), Number(text.slice(-9))];

function logRecords(request) {
  const out = [];
  for (const { resource, scopeLogs } of request.resourceLogs) {
    const ours = { attributes: object(resource?.attributes) };
    for (const { scope, logRecords: list } of scopeLogs) {
      for (const it of list) {
        out.push({
          resource: ours, instrumentationScope: scope, hrTime: hrTime(it.timeUnixNano), hrTimeObserved: hrTime(it.observedTimeUnixNano),
          severityNumber: it.severityNumber, severityText: it.severityText, body: plain(it.body), attributes: object(it.attributes),
          droppedAttributesCount: it.droppedAttributesCount ?? 0, eventName: it.eventName,
          spanContext: it.traceId ? { traceId: it.traceId, spanId: it.spanId, traceFlags: it.flags } : undefined,
        });
      }
    }
  }
  return out;
}

function spans(request) {
  const out = [];
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const ours = { attributes: object(resource?.attributes) };
    for (const { scope, spans: list } of scopeSpans) {
      for (const it of list) {
        out.push({
          resource: ours, instrumentationScope: scope, name: it.name, kind: it.kind - 1,
          spanContext: () => ({ traceId: it.traceId, spanId: it.spanId, traceFlags: it.flags & 255 }),
          parentSpanContext: it.parentSpanId ? { traceId: it.traceId, spanId: it.parentSpanId } : undefined,
          startTime: hrTime(it.startTimeUnixNano), endTime: hrTime(it.endTimeUnixNano), attributes: object(it.attributes),
          droppedAttributesCount: it.droppedAttributesCount ?? 0, droppedEventsCount: it.droppedEventsCount ?? 0, droppedLinksCount: it.droppedLinksCount ?? 0,
          events: it.events.map((event) => ({ name: event.name, time: hrTime(event.timeUnixNano), attributes: object(event.attributes), droppedAttributesCount: event.droppedAttributesCount ?? 0 })),
          links: [], status: it.status,
        });
      }
    }
  }
  return out;
}

const OTEL = {
  logs: (json) => ProtobufLogsSerializer.serializeRequest(logRecords(parse(json))),
  traces: (json) => ProtobufTraceSerializer.serializeRequest(spans(parse(json))),
};

/* ---- protobufjs: ids are base64 in its objects ------------------------------ */

const IDS = ['traceId', 'spanId', 'parentSpanId'];
const bytesOf = (hex) => Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
const hexOf = (bytes) => bytes.reduce((text, byte) => text + (byte < 16 ? '0' : '') + byte.toString(16), '');

/** Ids live in records, and in links of spans. */
function mapIds(request, map) {
  for (const resource of request.resourceLogs ?? request.resourceSpans) {
    for (const scope of resource.scopeLogs ?? resource.scopeSpans) {
      for (const record of scope.logRecords ?? scope.spans) {
        for (const id of IDS) if (record[id]?.length) record[id] = map(record[id]);
      }
    }
  }
  return request;
}

const toProtobuf = (type, json) => type.encode(type.fromObject(mapIds(parse(json), bytesOf))).finish();

function toJson(type, bytes) {
  const plainRequest = type.toObject(type.decode(bytes), { longs: String, json: true });
  return encoder.encode(JSON.stringify(mapIds(plainRequest, hexOf)));
}

/** @param {string} schema the text of proto/otlp.proto */
export function peersOf(schema) {
  const { root } = protobuf.parse(schema);
  const types = { logs: root.lookupType('ExportLogsServiceRequest'), traces: root.lookupType('ExportTraceServiceRequest') };
  return {
    to_protobuf: (signal) => ({ otel: OTEL[signal], protobufjs: (json) => toProtobuf(types[signal], json) }),
    to_json: (signal) => ({ protobufjs: (bytes) => toJson(types[signal], bytes) }),
  };
}
