// Calls of signed identity that no good host makes: sizes, numbers and frames
// out of range, in the wrong order, twice. None traps, none reads or writes
// beyond its regions, and the next good call works.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { module, newHost, OPTIONS, RANGES, statusName, STATUS } from './lib/facts.mjs';
import { frame } from './lib/host.mjs';
import { utf8 } from './lib/table.mjs';

const SECRET = 'correct-horse-battery-staple-0123';
const NOW = 1.7e12;
const SIZES = [0x7fffffff, -1, -2, -8, 0x80000000 | 0, 0xffff0000 | 0];
const NUMBERS = [NaN, Infinity, -Infinity, -1, -0.5, 2 ** 53 + 2, 1e308];

const good = () => newHost().start({ secrets: [SECRET] });
const sent = (body = 'message=m') => ({
  now: NOW, contentType: utf8('application/x-www-form-urlencoded'), origin: null, endpoint: null, body: utf8(body),
});

function raw() {
  const instance = new WebAssembly.Instance(module, {});
  instance.exports._initialize?.();
  return instance.exports;
}

/** name → calls with this size in each place that takes one. */
const SIZED = {
  signed_secret: (w, n) => [w.signed_secret(n)],
  signed_origin: (w, n) => [w.signed_origin(n)],
  signed_next: (w, n) => [w.signed_next(n)],
  signed_seal: (w, n) => [w.signed_seal(n)],
  signed_open: (w, n) => [w.signed_open(n)],
  signed_check: (w, n) => [w.signed_check(NOW, n)],
  signed_nonce: (w, n) => [w.signed_nonce(1, n, 0), w.signed_nonce(1, 0, n), w.signed_nonce(1, n, n)],
  signed_nonce_check: (w, n) => [
    w.signed_nonce_check(NOW, n, 0, 0), w.signed_nonce_check(NOW, 43, n, 0), w.signed_nonce_check(NOW, 43, 0, n),
    w.signed_nonce_check(NOW, n, n, n),
  ],
  signed_verify: (w, n) => [w.signed_verify(n)],
  signed_lines: (w, n) => [w.signed_lines(NOW, n, 1, 0), w.signed_lines(NOW, n, 1, 3)],
  signed_defaults: (w, n) => [w.signed_defaults(n, -1, 0), w.signed_defaults(0, -1, n), w.signed_defaults(n, n === -1 ? 5 : n, n)],
};

/** Still good: it seals, opens, verifies. */
function works(host) {
  const nonce = new Uint8Array(12).fill(7);
  assert.equal(Buffer.from(host.open(utf8(host.seal(nonce, utf8('42'))))).toString(), '42');
  assert.match(host.verify([sent()])[0], /"reason":"render_missing"/);
}

for (const [name, call] of Object.entries(SIZED)) {
  test(`${name} with sizes out of range`, () => {
    const host = good();
    for (const size of [...SIZES, host.in.length + 1]) {
      for (const result of call(host.wasm, size)) assert.equal(statusName(result), 'BAD_ARGUMENT', `${size}`);
    }
    works(host);
  });

  test(`${name} before signed_start`, () => {
    const wasm = raw();
    for (const size of [0, 16, ...SIZES]) {
      for (const result of call(wasm, size)) assert.equal(statusName(result), 'BAD_ARGUMENT', `${size}`);
    }
  });
}

test('times and numbers out of range', () => {
  const host = good();
  for (const now of NUMBERS) {
    assert.equal(statusName(host.wasm.signed_render(now)), 'BAD_ARGUMENT', `render ${now}`);
    assert.equal(statusName(host.wasm.signed_check(now, 0)), 'BAD_ARGUMENT', `check ${now}`);
    assert.equal(statusName(host.wasm.signed_nonce_check(now, 0, 0, 0)), 'BAD_ARGUMENT', `nonce_check ${now}`);
    assert.equal(statusName(host.wasm.signed_nonce(now, 0, 0)), 'BAD_ARGUMENT', `nonce ${now}`);
    assert.equal(statusName(host.wasm.signed_lines(now, 0, 1, 0)), 'BAD_ARGUMENT', `lines ${now}`);
    assert.equal(statusName(host.wasm.signed_lines(NOW, 0, now, 0)), 'BAD_ARGUMENT', `first line ${now}`);
    assert.equal(statusName(host.verify([{ ...sent(), now }])[0]), 'BAD_ARGUMENT', `verify ${now}`);
  }
  works(host);
});

test('options: ids, ranges, fractions, after the start', () => {
  const wasm = raw();
  for (const [name, { least, most }] of Object.entries(RANGES)) {
    for (const value of [least - 1, most + 1, least + 0.5, NaN, Infinity, -Infinity]) {
      assert.equal(statusName(wasm.signed_option(OPTIONS[name], value)), 'BAD_OPTION', `${name} ${value}`);
    }
    assert.equal(wasm.signed_option(OPTIONS[name], most), 0, name);
    assert.equal(wasm.signed_option(OPTIONS[name], least), 0, name);
  }
  for (const id of [Object.keys(OPTIONS).length, -1, 0x7fffffff]) {
    assert.equal(statusName(wasm.signed_option(id, 0)), 'BAD_OPTION', `${id}`);
  }
  assert.equal(statusName(good().wasm.signed_option(0, 2)), 'BUSY');
  assert.equal(statusName(good().wasm.signed_start()), 'BUSY');
});

test('each option at its ends starts and works', () => {
  for (const [name, { least, most }] of Object.entries(RANGES)) {
    for (const value of [least, most]) {
      const options = { [name]: value, ...(name === 'max_age' && value < 2 && { min_age: 0 }) };
      works(newHost().start({ secrets: [SECRET], options }));
    }
  }
});

/** A good frame with one of its words changed. */
function badFrame(at, value) {
  const bytes = frame(sent());
  new DataView(bytes.buffer).setUint32(at, value, true);
  return bytes;
}

test('frames that are not consistent: nothing is verified', () => {
  const host = good();
  const whole = frame(sent());
  for (const at of [8, 12, 16, 20]) {
    for (const value of [1000, host.in.length, 0x7fffffff, 0xfffffffe, 0xffffffff]) {
      if (at === 12 && value === 0xffffffff) continue; // no origin: that is what it says
      for (const frames of [[badFrame(at, value)], [whole, badFrame(at, value)], [badFrame(at, value), whole]]) {
        const result = host.wasm.signed_verify(host.put(...frames));
        // a longer text may swallow the frame behind it: then it is consistent
        if (frames.length === 2 && result > 0) continue;
        assert.equal(statusName(result), 'BAD_ARGUMENT', `${value} at ${at}`);
      }
    }
  }
  for (let size = 1; size < whole.length; size++) {
    assert.equal(statusName(host.wasm.signed_verify((host.put(whole), size))), 'BAD_ARGUMENT', `${size} bytes`);
  }
  assert.equal(host.wasm.signed_verify(0), 8);
  works(host);
});

test('a secret is refused without being kept', () => {
  const host = newHost().start();
  assert.equal(statusName(host.secret(utf8('short'))), 'WEAK_SECRET');
  assert.equal(statusName(host.secret(utf8(''))), 'BAD_ARGUMENT');
  assert.equal(statusName(host.secret(new Uint8Array(1025).fill(65))), 'BAD_ARGUMENT');
  assert.equal(statusName(host.open(utf8('A'.repeat(40)))), 'NO_SECRET');
  assert.ok(host.in.every((byte) => byte === 0), 'in is wiped');
});

test('instances know nothing of each other, and repeat nothing', () => {
  const [one, two] = [good(), newHost().start({ secrets: ['another-secret-of-the-same-length'] })];
  const token = one.seal(new Uint8Array(12).fill(9), utf8('42'));
  assert.equal(statusName(two.open(utf8(token))), 'FORGED');
  assert.equal(statusName(one.seal(new Uint8Array(12), utf8('42'))), 'BAD_ARGUMENT', 'a nonce of zeros');
  works(one);
  works(two);
});

test('in is wiped after each call', () => {
  const host = good();
  const calls = {
    seal: () => host.seal(new Uint8Array(12).fill(1), utf8('42')),
    open: () => host.open(utf8('A'.repeat(3000))),
    check: () => host.check(NOW, utf8('1700000000.00')),
    verify: () => host.verify([sent('message=a secret message&x=%41')]),
    lines: () => host.lines(NOW, utf8('{"message":"a secret message"}\nx\n')),
    'bad frame': () => host.wasm.signed_verify(host.put(badFrame(8, 1000))),
    'bad time': () => host.verify([{ ...sent(), now: NaN }]),
    'bad first line': () => host.wasm.signed_lines(NOW, host.put(utf8('{"message":"m"}\n')), NaN, 0),
  };
  for (const [name, call] of Object.entries(calls)) {
    call();
    assert.ok(host.in.every((byte) => byte === 0), name);
  }
});

test('statuses and memory stay what they are over many calls', () => {
  const host = good();
  const size = host.wasm.memory.buffer.byteLength;
  for (let n = 0; n < 20000; n++) assert.equal(host.wasm.signed_open(host.put(utf8('AAAA'))), STATUS.MALFORMED);
  assert.equal(host.wasm.memory.buffer.byteLength, size);
});
