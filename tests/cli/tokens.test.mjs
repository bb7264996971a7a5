// Identity tokens and render tokens: the vectors of the wire formats, what
// does not open, and where secrets come from; the same on all hosts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { expect, HOSTS, NATIVE, run, runOn } from './lib/hosts.mjs';
import { identityToken, renderToken, SECRET } from './lib/submissions.mjs';

const APP = { SONDE_SECRET_KEY: 'app-secret' };
const WEAK = '--allow-weak-secret';
const KEY = { SONDE_SECRET_KEY: SECRET };
const OLD = 'the secret of last year, as long';
const TOKENS = [
  ['42', 'AAECAwQFBgcICQoLTn4DijnGJWPu9CAXr0X8t2fR'],
  ['7', '________________Aa9vc0gaI5dFo_klwNBAMYE='],
  ['user-é-😀', 'ICEiIyQlJicoKSorSd6O4v9fBdz_jq70pJfdFTjvZFLQiKIroJbUdw=='],
];
const EMPTY = 'DA0ODxAREhMUFRYXzLlCHjQGChvFoHUb3APKwA==';
const SIGNED = '1763661600.5054ff372c5688231a2f0369dc640461e4830dff19595ee07f165613d1c0dda6';
const RENDERS = [
  [0, '0.8f7d20d249ea1b0c34a5dd22a9bb0b631127cb10a1b60794c1f4987b28d2a9e9'],
  [1700000000, '1700000000.654f7e64257f91fff31252fc8eba65ec024f2c017fcdd94cd8def9f0232cc57d'],
  [1763661600, SIGNED],
];
const MALFORMED = 'the token is not of its format: it was cut, respelt or never was one';
const FORGED = 'no secret fits the token: it was changed, or made with another secret';

const table = (cases) => cases.forEach(([name, args, want, how]) => test(name, () => expect(run(args, how), want)));

/* ---- Identity tokens ----------------------------------------------------- */

const lines = (texts) => texts.map((text) => `${text}\n`).join('');
const ids = lines(TOKENS.map(([id]) => id));
const tokens = lines(TOKENS.map(([, token]) => token));
const other = identityToken('5', 1, OLD);
const DASH = identityToken('1', 0xf8000000);
const DASHES = identityToken('2', 0xfbe00000);
assert.match(DASH, /^-[^-]/);
assert.match(DASHES, /^--/);

table([
  ['vectors as arguments', ['token', 'open', WEAK, ...TOKENS.map(([, token]) => token)], { code: 0, out: ids }, { env: APP }],
  ['vectors as lines', ['token', 'open', WEAK], { code: 0, out: ids }, { env: APP, input: tokens }],
  ['no line end behind the last', ['token', 'open', WEAK], { code: 0, out: ids }, { env: APP, input: tokens.trimEnd() }],
  ['padding left off', ['token', 'open', WEAK, TOKENS[1][1].slice(0, -1)], { code: 0, out: '7\n' }, { env: APP }],
  ['no token at all', ['token', 'open', WEAK], { code: 0, out: '' }, { env: APP }],
  ['an empty id', ['token', 'open', WEAK, EMPTY], { code: 1, out: '\n', err: `token 1: ${MALFORMED}` }, { env: APP }],
  ['a bad one in the middle', ['token', 'open', WEAK], { code: 1, out: '42\n\n7\n', err: `token 2: ${MALFORMED}` },
    { env: APP, input: lines([TOKENS[0][1], 'no token', TOKENS[1][1]]) }],
  ['an empty line', ['token', 'open', WEAK], { code: 1, out: '\n42\n', err: `token 1: ${MALFORMED}` }, { env: APP, input: lines(['', TOKENS[0][1]]) }],
  ['a carriage return', ['token', 'open', WEAK], { code: 1, out: '\n', err: /format/ }, { env: APP, input: `${TOKENS[0][1]}\r\n` }],
  ['a line of 100,000 characters', ['token', 'open', WEAK], { code: 1, out: '\n42\n', err: `token 1: ${MALFORMED}` },
    { env: APP, input: lines(['A'.repeat(1e5), TOKENS[0][1]]) }],
  ['another secret', ['token', 'open', other], { code: 1, out: '\n', err: `token 1: ${FORGED}` }, { env: KEY }],
  ['a rotated secret', ['token', 'open', other], { code: 0, out: '5\n' }, { env: { SONDE_SECRET_KEY: `${SECRET}\n${OLD}` } }],
  ['an id with a line end', ['token', 'open', identityToken('a\nb', 1)], { code: 1, out: '\n', err: /line end/ }, { env: KEY }],
  ['tokens that begin with dashes', ['token', 'open', DASH, DASHES], { code: 0, out: '1\n2\n' }, { env: KEY }],
  ['no secret', ['token', 'open', other], { code: 2, out: '', err: /no secret: set SONDE_SECRET_KEY/ }],
  ['minting without a secret', ['token', 'mint', '1'], { code: 2, out: '', err: /no secret: set SONDE_SECRET_KEY/ }],
  ['minting an empty id', ['token', 'mint', ''], { code: 1, out: '\n', err: 'id 1: an id is UTF-8 of 1 to 4096 bytes' }, { env: KEY }],
  ['minting a long id', ['token', 'mint'], { code: 1, out: '\n', err: /4096/ }, { env: KEY, input: 'x'.repeat(4097) }],
  ['minting a line end', ['token', 'mint', 'a\nb'], { code: 1, out: '\n', err: /line end/ }, { env: KEY }],
]);

for (const host of HOSTS) {
  const on = (args, how) => runOn(host, args, { env: KEY, ...how });

  test(`${host.name}: what it mints opens, and no token comes twice`, () => {
    const users = Array.from({ length: 2000 }, (_, i) => `user-${i % 10}-é`);
    const minted = on(['token', 'mint'], { input: lines(users) });
    assert.equal(minted.code, 0);
    assert.equal(new Set(minted.out.trim().split('\n')).size, users.length);
    expect(on(['token', 'open'], { input: minted.out }), { code: 0, out: lines(users) });
  });

  test(`${host.name}: ids as arguments, also behind --`, () => {
    const minted = on(['token', 'mint', '5', '--', '-7', '--now']);
    expect(on(['token', 'open', ...minted.out.trim().split('\n')]), { code: 0, out: '5\n-7\n--now\n' });
  });

  test(`${host.name}: it mints with the newest secret`, () => {
    const minted = on(['token', 'mint', '5'], { env: { SONDE_SECRET_KEY: `${OLD}\n${SECRET}` } });
    expect(on(['token', 'open', minted.out.trim()], { env: { SONDE_SECRET_KEY: OLD } }), { code: 0, out: '5\n' });
  });
}

test('without random bytes nothing is minted', () => {
  const node = HOSTS.find(({ name }) => name === 'node');
  const answer = runOn(node, ['token', 'mint', '1', '2'], { env: { ...KEY, SONDE_NO_ENTROPY: '1' } });
  expect(answer, { code: 1, out: '', err: /^sonde: the host gives no random bytes.*\n$/ });
});

/* ---- Render tokens ------------------------------------------------------- */

const check = (token, now, ...more) => ['render', 'check', token, '--now', String(now), ...more];
const at = (name, age, code, out, ...more) => [name, check(renderToken(1e9), 1e9 + age, ...more), { code, out }, { env: KEY }];

table([
  ...RENDERS.map(([time, token]) => [`sign ${time}`, ['render', 'sign', WEAK, `--now=${time}`], { code: 0, out: `${token}\n` }, { env: APP }]),
  ...RENDERS.map(([time, token]) => [`check ${time}`, check(token, time + 17, WEAK), { code: 0, out: 'ok 17\n' }, { env: APP }]),
  ['sign within a second', ['render', 'sign', WEAK, '--now', '1763661600.999'], { code: 0, out: `${SIGNED}\n` }, { env: APP }],
  at('younger than 2 s', 1.999, 1, 'too_fresh 1\n'),
  at('2 s', 2, 0, 'ok 2\n'),
  at('4 h', 14400, 0, 'ok 14400\n'),
  at('more than 4 h', 14401, 1, 'stale 14401\n'),
  at('5 s ahead', -5, 1, 'too_fresh 0\n'),
  at('more than that', -6, 1, 'future\n'),
  at('another least age', 1, 0, 'ok 1\n', '--min-age=1'),
  at('another greatest age', 61, 1, 'stale 61\n', '--max-age', '60'),
  at('another skew', -6, 0, 'ok 0\n', '--max-skew=6', '--min-age=0'),
  ['changed', check(SIGNED.replace('.5', '.6'), 1763661617, WEAK), { code: 1, out: 'invalid\n' }, { env: APP }],
  ['no token', check('', 1763661617), { code: 1, out: 'missing\n' }, { env: KEY }],
  ['without a secret', check(SIGNED, 1763661617), { code: 0, out: 'unverified\n' }],
  ['signed without a secret', ['render', 'sign'], { code: 0, out: '\n', err: 'there is no secret, so the token is empty' }],
]);

test('the clock', () => {
  for (const host of HOSTS) {
    const { out } = runOn(host, ['render', 'sign'], { env: KEY });
    const seconds = Number(out.split('.')[0]);
    assert.ok(Math.abs(seconds - Date.now() / 1000) < 60, `${host.name} signed ${seconds}`);
    expect(runOn(host, ['render', 'check', out.trim(), '--min-age=0'], { env: KEY }), { code: 0, out: /^ok \d+\n$/ });
  }
});

/* ---- Secrets ------------------------------------------------------------- */

const OPEN = ['token', 'open', identityToken('9', 9)];
const opens = { code: 0, out: '9\n' };
const refused = (err) => ({ code: 2, out: '', err });
const ALIAS = 'PLAIN_CONNECT_SECRET_KEY';

table([
  ['from the alias', OPEN, opens, { env: { [ALIAS]: SECRET } }],
  ['the name wins', OPEN, opens, { env: { SONDE_SECRET_KEY: SECRET, [ALIAS]: OLD } }],
  ['an empty name does not', OPEN, opens, { env: { SONDE_SECRET_KEY: '', [ALIAS]: SECRET } }],
  ['several in the alias', OPEN, opens, { env: { [ALIAS]: `${OLD}\n\n${SECRET}\n` } }],
  ['from a descriptor', [...OPEN, '--secret-fd', '0'], opens, { input: `${SECRET}\n`, env: { SONDE_SECRET_KEY: OLD } }],
  ['several from a descriptor', [...OPEN, '--secret-fd=0'], opens, { input: `${OLD}\n${SECRET}` }],
  ['none in the descriptor', [...OPEN, '--secret-fd=0'], refused('there is no secret in --secret-fd'), { input: '\n\n' }],
  ['too many', [...OPEN, '--secret-fd=0'], refused(/^sonde: secret 9 of --secret-fd is one too many/), { input: lines(Array(9).fill(OLD)) }],
  ['far too many', [...OPEN, '--secret-fd=0'], refused('--secret-fd holds more than 8 secrets of 1024 bytes'), { input: lines(Array(1e5).fill(OLD)) }],
  ['too long', [...OPEN, '--secret-fd=0'], refused(/longer than 1024/), { input: 'x'.repeat(1025) }],
  ['a carriage return', [...OPEN, '--secret-fd=0'], refused(/secret 1 of --secret-fd ends with a carriage return/), { input: `${SECRET}\r\n` }],
  ['too short', OPEN, refused(/^sonde: secret 1 of SONDE_SECRET_KEY is shorter than 16 bytes/), { env: { SONDE_SECRET_KEY: 'hunter2-hunter2' } }],
  ['the second one too short', OPEN, refused(/^sonde: secret 2 of/), { env: { SONDE_SECRET_KEY: `${SECRET}\nhunter2` } }],
  ['on the same input as tokens', ['token', 'open', '--secret-fd=0'], refused(/both the secrets and the tokens/)],
  ['on the same input as ids', ['token', 'mint', '--secret-fd=0'], refused(/both the secrets and the ids/)],
  ['on the same input as a submission', ['verify', '--secret-fd=0'], refused(/standard input is the submission/)],
  ['from a descriptor that is not open', [...OPEN, '--secret-fd', '999'], refused(/^sonde: cannot read file descriptor 999: Bad file descriptor/)],
]);

test('natively, from any descriptor', () => {
  const native = HOSTS.find(({ name }) => name === 'native');
  expect(runOn(native, ['token', 'open', '--secret-fd=3'], { shell: `3<<'END'\n${SECRET}\nEND\n`, input: identityToken('9', 9) }), opens);
});

const hasProc = { skip: !existsSync('/proc/self/environ') && 'this system has no /proc' };
test('natively, the environment of the running process forgets it', hasProc, async () => {
  const env = { SONDE_SECRET_KEY: SECRET, PLAIN_CONNECT_SECRET_KEY: OLD, OTHER: 'left' };
  const child = spawn(NATIVE, ['token', 'open'], { env });
  child.stdin.write(`${identityToken('9', 9)}\n`);
  const [id] = await once(child.stdout, 'data');
  const seen = readFileSync(`/proc/${child.pid}/environ`, 'utf8');
  child.stdin.end();
  assert.deepEqual([String(id), await once(child, 'close')], ['9\n', [0, null]]);
  assert.match(seen, /OTHER=left/);
  assert.doesNotMatch(seen, /secret of/);
});

test('no secret is repeated in a message', () => {
  const env = { SONDE_SECRET_KEY: 'hunter2-hunter2' };
  for (const args of [OPEN, ['verify'], ['check-config'], ['render', 'sign']]) {
    const { out, err } = run(args, { env });
    assert.doesNotMatch(out + err, /hunter2/);
  }
  for (const args of [['verify', '--secret-key=hunter2'], ['token', 'mint', '--secret', 'hunter2'], ['verify', 'hunter2'], ['verify', '--now', 'hunter2']])
    assert.doesNotMatch(run(args).err, /hunter2/);
});
