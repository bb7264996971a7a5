// Checks that every implementation did the work: each body is decoded and must
// hold the same records.
import { isDeepStrictEqual } from 'node:util';
import { contains, decoder, isRecent, object } from '../lib/otlp.mjs';
import { LEVELS, RESOURCE, SCOPES, items } from './data.mjs';

const decode = decoder('logs');

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
  const times = scopeLogs.flatMap((scope) => scope.logRecords.map((record) => record.timeUnixNano));
  if (!times.every(isRecent)) refuse('wrong times');
}

/** A JSON that is not OTLP: only its bodies are compared. */
function checkPlain(name, body) {
  const got = decode(body).records.map((record) => record.body);
  const want = items().map((item) => item.body);
  if (!isDeepStrictEqual(got, want)) throw new Error(`${name}: other bodies`);
}

/** Throws unless it is what was asked for. @param {string} impl @param {string} name @param {Buffer} body */
export function verify(impl, name, body) {
  (impl.startsWith('plain') ? checkPlain : check)(`${impl} ${name}`, body);
}
