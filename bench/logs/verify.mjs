// Checks that every implementation did the work: each body is decoded and must
// hold the same records.
import protobuf from 'protobufjs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { LEVELS, RESOURCE, SCOPES, items } from './data.mjs';

const SCHEMA = fileURLToPath(new URL('../../tests/wasm/lib/otlp.proto', import.meta.url));
const Request = protobuf.loadSync(SCHEMA).lookupType('ExportLogsServiceRequest');
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
