// Reads response bodies with protobufjs and JSON.parse, for the traces.
import { Response, RpcStatus } from '../../../proto/otlp.mjs';

function read(body, json, success) {
  if (json) {
    const value = JSON.parse(Buffer.from(body).toString());
    if (typeof value !== 'object' || Array.isArray(value)) throw new Error('no message');
    const { rejectedLogRecords, rejectedSpans, rejectedDataPoints } = value.partialSuccess ?? {};
    return Number(rejectedLogRecords ?? rejectedSpans ?? rejectedDataPoints ?? 0);
  }
  const message = (success ? Response : RpcStatus).decode(body);
  return Number(message.partialSuccess?.rejected ?? 0);
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
