// What is read out of answers, and that none of them can do harm.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delayFrom, replyFrom } from '../src/answer.js';

const bytes = (...list) => Uint8Array.from(list);
const text = (string) => new TextEncoder().encode(string);
const NOW = Date.UTC(1994, 10, 6, 8, 49, 30);

const BROKEN = [-1, 'unreadable answer'];

const JSON_ANSWERS = [
  [true, '', [0, '']],
  [true, '{}', [0, '']],
  [true, '{"partialSuccess":{}}', [0, '']],
  [true, '{"partialSuccess":null}', [0, '']],
  [true, '{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"old"}}', [3, 'old']],
  [true, '{"partialSuccess":{"rejectedLogRecords":3}}', [3, '']],
  [true, '{"partialSuccess":{"rejectedSpans":"4"}}', [4, '']],
  [true, '{"partialSuccess":{"rejectedDataPoints":"5","errorMessage":"old"}}', [5, 'old']],
  [true, '{"partialSuccess":{"errorMessage":"warning"}}', [0, 'warning']],
  [true, '{"partialSuccess":{"rejectedLogRecords":null}}', [0, '']],
  [true, '{"message":"not a status"}', [0, '']],
  [true, '{"partialSuccess":{"rejectedLogRecords":"-1"}}', BROKEN],
  [true, '{"partialSuccess":{"rejectedLogRecords":"many"}}', BROKEN],
  [true, '{"partialSuccess":{"rejectedLogRecords":1.5}}', BROKEN],
  [true, '{"partialSuccess":{"rejectedLogRecords":"9223372036854775807"}}', BROKEN],
  [true, '{', BROKEN],
  [true, '<html>', BROKEN],
  [true, 'null', BROKEN],
  [true, '['.repeat(60000), BROKEN],
  [false, '{"code":3,"message":"bad"}', [0, 'bad']],
  [false, '{"message":null}', [0, '']],
  [false, '', [0, '']],
  [false, 'Bad Gateway', BROKEN],
];

for (const [success, body, expected] of JSON_ANSWERS) {
  test(`JSON, ${success ? 'success' : 'failure'}: ${body.slice(0, 80)}`, () => {
    assert.deepEqual(replyFrom(text(body), 1, success), expected);
  });
}

const PROTOBUF_ANSWERS = [
  [true, 'empty', bytes(), [0, '']],
  [true, 'empty partial success', bytes(0x0a, 0), [0, '']],
  [true, 'rejected', bytes(0x0a, 2, 0x08, 5), [5, '']],
  [true, 'rejected 300', bytes(0x0a, 3, 0x08, 0xac, 2), [300, '']],
  [true, 'message', bytes(0x0a, 4, 0x12, 2, 0x68, 0x69), [0, 'hi']],
  [true, 'both, and unknown fields', bytes(0x0a, 17, 0x08, 1, 0x12, 1, 0x78, 0x1d, 1, 2, 3, 4, 0x29, 1, 2, 3, 4, 5, 6), BROKEN],
  [true, 'unknown fields', bytes(0x1d, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x32, 1, 9, 0x0a, 2, 0x08, 2), [2, '']],
  [true, 'negative', bytes(0x0a, 11, 0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1), BROKEN],
  [true, 'cut varint', bytes(0x0a, 2, 0x08, 0x80), BROKEN],
  [true, 'cut message', bytes(0x0a, 9, 0x08, 1), BROKEN],
  [true, 'cut tag', bytes(0x80), BROKEN],
  [true, 'endless varint', new Uint8Array(65536).fill(0x80), BROKEN],
  [true, 'huge length', bytes(0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 127), BROKEN],
  [true, 'group', bytes(0x0b, 0x0c), BROKEN],
  [true, 'text', text('<html>'), BROKEN],
  [false, 'status', bytes(0x08, 3, 0x12, 3, 0x62, 0x61, 0x64), [0, 'bad']],
  [false, 'ill-formed UTF-8', bytes(0x12, 2, 0xff, 0x41), [0, '\ufffdA']],
  [false, 'text', text('Bad Gateway'), BROKEN],
];

for (const [success, name, body, expected] of PROTOBUF_ANSWERS) {
  test(`protobuf, ${success ? 'success' : 'failure'}: ${name}`, () => {
    assert.deepEqual(replyFrom(body, 0, success), expected);
  });
}

test('messages are bounded', () => {
  const body = text(JSON.stringify({ message: 'm'.repeat(5000) }));
  assert.equal(replyFrom(body, 1, false)[1].length, 256);
});

test('any bytes: an answer, never an exception', () => {
  let seed = 1;
  const random = () => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return seed >> 8; };
  for (let i = 0; i < 20000; i++) {
    const body = Uint8Array.from({ length: random() % 40 }, () => random() % (i % 2 ? 256 : 24));
    const [rejected, message] = replyFrom(body, i % 3 === 0, i % 5 > 1);
    assert.ok(rejected >= -1 && Number.isSafeInteger(rejected));
    assert.equal(typeof message, 'string');
  }
});

const DELAYS = [
  ['0', 0],
  ['120', 120000],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 7000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 7000],
  ['Sun Nov  6 08:49:37 1994', 7000],
  ['Sun, 06 Nov 1994 08:49:30 GMT', 0],
  ['Sun, 06 Nov 1992 08:49:37 GMT', -1],
  [null, -1],
  ['', -1],
  ['-5', -1],
  ['1.5', -1],
  ['12 seconds', -1],
  ['soon', -1],
  ['Soon: now', -1],
  ['Infinity', -1],
  ['0x10', -1],
];

for (const [header, expected] of DELAYS) {
  test(`Retry-After: ${header}`, () => {
    const headers = new Headers(header === null ? {} : { 'retry-after': header });
    assert.equal(delayFrom({ headers }, NOW), expected);
  });
}
