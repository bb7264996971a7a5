// Checks that every implementation did the work: each body is decoded and must
// hold the same records.
import protobuf from 'protobufjs';
import { isDeepStrictEqual } from 'node:util';
import { LEVELS, RESOURCE, SCOPES, items } from './data.mjs';

/** The part of the OTLP schema that the data uses. */
const SCHEMA = `
  syntax = "proto3";
  message Request { repeated ResourceLogs resource_logs = 1; }
  message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
  message Scope { string name = 1; string version = 2; }
  message LogRecord {
    fixed64 time_unix_nano = 1;
    int32 severity_number = 2;
    string severity_text = 3;
    AnyValue body = 5;
    repeated KeyValue attributes = 6;
    fixed64 observed_time_unix_nano = 11;
  }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
  message AnyValue { oneof value {
    string string_value = 1; bool bool_value = 2; int64 int_value = 3;
    double double_value = 4; ArrayValue array_value = 5; KeyValueList kvlist_value = 6;
  } }
`;

const Request = protobuf.parse(SCHEMA).root.lookupType('Request');
const FIELDS = { longs: String, oneofs: true };

function decode(body) {
  if (body[0] === 0x7b) return JSON.parse(body.toString('utf8'));
  return Request.toObject(Request.decode(body), FIELDS);
}

function plain(value) {
  if (value.arrayValue) return value.arrayValue.values.map(plain);
  if (value.kvlistValue) return object(value.kvlistValue.values);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}

const object = (pairs) => Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)]));

const contains = (all, some) =>
  Object.entries(some).every(([key, value]) => isDeepStrictEqual(all[key], value));

/** The records of one scope, as the data has them. */
function records({ scope, logRecords }) {
  const index = SCOPES.findIndex(({ name, version }) =>
    name === scope.name && version === scope.version);
  return logRecords.map((record) => ({
    scope: index,
    level: LEVELS.find(({ number, text }) =>
      number === record.severityNumber && text === record.severityText),
    body: record.body.stringValue,
    attributes: object(record.attributes),
  }));
}

function recent(record) {
  const seconds = Number(record.timeUnixNano) / 1e9;
  return Math.abs(seconds - Date.now() / 1000) < 600;
}

/** Throws if a body is not the 256 records, in their scopes and their order. */
function check(name, body) {
  const refuse = (what) => { throw new Error(`${name}: ${what}`); };
  const { resourceLogs } = decode(body);
  if (resourceLogs.length !== 1) refuse('not one resource');
  const [{ resource, scopeLogs }] = resourceLogs;
  if (!contains(object(resource.attributes), RESOURCE)) refuse('another resource');
  const got = scopeLogs.flatMap(records);
  const want = items().sort((a, b) => a.scope - b.scope);
  got.sort((a, b) => a.scope - b.scope);
  if (got.length !== want.length) refuse(`${got.length} records`);
  const wrong = want.findIndex((item, i) => !isDeepStrictEqual(got[i], item));
  if (wrong >= 0) refuse(`record ${wrong} is ${JSON.stringify(got[wrong])}`);
  if (!scopeLogs.every((scope) => scope.logRecords.every(recent))) refuse('wrong times');
}

/** A JSON that is not OTLP: only its bodies are compared. */
function checkPlain(name, body) {
  const got = decode(body).records.map((record) => record.body);
  const want = items().map((item) => item.body);
  if (!isDeepStrictEqual(got, want)) throw new Error(`${name}: other bodies`);
}

/**
 * @param {{case: string, impl: string, body: string}[]} proofs base64
 * @returns {Map<string, number>} bytes of a body by implementation
 */
export function verify(proofs) {
  const sizes = new Map();
  for (const { case: name, impl, body } of proofs) {
    const bytes = Buffer.from(body, 'base64');
    (impl.startsWith('plain') ? checkPlain : check)(`${impl} ${name}`, bytes);
    sizes.set(impl, bytes.length);
  }
  return sizes;
}
