// Reads response bodies with protobufjs and JSON.parse, for the traces.
import protobuf from 'protobufjs';

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Partial { int64 rejected_log_records = 1; string error_message = 2; }
  message Response { Partial partial_success = 1; }
  message Status { int32 code = 1; string message = 2; }
`);
const Response = root.lookupType('Response');
const Status = root.lookupType('Status');

function read(body, json, success) {
  if (json) {
    const value = JSON.parse(Buffer.from(body).toString());
    if (typeof value !== 'object' || Array.isArray(value)) throw new Error('no message');
    const { rejectedLogRecords, rejectedSpans, rejectedDataPoints } = value.partialSuccess ?? {};
    return Number(rejectedLogRecords ?? rejectedSpans ?? rejectedDataPoints ?? 0);
  }
  const message = (success ? Response : Status).decode(body);
  return Number(message.partialSuccess?.rejectedLogRecords ?? 0);
}

/** Records rejected, or -1 if the body cannot be read. */
export function readResponse(body, json, status) {
  const success = status >= 200 && status <= 299;
  try {
    return read(body, json, success);
  } catch {
    return -1;
  }
}
