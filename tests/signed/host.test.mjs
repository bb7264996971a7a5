// The JavaScript host of signed identity, in Node.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createVerifier, explain } from '../../dist/edge/signed.js';
import { compareRow } from './lib/compare.mjs';
import { runTable } from './lib/runner.mjs';
import { TABLE } from './lib/host-table.mjs';

const ROOT = new URL('../../', import.meta.url);
const read = (name) => readFileSync(new URL(name, ROOT));
const module = new WebAssembly.Module(read('dist/edge/sonde-edge.wasm'));
const SECRET = 'a secret of thirty-two characters';

for (const row of TABLE) {
  test(row.name, () => compareRow(row, runTable(createVerifier, module, [row])[0]));
}

test('fresh random bytes for each token', () => {
  const verifier = createVerifier({ module, secrets: [SECRET] });
  const tokens = Array.from({ length: 1000 }, () => verifier.mintIdentity('7'));
  assert.equal(new Set(tokens).size, tokens.length);
  assert.ok(tokens.every((token) => verifier.openIdentity(token) === '7'));
});

test('random bytes that fail: no token, and the next one is good', () => {
  let broken = true;
  const random = (view) => {
    if (broken) throw new Error('no entropy');
    crypto.getRandomValues(view);
  };
  const verifier = createVerifier({ module, secrets: [SECRET], random });
  assert.throws(() => verifier.mintIdentity('7'), /no entropy/);
  assert.throws(() => verifier.sealNonce({ session: 's', path: '/', expiry: 1 }), /no entropy/);
  broken = false;
  const idle = createVerifier({ module, secrets: [SECRET], random() {} });
  assert.throws(() => idle.mintIdentity('7'), RangeError);
  assert.equal(verifier.openIdentity(verifier.mintIdentity('7')), '7');
});

test('ids of each length up to 300, of one to four bytes a character', () => {
  const verifier = createVerifier({ module, secrets: [SECRET] });
  for (const character of ['a', 'é', '東', '😀', '\ufeff', '\0']) {
    for (let count = 1; count <= 300; count++) {
      const id = character.repeat(count);
      assert.equal(verifier.openIdentity(verifier.mintIdentity(id)), id);
    }
  }
  const longest = 'x'.repeat(4096);
  assert.equal(verifier.openIdentity(verifier.mintIdentity(longest)), longest);
});

test('bodies as each kind of bytes', () => {
  const verifier = createVerifier({ module });
  const bytes = new TextEncoder().encode('xx{"message":"é"}yy');
  const whole = bytes.slice(2, -2);
  const kinds = [whole, whole.buffer, new DataView(bytes.buffer, 2, whole.length), bytes.subarray(2, -2), Buffer.from(whole)];
  for (const body of kinds) assert.equal(verifier.verify({ body, contentType: 'application/json' }).message, 'é');
  assert.equal(whole[0], 0x7b, 'the body itself is not changed');
});

test('extras have no prototype', () => {
  const { extras } = createVerifier({ module }).verify({ body: '{"message":"x"}', contentType: 'application/json' });
  assert.equal(Object.getPrototypeOf(extras), null);
  assert.equal(extras.toString, undefined);
});

test('verifyMany reads on only when asked, and lets other calls in between', () => {
  const verifier = createVerifier({ module, secrets: [SECRET] });
  let asked = 0;
  function* endless() {
    for (;;) {
      verifier.openIdentity('x'); // from within the iterable
      yield { body: JSON.stringify({ message: `${++asked}`, plain_connect_render_token: verifier.signRenderToken(0) }), contentType: 'application/json', now: 5000 };
    }
  }
  const seen = [];
  for (const { message } of verifier.verifyMany(endless())) {
    assert.equal(verifier.openIdentity(verifier.mintIdentity(message)), message);
    if (seen.push(message) === 600) break;
  }
  assert.deepEqual(seen, seen.map((_, i) => `${i + 1}`));
  assert.ok(asked <= 1024, `${asked} were read`);
});

test('verifyMany: those before one that is no submission get their verdicts', () => {
  const verifier = createVerifier({ module });
  const good = { body: '{"message":"x"}', contentType: 'application/json' };
  const seen = [];
  assert.throws(() => {
    for (const verdict of verifier.verifyMany([good, good, { body: null }, good])) seen.push(verdict.verdict);
  }, /body must be/);
  assert.deepEqual(seen, ['accept', 'accept']);
});

test('methods need no this', () => {
  const { verify, openIdentity, mintIdentity } = createVerifier({ module, secrets: [SECRET] });
  assert.equal(openIdentity(mintIdentity('7')), '7');
  assert.equal(verify({ body: '' }).verdict, 'reject');
});

test('what is no module of ours', () => {
  const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  assert.throws(() => createVerifier({ module: empty }), /^TypeError: sonde: option module must be sonde-edge\.wasm, not another module$/);
  assert.throws(() => createVerifier({ module: read('dist/edge/sonde-edge.wasm') }), /must be a WebAssembly\.Module, such as .*, not object$/);
  assert.throws(() => createVerifier(), /^TypeError: sonde: createVerifier takes an object with module, not undefined$/);
});

test('two verifiers know nothing of each other', () => {
  const one = createVerifier({ module, secrets: [SECRET] });
  const other = createVerifier({ module, secrets: [`${SECRET}!`], maxMessage: 1 });
  assert.equal(other.openIdentity(one.mintIdentity('7')), null);
  assert.equal(one.openIdentity(other.mintIdentity('7')), null);
  assert.equal(other.checkRenderToken(one.signRenderToken()).render, 'invalid');
  one.wipe();
  assert.equal(other.openIdentity(other.mintIdentity('7')), '7');
});

/** A verifier and the memory of its instance. */
function caught(options) {
  const { Instance } = WebAssembly;
  let memory;
  WebAssembly.Instance = class extends Instance {
    constructor(...given) {
      super(...given);
      memory = this.exports.memory;
    }
  };
  try {
    const verifier = createVerifier({ module, ...options });
    return {
      verifier,
      holds: (text) => Buffer.from(memory.buffer).includes(text),
      used: () => new Uint8Array(memory.buffer).reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0),
    };
  } finally {
    WebAssembly.Instance = Instance;
  }
}

test('no secret, id or message stays in memory after its call', () => {
  const { verifier, holds } = caught({ secrets: [SECRET] });
  const render = verifier.signRenderToken(0);
  const id = 'somebody-with-an-id';
  const message = 'a message that nobody else reads';
  const body = JSON.stringify({ message, plain_connect_identity: verifier.mintIdentity(id), plain_connect_render_token: render });
  const submission = { body, contentType: 'application/json', now: 5000 };
  const steps = {
    createVerifier: () => {},
    mintIdentity: () => verifier.mintIdentity(id),
    openIdentity: () => assert.equal(verifier.openIdentity(verifier.mintIdentity(id)), id),
    'openIdentity, long': () => verifier.openIdentity(verifier.mintIdentity(id.repeat(10))),
    verify: () => assert.equal(verifier.verify(submission).user_id, id),
    verifyMany: () => assert.equal([...verifier.verifyMany(Array(700).fill(submission))].length, 700),
    // More than one crossing, because the answers of the first fill its memory.
    'verifyMany, answers that grow': () => {
      const fields = ['a', 'b', 'c'].map((name) => `${name}=${'\x01'.repeat(16_000)}`).join('&');
      const form = { body: `plain_connect_render_token=${render}&${fields}&d=${'\x01'.repeat(15_000)}&message=${message}`, contentType: 'application/x-www-form-urlencoded', now: 5000 };
      assert.deepEqual([...verifier.verifyMany(Array(4).fill(form))].map((verdict) => verdict.message), Array(4).fill(message));
    },
    'a failing call': () => assert.throws(() => verifier.mintIdentity(id.repeat(1000)), RangeError),
  };
  for (const [name, step] of Object.entries(steps)) {
    step();
    for (const text of [SECRET, id, message]) assert.equal(holds(text), false, `${name} leaves ${text}`);
  }
});

test('wipe leaves no key', () => {
  const { verifier, holds, used } = caught({ secrets: [SECRET] });
  const ipad = Buffer.from(SECRET).map((byte) => byte ^ 0x36);
  const hash = createHash('sha256').update(SECRET).digest();
  verifier.mintIdentity('7');
  const before = used();
  verifier.wipe();
  assert.ok(used() < before - 256, 'the key schedule alone has as many bytes');
  for (const bytes of [SECRET, hash, ipad]) assert.equal(holds(bytes), false);
});

test('explain: a status, a field and a message for each reason, and nothing else', () => {
  const reasons = [...read('src/signed_reasons.def').toString().matchAll(/^SONDE_REASON\((\w+), (\d+), "(\w*)", "(.*)"\)$/gm)];
  assert.ok(reasons.length > 20);
  for (const [, code, status, field, message] of reasons) assert.deepEqual(explain(code), { status: Number(status), field, message });
  for (const none of [null, undefined, '', 'toString', '__proto__', 'bad']) assert.equal(explain(none), null);
});

test('a nonce is bound to texts as they are, and its expiry is a number', () => {
  const sonde = createVerifier({ module, secrets: [SECRET] });
  for (const bound of [{ session: 'a\ud800', path: '/' }, { session: 'a', path: '\udc00' }])
    assert.throws(() => sonde.sealNonce({ ...bound, expiry: 2e9 }), { name: 'RangeError', message: /well-formed/ });
  for (const expiry of [null, true, '2000000000', 1.5, NaN, undefined])
    assert.throws(() => sonde.sealNonce({ session: 's', path: '/', expiry }), { name: 'RangeError', message: /expiry must be whole seconds/ });
});
