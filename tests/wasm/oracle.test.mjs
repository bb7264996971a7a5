// The bodies as others see them: protobufjs, the official Python package, and
// the serializer of OTel JS on the same records.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import protobuf from 'protobufjs';
import { JsonLogsSerializer } from '@opentelemetry/otlp-transformer';
import { Requests } from '../../proto/otlp.mjs';
import { NOW, bodyOf } from './lib/bodies.mjs';
import { ARTEFACTS, rootPath } from './lib/facts.mjs';
import { metricBodies } from './lib/metrics.mjs';
import { makeRecords, otelRecords, sondeBody } from './lib/records.mjs';
import { cases } from './lib/vector.mjs';

// 64 arrays are more messages than the 100 that it takes by default.
protobuf.Reader.recursionLimit = 1000;
protobuf.util.recursionLimit = 1000;
const KINDS = [
  { records: 'logs', Request: Requests.logs, all: cases('logs.txt') },
  { records: 'spans', Request: Requests.traces, all: cases('spans.txt') },
];
const IDS = ['traceId', 'spanId', 'parentSpanId'];
const python = process.env.SONDE_PYTHON;
const noPython = !python && process.env.CI !== 'true' && 'SONDE_PYTHON is not set: run it through ./dev test';

function runPython(script, args, input) {
  const result = spawnSync(python ?? 'python3', [fileURLToPath(rootPath(`tests/oracle/${script}`)), ...args],
    { input, encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(result.status, 0, result.stderr);
  return result.stdout;
}

const hex = (base64) => Buffer.from(base64, 'base64').toString('hex');

function withHexIds(value) {
  if (Array.isArray(value)) return value.map(withHexIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value)
    .map(([key, one]) => [key, IDS.includes(key) && one ? hex(one) : withHexIds(one)]));
}

/** A protobufjs object as OTLP JSON: ids in hexadecimal, no default values. */
function toOtlpJson(Request, message) {
  return withHexIds(Request.toObject(message, { longs: String, bytes: String, oneofs: false, json: true }));
}

/** What is absent, empty or default is the same. */
function normal(value, key) {
  if (Array.isArray(value)) return value.map((one) => normal(one));
  if (key === 'intValue') return String(value);
  if (key === 'doubleValue') return typeof value === 'string' ? value : Number(value) + 0;
  if (typeof value !== 'object' || value === null) return value;
  const out = {};
  for (const [name, one] of Object.entries(value)) {
    const empty = one === null || one === '' || (Array.isArray(one) && one.length === 0);
    const oneof = name.endsWith('Value') && one !== null;
    if (oneof || !(empty || one === 0 || one === '0')) out[name] = normal(one, name);
  }
  return out;
}

for (const artefact of ARTEFACTS) {
  describe(`oracles, sonde-${artefact}.wasm`, () => {
    for (const { records, Request, all } of KINDS) {
      const body = (vector, encoding) => bodyOf(artefact, vector, encoding, { bytes: true }, records).body;

      for (const vector of all) {
        test(`protobufjs and JSON.parse agree: ${records}, ${vector.name}`, () => {
          const message = Request.decode(body(vector, 0));
          const json = JSON.parse(body(vector, 1).toString());
          assert.deepEqual(normal(toOtlpJson(Request, message)), normal(json));
        });
      }

      test(`Python reads the same from both encodings: ${records}`, { skip: noPython }, () => {
        const lines = all.map((vector) => JSON.stringify({
          name: vector.name,
          signal: records === 'spans' ? 'traces' : records,
          protobuf: body(vector, 0).toString('base64'),
          json: body(vector, 1).toString(),
        }));
        const said = runPython('decode.py', [], `${lines.join('\n')}\n`);
        assert.match(said, new RegExp(`^${all.length} bodies agree$`, 'm'));
      });
    }

    for (const vector of cases('metrics.txt')) {
      test(`protobufjs and JSON.parse agree: metrics, ${vector.name}`, () => {
        const bodies = [0, 1].map((encoding) => metricBodies(artefact, vector, encoding, { bytes: true }));
        for (const [i, body] of bodies[0].entries()) {
          if (!body) continue;
          const message = Requests.metrics.decode(body);
          assert.deepEqual(normal(toOtlpJson(Requests.metrics, message)), normal(JSON.parse(bodies[1][i].toString())));
        }
      });
    }

    test('the same JSON as OTel JS', () => {
      const [{ Request }] = KINDS;
      for (let seed = 1; seed <= 20; seed++) {
        const records = makeRecords(seed);
        const theirs = JSON.parse(Buffer.from(JsonLogsSerializer.serializeRequest(otelRecords(records))).toString());
        const ours = JSON.parse(sondeBody(artefact, records, 1, NOW).toString());
        assert.deepEqual(normal(ours), normal(theirs));
        const decoded = toOtlpJson(Request, Request.decode(sondeBody(artefact, records, 0, NOW)));
        assert.deepEqual(normal(decoded), normal(theirs));
      }
    });
  });
}

describe('the vectors themselves', () => {
  test('are what the official opentelemetry-proto makes', { skip: noPython }, () => {
    runPython('make_vectors.py', ['--check']);
    runPython('make_metrics.py', ['--check']);
  });
});
