// What calls leave in the linear memory of sonde-edge.wasm, all of it searched.
//
// Needles: no 8 bytes of a secret, of its hash, of its HMAC pads or of an id,
// but for what a call returned in `out`. Pairs: two instances with different
// secrets and the same input have the same memory but for their keys.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { newHost, statusName } from './lib/facts.mjs';
import { utf8 } from './lib/table.mjs';

const SECRETS = ['correct-horse-battery-staple-0123', 'another-secret-of-the-same-length'];
const THIRD = 'a-third-secret-that-made-the-tokens';
const ID = 'user-with-a-rather-long-and-telling-id-000042-and-so';
const NONCE = Uint8Array.from({ length: 12 }, (_, i) => i + 1);
const NOW = 1.7e12;

const turned = (bytes) => Buffer.from(bytes.subarray(0, bytes.length & ~3)).swap32();

function needlesOf(secret) {
  const text = Buffer.from(secret);
  const key = createHash('sha256').update(text).digest();
  const pads = [0x36, 0x5c].map((pad) => Buffer.from(text.map((byte) => byte ^ pad)));
  return { secret: text, key, 'inner pad': pads[0], 'outer pad': pads[1] };
}

const memoryOf = (host) => Buffer.from(host.wasm.memory.buffer);

/** Whether any 8 bytes of the needle lie there, also with each word turned. */
function holds(memory, needle) {
  for (const bytes of [needle, turned(needle)]) {
    for (let at = 0; at + 8 <= bytes.length; at++) {
      if (memory.includes(bytes.subarray(at, at + 8))) return true;
    }
  }
  return false;
}

/** Memory with what the last call returned taken out. */
function withoutOut(host, size) {
  const memory = Buffer.from(memoryOf(host));
  memory.fill(0, host.out.byteOffset, host.out.byteOffset + size);
  return memory;
}

function search(host, returned, needles, what) {
  const memory = withoutOut(host, returned);
  for (const [name, needle] of Object.entries(needles)) {
    assert.ok(!holds(memory, needle), `${what}: ${name} is in the memory`);
  }
}

function tokensOf(secret) {
  const host = newHost().start({ secrets: [secret] });
  const token = host.seal(NONCE, utf8(ID));
  const flipped = token.slice(0, 30) + (token[30] === 'A' ? 'B' : 'A') + token.slice(31);
  const render = host.render(NOW);
  return { token, flipped, render, nonce: host.nonce(NOW / 1000 + 9, NONCE, utf8('s'), utf8('/')) };
}

const submission = ({ token, render }, message = 'Hello') => ({
  now: NOW + 9000,
  contentType: utf8('application/x-www-form-urlencoded'),
  origin: null,
  endpoint: null,
  body: utf8(new URLSearchParams({ plain_connect_identity: token, plain_connect_render_token: render, message }).toString()),
});

/** name → call that returns how many bytes of `out` it filled. */
const CALLS = {
  secret: (host) => (host.secret(utf8(SECRETS[0])), 0),
  'open, good': (host, t) => host.open(utf8(t.token)).length ?? 0,
  'open, forged': (host, t) => (host.open(utf8(t.flipped)), 0),
  'open, malformed': (host, t) => (host.open(utf8(`${t.token}A`)), 0),
  seal: (host) => host.seal(NONCE, utf8(ID)).length,
  render: (host) => host.render(NOW).length,
  check: (host, t) => (host.check(NOW + 9000, utf8(t.render)), 8),
  nonce: (host) => host.nonce(NOW / 1000, NONCE, utf8('s'), utf8('/')).length,
  'nonce check': (host, t) => (host.nonceCheck(NOW, utf8(t.nonce), utf8('s'), utf8('/')), 0),
  verify: (host, t) => 9 + host.verify([submission(t)])[0].length,
  lines: (host, t) =>
    8 + host.lines(NOW + 9000, utf8(JSON.stringify({ plain_connect_identity: t.token,
      plain_connect_render_token: t.render, message: 'Hello' })), { last: true }).length,
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} leaves no needles`, () => {
    const host = newHost().start({ secrets: [SECRETS[0]] });
    const tokens = tokensOf(SECRETS[0]);
    const returned = call(host, tokens);
    search(host, returned, { ...needlesOf(SECRETS[0]), id: Buffer.from(ID) }, name);
  });
}

test('the search finds what is there', () => {
  const host = newHost().start({ secrets: [SECRETS[0]] });
  host.open(utf8(tokensOf(SECRETS[0]).token));
  assert.throws(() => search(host, 0, { id: Buffer.from(ID) }, 'open'), /id is in the memory/);
  host.in.set(utf8(SECRETS[0]), 5000);
  assert.throws(() => search(host, 0, needlesOf(SECRETS[0]), 'in'), /secret is in the memory/);
});

/** Addresses where the two differ: first and last, or null. */
function differing(a, b) {
  assert.equal(a.length, b.length);
  let first = 0;
  while (first < a.length && a[first] === b[first]) first++;
  let last = a.length - 1;
  while (last > first && a[last] === b[last]) last--;
  return first < a.length ? [first, last] : null;
}

/** Where the keys are: what differs right after the secrets were given. */
function pair() {
  const hosts = SECRETS.map((secret) => newHost().start({ secrets: [secret] }));
  const [first, last] = differing(...hosts.map(memoryOf));
  assert.ok(last - first < 1024, `${last - first} bytes differ: more than the keys`);
  assert.ok(last < hosts[0].in.byteOffset, 'keys lie in the verifier');
  return { hosts, first, last };
}

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} leaves nothing that depends on the secret but keys`, () => {
    const { hosts, first, last } = pair();
    const tokens = tokensOf(THIRD); // good for neither, so that both go the same way
    const memories = hosts.map((host) => {
      const memory = withoutOut(host, call(host, tokens));
      return memory.fill(0, first, last + 1);
    });
    const found = differing(...memories);
    if (['render', 'nonce'].includes(name)) return; // part of what they returned, which is public
    assert.equal(found, null, `differs at ${found}, in is at ${hosts[0].in.byteOffset}`);
  });
}

test('after signed_wipe nothing is left, and the host may start again', () => {
  const hosts = SECRETS.map((secret) => {
    const host = newHost().start({ secrets: [secret] });
    const tokens = tokensOf(secret);
    for (const call of Object.values(CALLS)) call(host, tokens);
    host.in.fill(0x5a);
    assert.equal(host.wasm.signed_wipe(), 0);
    return host;
  });
  const [one, two] = hosts;
  assert.ok(one.in.every((byte) => byte === 0) && one.out.every((byte) => byte === 0));
  search(one, 0, { ...needlesOf(SECRETS[0]), id: Buffer.from(ID) }, 'wipe');
  const calls = ['signed_secret', 'signed_open', 'signed_verify'];
  for (const name of calls) assert.equal(statusName(one.wasm[name](8)), 'BAD_ARGUMENT', name);
  assert.ok(two.wasm.signed_start() > 0);
  assert.equal(statusName(two.open(utf8(tokensOf(SECRETS[1]).token))), 'NO_SECRET');
});
