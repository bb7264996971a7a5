// The JavaScript host of OTLP requests: options, errors, memory, bombs, and
// requests as OTel JS writes them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { JsonLogsSerializer, JsonTraceSerializer, ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { createTranscoder, OtlpError } from '../../dist/edge/otlp.js';
import { decode, normal } from './lib/oracle.mjs';

const file = (relative) => readFileSync(fileURLToPath(new URL(relative, import.meta.url)));
const module = new WebAssembly.Module(file('../../dist/edge/sonde-edge.wasm'));
const log = (record) => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record}]}]}]}`;
const textOf = (bytes) => Buffer.from(bytes).toString();
const sonde = createTranscoder({ module });

/** What it throws, with these members. */
function refused(call, members) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof OtlpError && error.name === 'OtlpError', error);
    assert.deepEqual(Object.fromEntries(Object.keys(members).map((key) => [key, error[key]])), members);
    return true;
  });
}

/* ---- Calls --------------------------------------------------------------- */

test('a string, bytes and a buffer', () => {
  const request = log('{"body":{"stringValue":"größe"}}');
  const bytes = new TextEncoder().encode(request);
  for (const input of [request, bytes, bytes.buffer, bytes.subarray(0)]) {
    const { body, ...report } = sonde.transcode(input, { to: 'json' });
    assert.equal(textOf(body), request);
    assert.deepEqual(report, {
      signal: 'logs', resources: 1, scopes: 1, metrics: 0, records: 1, unknown: 0,
      droppedRecords: 0, droppedAttributes: 0, droppedEvents: 0, droppedLinks: 0, cutValues: 0,
    });
  }
});

test('the body is a copy', () => {
  const { body } = sonde.transcode(log('{"severityText":"a"}'), { to: 'json' });
  sonde.transcode(log('{"severityText":"b"}'), { to: 'json' });
  assert.equal(textOf(body), log('{"severityText":"a"}'));
});

test('an empty object is a request of any signal', () => {
  assert.equal(sonde.check('{}').signal, null);
  assert.equal(sonde.check('{}', { signal: 'metrics' }).signal, 'metrics');
  assert.deepEqual(sonde.transcode(new Uint8Array(), { signal: 'logs', to: 'json' }).body, new Uint8Array([123, 125]));
});

test('another signal than was told', () => {
  const { records, unknown } = sonde.check('{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}', { signal: 'logs' });
  assert.deepEqual([records, unknown], [0, 1]);
});

test('metrics are counted with their points', () => {
  const { metrics, records } = sonde.check('{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{},{}]}},{"summary":{"dataPoints":[{}]}},{}]}]}]}');
  assert.deepEqual([metrics, records], [3, 3]);
});

test('where it is wrong', () => {
  refused(() => sonde.check('{"resourceLogs":[{},{"scopeLogs":[{"logRecords":[{},{"attributes":[{"key":"a","value":{"intValue":1.5}}]}]}]}]}'), {
    code: 'BAD_INPUT', offset: 98, what: 'the number is not whole',
    path: 'resourceLogs[1].scopeLogs[0].logRecords[1].attributes[0].value.intValue',
    message: 'offset 98, resourceLogs[1].scopeLogs[0].logRecords[1].attributes[0].value.intValue: the number is not whole',
  });
  refused(() => sonde.check('', { from: 'json' }), { code: 'BAD_INPUT', offset: 0, path: '' });
  refused(() => sonde.check(new Uint8Array([10, 2, 18, 5]), { signal: 'logs' }), { code: 'BAD_INPUT', offset: 2, path: 'resourceLogs[0]' });
});

/* ---- Callers that are wrong ------------------------------------------------ */

test('options', () => {
  for (const options of [undefined, null, 1, 'x']) assert.throws(() => createTranscoder(/** @type {any} */ (options)), TypeError);
  assert.throws(() => createTranscoder(/** @type {any} */ ({ module: {} })), { name: 'TypeError', message: /module must be a WebAssembly.Module/ });
  assert.throws(() => createTranscoder({ module: new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])) }), { name: 'TypeError', message: /not another module/ });
  assert.throws(() => createTranscoder(/** @type {any} */ ({ module, maxRecord: 1 })), { name: 'TypeError', message: /no option maxRecord; there are module, maxInput, maxRecords/ });
  for (const value of [-1, 1.5, NaN, '1', null, 1e10]) assert.throws(() => createTranscoder(/** @type {any} */ ({ module, maxRecords: value })), RangeError);
  for (const value of [0, 1.5, NaN, 33_521_665]) assert.throws(() => createTranscoder({ module, maxInput: value }), { name: 'RangeError', message: /maxInput must be a whole number from 1 to 33521664, not / });
  createTranscoder({ module, maxInput: 33_521_664 }).check('{}');
});

test('calls', () => {
  for (const request of [undefined, null, 1, {}, [1]]) assert.throws(() => sonde.check(/** @type {any} */ (request)), TypeError);
  for (const how of [{ from: 'xml' }, { to: 1 }, { signal: 'log' }]) assert.throws(() => sonde.check('{}', /** @type {any} */ (how)), TypeError);
  assert.throws(() => sonde.check(new Uint8Array([10, 0])), { name: 'TypeError', message: /protobuf does not tell its signal/ });
});

/* ---- Limits and memory --------------------------------------------------------- */

test('limits', () => {
  const strict = createTranscoder({ module, maxRecords: 2, maxAttributes: 1, maxValue: 3 });
  const { body, ...report } = strict.transcode(log('{"attributes":[{"key":"a","value":{"stringValue":"größe"}},{"key":"b"}]},{},{},{}'), { to: 'json' });
  assert.equal(textOf(body), log('{"attributes":[{"key":"a","value":{"stringValue":"grö"}}],"droppedAttributesCount":1},{}'));
  assert.deepEqual([report.records, report.droppedRecords, report.droppedAttributes, report.cutValues], [2, 2, 1, 1]);
});

test('the largest request, and one more byte', () => {
  const small = createTranscoder({ module, maxInput: 100 });
  const fits = '{}'.padEnd(100);
  assert.equal(small.check(fits).signal, null);
  for (const input of [`${fits} `, Buffer.from(`${fits} `), ' '.repeat(1000)]) refused(() => small.check(input), { code: 'TOO_LARGE', offset: 100 });
});

test('what would be too large is refused, whole', () => {
  const small = createTranscoder({ module, maxInput: 8192 });
  const request = Buffer.from(sonde.transcode(log(Array(2000).fill('{}').join(',')), { signal: 'logs' }).body);
  assert.equal(small.transcode(request, { signal: 'logs', to: 'json' }).records, 2000);
  const sums = sonde.transcode(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[${Array(1000).fill('{"sum":{"aggregationTemporality":2,"isMonotonic":true}}').join(',')}]}]}]}`).body;
  assert.ok(sums.length <= 8192);
  refused(() => small.transcode(sums, { signal: 'metrics', to: 'json' }), { code: 'NO_SPACE' });
  assert.equal(small.check(sums, { signal: 'metrics', to: 'json' }).metrics, 1000);
});

test('memory is four times the largest request and what the module has, and does not grow', () => {
  const maxInput = 1 << 20;
  const instance = new WebAssembly.Instance(module).exports;
  const before = instance.memory.buffer.byteLength;
  assert.ok(instance.otlp_start(maxInput) > 0);
  const after = instance.memory.buffer.byteLength;
  assert.ok(after - before <= 4 * maxInput + (1 << 17), `${after - before}`);
  for (const size of [0, 1, maxInput]) instance.otlp_transcode(-1, 1, 0, size, 0);
  assert.equal(instance.memory.buffer.byteLength, after);
  assert.equal(instance.otlp_start(maxInput), -13, 'BUSY');
  for (const size of [maxInput + 17, 0x7fffffff, -1]) assert.equal(instance.otlp_transcode(-1, 1, 0, size, 0), -1);
  assert.equal(new WebAssembly.Instance(module).exports.otlp_transcode(-1, 1, 0, 0, 0), -1);
});

/* ---- Bombs ---------------------------------------------------------------------- */

const BOMBS = {
  'arrays that nobody knows': `{"x":${'['.repeat(1e5)}`,
  'a million of them': `{"x":${'['.repeat(1e6)}`,
  'objects that nobody knows': `{"x":${'{"":'.repeat(1e5)}`,
  'arrays in values': log(`{"body":${'{"arrayValue":{"values":['.repeat(65)}{}${']}}'.repeat(65)}}`),
  'maps in values': log(`{"body":${'{"kvlistValue":{"values":[{"value":'.repeat(65)}{}${'}]}}'.repeat(65)}}`),
};
for (const [name, text] of Object.entries(BOMBS)) test(`too deep: ${name}`, () => refused(() => createTranscoder({ module, maxInput: 1 << 22 }).check(text, { from: 'json' }), { code: 'TOO_DEEP' }));

/** Milliseconds, at least. */
function time(run) {
  const times = Array.from({ length: 3 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.min(...times);
}

describe('time is in proportion to size', () => {
  const large = createTranscoder({ module, maxInput: 1 << 22 });
  const shapes = {
    'unknown members': (n) => `{${Array.from({ length: n }, (_, i) => `"k${i}":1`).join(',')}}`,
    'digits': (n) => log(`{"body":{"doubleValue":0.${'1'.repeat(8 * n)}}}`),
    'small exponents': (n) => log(`{"body":{"arrayValue":{"values":[${Array(n).fill('{"doubleValue":1e-300}').join(',')}]}}}`),
    'escapes': (n) => log(`{"body":{"stringValue":"${'\\u00e9'.repeat(n)}"}}`),
  };
  for (const [name, make] of Object.entries(shapes)) {
    test(name, () => {
      const [small, big] = [make(2000), make(32_000)].map((text) => time(() => large.transcode(text, { signal: 'logs' })));
      assert.ok(big < 16 * 12 * small + 50, `${small} ms, and ${big} ms for 16 times as much`);
    });
  }
  test('a message in pieces', () => {
    const piece = [42, 7, 50, 5, 10, 3, 10, 1, 97]; // body { kvlist_value { values { key: "a" } } }
    const length = (n) => [(n & 127) | 128, ((n >> 7) & 127) | 128, n >> 14];
    const request = (n) => {
      let bytes = Array(n).fill(piece).flat();
      for (const tag of [18, 18, 10]) bytes = [tag, ...length(bytes.length), ...bytes];
      return Uint8Array.from(bytes);
    };
    const [small, big] = [1000, 16_000].map((n) => time(() => assert.equal(large.transcode(request(n), { signal: 'logs', to: 'json' }).records, 1)));
    assert.ok(big < 16 * 12 * small + 50, `${small} ms, and ${big} ms for 16 times as much`);
  });
});

/* ---- OTel JS ------------------------------------------------------------------------ */

const resource = resourceFromAttributes({ 'service.name': 'shop', count: 3, ok: true });
const instrumentationScope = { name: 'app', version: '1', schemaUrl: 'https://example.com' };
const attributes = { text: 'größe', int: 42, double: 1.5, big: 2 ** 53, no: false, list: ['a', 1], map: { k: { deep: 'v' } }, empty: '' };
const spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };

const LOGS = [
  { resource, instrumentationScope, hrTime: [1763661600, 123456789], hrTimeObserved: [1763661601, 0], severityNumber: 9, severityText: 'INFO', body: 'hello', attributes, droppedAttributesCount: 0, spanContext },
  { resource, instrumentationScope, hrTime: [0, 0], hrTimeObserved: [0, 1], body: attributes, attributes: {}, droppedAttributesCount: 7, eventName: 'event' },
];
const SPANS = [{
  resource, instrumentationScope, name: 'GET /', kind: 1, spanContext: () => spanContext, parentSpanContext: { ...spanContext, spanId: '00f067aa0ba902b7' },
  startTime: [1763661600, 1], endTime: [1763661600, 999_999_999], attributes, droppedAttributesCount: 1, droppedEventsCount: 2, droppedLinksCount: 3,
  events: [{ name: 'e', time: [1763661600, 5], attributes: { a: 1 }, droppedAttributesCount: 0 }],
  links: [{ context: spanContext, attributes: { l: 'x' }, droppedAttributesCount: 0 }], status: { code: 2, message: 'bad' },
}];

for (const [signal, records, toJson, toProtobuf] of [['logs', LOGS, JsonLogsSerializer, ProtobufLogsSerializer], ['traces', SPANS, JsonTraceSerializer, ProtobufTraceSerializer]]) {
  test(`OTel JS's JSON and protobuf of ${signal}: each becomes the other`, () => {
    const [json, protobuf] = [toJson, toProtobuf].map((serializer) => serializer.serializeRequest(records));
    const fromJson = sonde.transcode(json, { signal, from: 'json', to: 'protobuf' }).body;
    const fromProtobuf = sonde.transcode(protobuf, { signal, from: 'protobuf', to: 'json' }).body;
    assert.deepEqual(normal(decode(signal, fromJson)), normal(decode(signal, protobuf)));
    assert.deepEqual(JSON.parse(textOf(fromProtobuf)), normal(decode(signal, protobuf)));
    assert.equal(sonde.check(json).unknown, 0);
  });
}
