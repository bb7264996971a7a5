// Tokens that were changed, through sonde-edge.wasm: each bit of the sealed
// bytes, each cut; and what a failure writes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newHost, statusName } from './lib/facts.mjs';
import { utf8 } from './lib/table.mjs';

const SECRET = 'correct-horse-battery-staple-0123';
const NONCE = Uint8Array.from({ length: 12 }, (_, i) => i + 1);
const NOW = 1.7e12;

const host = newHost().start({ secrets: [SECRET] });
const encoded = (bytes) => utf8(Buffer.from(bytes).toString('base64url'));

function openStatus(token) {
  host.out.fill(0x5a, 0, 4096);
  const result = host.open(token);
  if (result instanceof Uint8Array) return 'opened';
  assert.ok(host.out.subarray(0, 4096).every((byte) => byte === 0x5a), 'a failure wrote to out');
  return statusName(result);
}

for (const size of [1, 2, 3, 16, 48, 49, 200]) {
  test(`identity of ${size}: each bit, each length`, () => {
    const token = host.seal(NONCE, new Uint8Array(size).fill(0x78));
    const sealed = new Uint8Array(Buffer.from(token, 'base64url'));
    assert.equal(sealed.length, size + 28);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      sealed[bit >> 3] ^= 1 << (bit & 7);
      assert.equal(openStatus(encoded(sealed)), 'FORGED', `bit ${bit}`);
      sealed[bit >> 3] ^= 1 << (bit & 7);
    }
    for (let n = 0; n < sealed.length; n++) {
      assert.equal(openStatus(encoded(sealed.subarray(0, n))), n <= 28 ? 'MALFORMED' : 'FORGED', `${n} bytes`);
    }
    const bare = token.replace(/=+$/, '');
    for (let n = 0; n < bare.length; n++) assert.notEqual(openStatus(utf8(bare.slice(0, n))), 'opened');
    assert.equal(openStatus(utf8(token)), 'opened');
    assert.equal(openStatus(utf8(bare)), 'opened');
  });
}

test('render token: each byte in each place', () => {
  const token = utf8(host.render(NOW));
  for (let at = 0; at < token.length; at++) {
    const was = token[at];
    for (let byte = 0; byte < 256; byte++) {
      token[at] = byte;
      assert.deepEqual(host.check(NOW + 9000, token), byte === was ? [0, 9] : [4, -1], `${byte} at ${at}`);
    }
    token[at] = was;
    assert.deepEqual(host.check(NOW + 9000, token.subarray(0, at)), [at > 0 ? 4 : 5, -1]);
  }
});

test('beacon nonce: each byte in each place', () => {
  const nonce = utf8(host.nonce(NOW / 1000 + 300, NONCE, utf8('sid'), utf8('/p')));
  for (let at = 0; at < nonce.length; at++) {
    const was = nonce[at];
    for (let byte = 0; byte < 256; byte++) {
      nonce[at] = byte;
      const left = host.nonceCheck(NOW, nonce, utf8('sid'), utf8('/p'));
      if (byte === was) assert.equal(left, 300);
      else assert.match(statusName(left), /^(MALFORMED|FORGED)$/, `${byte} at ${at}`);
    }
    nonce[at] = was;
  }
});
