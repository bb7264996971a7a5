// sonde verify: one submission, and many of them, in order, with bad ones
// among them; the same on all hosts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { expect, HOSTS, MODULE, NATIVE, run, runOn, temporary, WASMTIME } from './lib/hosts.mjs';
import { NOW, renderToken, SECRET, submission } from './lib/submissions.mjs';

const env = { SONDE_SECRET_KEY: SECRET };
const AT = ['--now', String(NOW)];
const fields = submission(1);
const json = (changes) => JSON.stringify({ ...fields, ...changes });
const form = (changes) => new URLSearchParams({ ...fields, ...changes }).toString();
const FORM = ['--content-type', 'application/x-www-form-urlencoded'];

const ACCEPTED = {
  verdict: 'accept', reason: null, render: 'ok', age_seconds: 17, user_id: 'user-1', identity: 'ok',
  name: fields.name, email: fields.email, message: fields.message, form_slug: 'support', next: null, extras: { order: 'A-1' },
};

/* ---- One ------------------------------------------------------------------ */

const ONE = [
  ['JSON', [], json(), { verdict: 'accept' }],
  ['a form', FORM, form(), { verdict: 'accept' }],
  ['a form and a charset', ['--content-type=application/x-www-form-urlencoded; charset=utf-8'], form(), { verdict: 'accept' }],
  ['a body of the other type', FORM, json(), { reason: 'key_too_long' }],
  ['multipart', ['--content-type', 'multipart/form-data'], json(), { reason: 'content_type' }],
  ['a bot', [], json({ plain_connect_check: 'x' }), { verdict: 'discard', reason: null }],
  ['no message', [], json({ message: ' ' }), { reason: 'message_missing' }],
  ['nothing', [], '', { reason: 'bad_json' }],
  ['no JSON', [], '{"message":', { reason: 'bad_json' }],
  ['too quick', ['--min-age', '18'], json(), { reason: 'render_too_fresh', render: 'too_fresh' }],
  ['too late', ['--max-age', '16'], json(), { reason: 'render_stale', render: 'stale' }],
  ['another time', ['--now', String(NOW + 1.5)], json(), { age_seconds: 18 }],
  ['an origin', ['--origin', 'https://a.example'], json(), { verdict: 'accept' }],
  ['the origin null', ['--origin=null'], json(), { reason: 'origin_null' }],
  ['an allowed origin', ['--origin=https://b.example', '--allow-origin=https://a.example', '--allow-origin', 'https://b.example'], json(), { verdict: 'accept' }],
  ['an origin that is not', ['--origin=https://c.example', '--allow-origin=https://a.example'], json(), { reason: 'origin_not_allowed' }],
  ['no origin', ['--allow-origin=https://a.example'], json(), { reason: 'origin_missing' }],
  ['an endpoint', ['--endpoint', 'plain_sf_abc123'], json(), { verdict: 'accept' }],
  ['no endpoint', ['--endpoint', 'a/b'], json(), { reason: 'endpoint_invalid' }],
  ['an allowed target', ['--allow-next', '/thanks', '--allow-next=https://a.example'], json({ _next: 'https://a.example/b' }), { next: 'https://a.example/b' }],
  ['a target that is not', ['--allow-next', '/thanks'], json({ _next: '//a.example/' }), { next: null }],
  ['a target, none allowed', [], json({ _next: '/thanks' }), { next: null }],
  ['the largest body', ['--max-body', '1024', '--max-message=500'], json({ message: 'x' }).padEnd(1024), { verdict: 'accept' }],
  ['a larger one', ['--max-body', '1024'], json({ message: 'x' }).padEnd(1025), { reason: 'body_too_large' }],
  ['a far larger one', [], `{"message":"${'x'.repeat(1e6)}"}`, { reason: 'body_too_large' }],
  ['a large one that is allowed', ['--max-body=1048576', '--max-message', '1048576', '--max-value=1048576'], json({ message: 'y'.repeat(1e6) }), { message: 'y'.repeat(1e6) }],
  ['many fields', ['--max-fields', '8'], json({ a: 1 }), { reason: 'too_many_fields' }],
  ['a long key', ['--max-key', '32'], json({ ['k'.repeat(33)]: '' }), { reason: 'key_too_long' }],
  ['a long value', ['--max-value', '1000'], json({ k: 'v'.repeat(1001) }), { reason: 'value_too_long' }],
  ['a long message', ['--max-message', '9'], json(), { reason: 'message_too_long' }],
  ['a long address', ['--max-email', '6'], json(), { reason: 'email_invalid' }],
  ['control characters, which take six times the room', [], json({ message: '\u0001'.repeat(8000) }), { message: '\u0001'.repeat(8000) }],
];

for (const [name, args, input, want] of ONE)
  test(name, () => {
    const answer = run(['verify', ...AT, ...args], { env, input });
    const verdict = JSON.parse(answer.out);
    const kind = want.verdict ?? (want.reason ? 'reject' : 'accept');
    assert.deepEqual({ ...verdict, ...want, verdict: kind }, verdict);
    expect(answer, { code: kind === 'accept' ? 0 : 1, out: `${JSON.stringify(verdict)}\n` });
  });

test('all of a verdict', () => {
  expect(run(['verify', ...AT], { env, input: json() }), { code: 0, out: `${JSON.stringify(ACCEPTED)}\n` });
});

test('without a secret it passes, unverified', () => {
  const { code, out, err } = run(['verify', ...AT], { input: json() });
  assert.match(err, /^sonde: there is no secret, so nothing is verified: .*SONDE_SECRET_KEY/);
  const verdict = JSON.parse(out);
  assert.deepEqual([code, verdict.verdict, verdict.render, verdict.identity], [0, 'accept', 'unverified', 'unconfigured']);
});

/* ---- Many ----------------------------------------------------------------- */

const many = (input, ...args) => run(['verify', '--ndjson', ...AT, ...args], { env, input });
const verdicts = (answer) => answer.out.split('\n').slice(0, -1).map((line) => JSON.parse(line));
const numbered = (input, ...args) => verdicts(many(input, ...args)).map(({ verdict, reason, id, line }) => [verdict, reason, id, line]);
const ok = (id) => ['accept', null, id, undefined];
const bad = (reason, line, id) => ['reject', reason, id, line];
const line = json();
const enveloped = (id, more) => JSON.stringify({ id, body: line, ...more });
const QUICK = json({ plain_connect_render_token: renderToken(NOW) });

test('10,000 lines, in order', () => {
  const count = 10_000;
  const input = Array.from({ length: count }, (_, i) => `${JSON.stringify({ ...fields, order: String(i) })}\n`).join('');
  const answer = many(input);
  assert.deepEqual([answer.code, answer.err], [0, '']);
  assert.equal(answer.out, Array.from({ length: count }, (_, i) =>
    `${JSON.stringify({ ...ACCEPTED, extras: { order: String(i) } })}\n`).join(''));
});

const LONG = 'x'.repeat(2e6);
const MANY = [
  ['nothing', '', [], 0],
  ['one without a line end', line, [ok()], 0],
  ['a bad line in the middle', `${line}\nno JSON\n${line}\n`, [ok(), bad('bad_json', 2), ok()], 1],
  ['empty lines count', `\n\n${line}\n\nno JSON\n`, [ok(), bad('bad_json', 5)], 1],
  ['a bot among them', `${line}\n${json({ plain_connect_check: 'x' })}\n`, [ok(), ['discard', null, undefined, undefined]], 1],
  ['input that ends in the middle of a line', `${line}\n${line.slice(0, 99)}`, [ok(), bad('bad_json', 2)], 1],
  ['a NUL', `${line}\n\0\n${line}\n`, [ok(), bad('bad_json', 2), ok()], 1],
  ['a line longer than the buffer', `${line}\n${LONG}\n${line}\nno JSON\n`, [ok(), bad('body_too_large', 2), ok(), bad('bad_json', 4)], 1],
  ['first', `${LONG}\n${line}`, [bad('body_too_large', 1), ok()], 1],
  ['last', `${line}\n${LONG}`, [ok(), bad('body_too_large', 2)], 1],
  ['two of them', `${LONG}\n${LONG}\n${line}\n`, [bad('body_too_large', 1), bad('body_too_large', 2), ok()], 1],
  ['only that', LONG, [bad('body_too_large', 1)], 1],
  ['envelopes', `${enveloped('a')}\n${enveloped(2)}\n${JSON.stringify({ body: line })}\n`, [ok('a'), ok(2), ok()], 0, '--envelope'],
  ['an envelope of its own time', `${enveloped(1, { now: NOW - 17 })}\n`, [bad('render_too_fresh', undefined, 1)], 1, '--envelope'],
  ['of its own type', `${enveloped(1, { body: form(), content_type: 'application/x-www-form-urlencoded' })}\n`, [ok(1)], 0, '--envelope'],
  ['of the type that is told', `${enveloped(1, { body: form() })}\n`, [ok(1)], 0, '--envelope', ...FORM],
  ['of its own origin', `${enveloped(1, { origin: 'null' })}\n${enveloped(2)}\n`, [bad('origin_null', undefined, 1), ok(2)], 1, '--envelope', '--origin', 'https://a.example'],
  ['no envelope', `${line}\n${enveloped(2)}\n`, [bad('bad_json', 1), ok(2)], 1, '--envelope'],
  ['a long one', `${enveloped('a', { body: LONG })}\n${enveloped(2)}\n`, [bad('body_too_large', 1), ok(2)], 1, '--envelope'],
  ['a body in its longest spelling', `{"id":1,"body":"${[...json().padEnd(65536)].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"}\n`, [ok(1)], 0, '--envelope'],
  ['a replay', `${line}\n${line}\n${QUICK}\n`, [ok(), bad('render_replayed'), bad('render_too_fresh')], 1, '--max-uses', '1'],
];

for (const [name, input, want, code, ...args] of MANY)
  test(`lines: ${name}`, () => {
    assert.deepEqual(numbered(input, ...args), want);
    expect(many(input, ...args), { code, out: /^([^\n]+\n)*$/ });
  });

test('lines: one that is too long, without a secret', () => {
  const { out } = run(['verify', '--ndjson', ...AT], { input: LONG });
  assert.deepEqual(JSON.parse(out), {
    verdict: 'reject', reason: 'body_too_large', render: 'unverified', age_seconds: null, user_id: null, identity: 'absent',
    name: null, email: null, message: null, form_slug: null, next: null, extras: {}, line: 1,
  });
});

test('lines: verdicts of the largest size', () => {
  const message = '\u0001'.repeat(16384);
  const input = `${json({ message, a: message.slice(0, 1e4) }).replaceAll('\\u0001', '\u0001')}\n`.repeat(3);
  assert.deepEqual(numbered(input), [bad('bad_json', 1), bad('bad_json', 2), bad('bad_json', 3)]);
  const spelt = `${JSON.stringify({ id: 1, body: form({ message, a: message, b: message }) })}\n`;
  assert.deepEqual(numbered(spelt.repeat(9), '--envelope', '--max-body=262144', ...FORM), Array(9).fill(ok(1)));
});

test('lines: memory does not grow with their number', () => {
  const native = HOSTS.find(({ name }) => name === 'native');
  const input = `${line}\n`.repeat(100_000);
  const { code, out } = runOn(native, ['verify', '--ndjson', ...AT], { env, input, before: 'ulimit -v 16384', shell: '>/dev/null' });
  assert.deepEqual([code, out], [0, '']);
});

const inWasmtime = { skip: !WASMTIME && process.env.CI !== 'true' && 'SONDE_WASMTIME names no Wasmtime' };
test('lines: nor does it in Wasmtime, with 3 MB', inWasmtime, () => {
  const args = ['run', '-W', 'max-memory-size=3000000', '--env', 'SONDE_SECRET_KEY', MODULE, 'verify', '--ndjson', ...AT];
  const { status, stdout, stderr } = spawnSync(WASMTIME, args, { input: `${line}\n`.repeat(20_000), env, maxBuffer: 2 ** 28 });
  assert.deepEqual([status, String(stderr)], [0, '']);
  assert.equal(stdout.toString().split('\n').length, 20_001);
});

test('lines: progress, on a terminal only', () => {
  const native = `'${NATIVE}' verify --ndjson --now ${NOW} <"$FILE" >"$FILE.out"`;
  const file = join(temporary(), 'lines');
  writeFileSync(file, `${line}\nno JSON\n`);
  const { stdout, error } = spawnSync('script', ['-qec', native, '/dev/null'], { env: { ...process.env, ...env, FILE: file }, encoding: 'utf8' });
  assert.ifError(error);
  assert.match(stdout, /^\r1 accepted, 0 discarded, 1 rejected, \d+ a second \r\n$/);
  assert.deepEqual(readFileSync(`${file}.out`, 'utf8').match(/"verdict":"\w+"/g), ['"verdict":"accept"', '"verdict":"reject"']);
});
