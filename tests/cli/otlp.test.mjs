// sonde otlp: requests on standard input, on all hosts of the command line.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { expect, run } from './lib/hosts.mjs';

/** The vectors: the same requests in both encodings. */
function vectors() {
  const text = readFileSync(new URL('../vectors/otlp.txt', import.meta.url), 'utf8');
  return text.split(/^case /m).slice(1).map((part) => {
    const [name, ...lines] = part.trimEnd().split('\n');
    const of = (word) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? '';
    return { name, signal: of('signal'), protobuf: Buffer.from(of('pb').trim(), 'hex'), json: of('json') };
  });
}

const log = (record) => `{"resourceLogs":[{"scopeLogs":[{"scope":{"name":"app.checkout"},"logRecords":[${record}]}]}]}`;

for (const { name, signal, protobuf, json } of vectors()) {
  test(`transcode: ${name}`, () => {
    expect(run(['otlp', 'transcode'], { input: json }), { code: 0, out: json });
    expect(run(['otlp', 'transcode', '--signal', signal, '--from', 'protobuf'], { input: protobuf }), { code: 0, out: json });
    const { out } = run(['otlp', 'transcode', '--to=protobuf', '--signal', signal], { input: json });
    expect(run(['otlp', 'count', '--json', '--from=protobuf', '--signal', signal], { input: protobuf }), { code: 0, out: /^\{"signal":"\w+","encoding":"protobuf",.*\}\n$/ });
    if (!/[^\n\x20-\x7e]/.test(out) && protobuf.length < 20) assert.equal(out, protobuf.toString());
  });
}

test('the signal and the encoding are guessed', () => {
  for (const { name, signal, protobuf, json } of vectors().filter((one) => one.protobuf.length > 20)) {
    for (const input of [protobuf, json])
      assert.equal(JSON.parse(run(['otlp', 'count', '--json'], { input }).out).signal, signal, name);
  }
});

test('count', () => {
  const input = log('{"attributes":[{"key":"a"},{"key":"b"}]},{"x":1},{}');
  expect(run(['otlp', 'count', '--max-records', '2', '--max-attributes=1'], { input }), {
    code: 0,
    out: 'signal              logs\nencoding            json\nbytes               164\nresources           1\nscopes              1\n'.replace('164', String(input.length))
      + 'log records         2\nunknown fields      1\ndropped records     1\ndropped attributes  1\n',
  });
});

const BAD = [
  ['', ['--from=json'], 'offset 0: not an object'],
  [log('{"timeUnixNano":1.5}'), [], 'offset 94, resourceLogs[0].scopeLogs[0].logRecords[0].timeUnixNano: the number is not whole'],
  ['{"resourceLogs":[{}]} x', [], 'offset 22: something behind the request'],
  [Buffer.from('0a021205', 'hex'), ['--signal=logs', '--from=protobuf'], 'offset 2, resourceLogs[0]: not a field: cut, a group, or field 0'],
  [' {"resourceLogs":[]} x', [], 'offset 21: something behind the request'],
  ['hello', [], 'neither JSON nor a protobuf request of any signal: --signal and --from tell what it should be, and then what is wrong with it'],
  ['hello', ['--from=protobuf'], 'no protobuf request of any signal: --signal tells what it should be, and then what is wrong with it'],
  ['{}'.padEnd(3000), ['--max-input=2999'], 'offset 2999: the request is longer than max_input'],
];
for (const [input, options, err] of BAD)
  for (const command of ['check', 'count', 'print', 'transcode'])
    test(`${command}: ${err.slice(0, 60)}`, () => {
      expect(run(['otlp', command, ...options], { input }), { code: 1, out: '', err });
    });

test('check says nothing of a good request', () => expect(run(['otlp', 'check'], { input: log('{}') }), { code: 0, out: '' }));

const LEFT = '; no record is left: is it of another signal, or not spelt as OTLP/JSON is, like resourceLogs?';
const UNKNOWN = [
  [log('{"boddy":{}}'), [], 'unknown fields, which are ignored: 1'],
  ['{"resource_logs":[],"a":1}', [], `unknown fields, which are ignored: 2${LEFT}`],
  [log('{}'), ['--signal=metrics'], `unknown fields, which are ignored: 1${LEFT}`],
  [Buffer.from('1a00', 'hex'), ['--signal=logs'], `unknown fields, which are ignored: 1${LEFT}`],
];
for (const [input, options, err] of UNKNOWN)
  test(`check tells: ${err}`, () => expect(run(['otlp', 'check', ...options], { input }), { code: 0, out: '', err }));

test('print: logs', () => {
  const attributes = '[{"key":"s","value":{"stringValue":"x y"}},{"key":"l","value":{"arrayValue":{"values":[{"intValue":1},{"doubleValue":1.5},{}]}}},'
    + '{"key":"m","value":{"kvlistValue":{"values":[{"key":"k","value":{"boolValue":true}},{"key":"b","value":{"bytesValue":"AAEC"}}]}}}]';
  const input = log(`{"timeUnixNano":"1763661600123456789","severityNumber":17,"body":{"stringValue":"it failed"},"attributes":${attributes}},`
    + '{"observedTimeUnixNano":"951782400000000000","severityNumber":9,"eventName":"app.start","body":{"stringValue":"a\\u001b[31m\\nb\\u202e"}},{}');
  expect(run(['otlp', 'print'], { input }), {
    code: 0,
    out: '2025-11-20T18:00:00.123Z  ERROR  app.checkout  it failed              s=x y l=[1, 1.5, null] m={k: true, b: AAEC}\n'
      + '2000-02-29T00:00:00.000Z  INFO   app.checkout  app.start: a?[31m\\nb?\n'
      + '-                         -      app.checkout\n',
  });
});

test('print: spans', () => {
  const span = (more) => `{"traceId":"000102030405060708090a0b0c0d0e0f","spanId":"f0f1f2f3f4f5f6f7","name":"GET /",${more}}`;
  const input = `{"resourceSpans":[{"scopeSpans":[{"spans":[${span('"kind":2,"startTimeUnixNano":"1763661600000000000","endTimeUnixNano":"1763661600012345678","status":{"code":2},"attributes":[{"key":"a","value":{"intValue":1}}]')},${span('"kind":9')}]}]}]}`;
  expect(run(['otlp', 'print'], { input }), {
    code: 0,
    out: '2025-11-20T18:00:00.000Z  12ms  server error  000102030405060708090a0b0c0d0e0f  f0f1f2f3f4f5f6f7  GET /  a=1\n'
      + '-                         0ns   ? unset       000102030405060708090a0b0c0d0e0f  f0f1f2f3f4f5f6f7  GET /\n',
  });
});

test('print: metrics', () => {
  const input = '{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"app"},"metrics":[{"name":"requests","unit":"1","description":"how many","sum":{"dataPoints":[{"asInt":1},{"asInt":2}]}},{"name":"time","unit":"ms","histogram":{"dataPoints":[{}]}}]}]}]}';
  expect(run(['otlp', 'print'], { input }), {
    code: 0,
    out: 'requests  1   sum        2 points  app  how many\ntime      ms  histogram  1 point   app\n',
  });
});

test('print: nested to the limit, and a line that is too long', () => {
  const deep = `${'{"arrayValue":{"values":['.repeat(64)}{}${']}}'.repeat(64)}`;
  expect(run(['otlp', 'print'], { input: log(`{"body":${deep}}`) }), { code: 0, out: `-  -  app.checkout  ${'['.repeat(64)}null${']'.repeat(64)}\n` });
  const { out } = run(['otlp', 'print'], { input: log(`{"body":{"stringValue":"${'x'.repeat(100_000)}"}},{"body":{"stringValue":"y"}}`) });
  const lines = out.split('\n');
  assert.ok(lines[0].length <= 65_540 && lines[0].endsWith('...'), `${lines[0].length}`);
  assert.match(lines[1], / y$/);
});

test('print: nothing that a terminal obeys', () => {
  const evil = '\\u001b]0;x\\u0007\\u007f\\u009b31m\\r\\u061c\\u200f\\u2028\\u202e\\u2066\\u0000';
  const value = `{"key":"${evil}","value":{"stringValue":"${evil}"}}`;
  const record = `{"eventName":"${evil}","body":{"kvlistValue":{"values":[${value}]}},"attributes":[${value}]}`;
  const { code, out } = run(['otlp', 'print'], { input: log(record).replace('app.checkout', evil) });
  assert.equal(code, 0);
  assert.match(out, /^[\x20-\x7e]+\n$/);
});

test('names and ids of nothing but escapes', () => {
  const escaped = (text) => text.replace(/./g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const id = '000102030405060708090a0b0c0d0e0f';
  const input = log(`{"traceId":"${id}"}`);
  expect(run(['otlp', 'transcode'], { input: input.replace('resourceLogs', escaped).replace(id, escaped) }), { code: 0, out: input });
});

test('a large request, in pieces from a pipe', () => {
  const input = log(Array.from({ length: 20_000 }, (_, i) => `{"severityNumber":${i % 25},"body":{"stringValue":"number ${i}"}}`).join(','));
  expect(run(['otlp', 'transcode'], { input }), { code: 0, out: input.replaceAll('"severityNumber":0,', '') });
});
