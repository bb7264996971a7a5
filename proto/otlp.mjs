// otlp.proto as the tests, the benches and the demo have it.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

/** Its text, for a page. */
export const SCHEMA = readFileSync(new URL('otlp.proto', import.meta.url), 'utf8');

const { root } = protobuf.parse(SCHEMA);

/** By signal. @type {Record<string, protobuf.Type>} */
export const Requests = {
  logs: root.lookupType('ExportLogsServiceRequest'),
  traces: root.lookupType('ExportTraceServiceRequest'),
  metrics: root.lookupType('ExportMetricsServiceRequest'),
};
/** Of all signals. */
export const Response = root.lookupType('ExportServiceResponse');
export const RpcStatus = root.lookupType('RpcStatus');
