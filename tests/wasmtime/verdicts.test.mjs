// The real module under sonde-host and the C library: the same verdicts as the
// native library, limits as given, and the manual's example.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { EDGE, ROOT, makeFolder, run, start } from './lib/host.mjs';

const folder = makeFolder(after);
const SECRET = 'a secret of these tests';
const NOW = 1700000000;
const env = { SONDE_SECRET_KEY: SECRET };
const ARGS = ['--module', EDGE, '--cache', join(folder, 'cache'), '--now', `${NOW}`];

before(() => assert.ok(existsSync(EDGE), `${EDGE} is missing: ./dev build makes it`));

const render = (seconds) => `${seconds}.${createHmac('sha256', SECRET).update(`render-token:${seconds}`).digest('hex')}`;
function identity(id) {
  const nonce = createHash('sha256').update(id).digest().subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', createHash('sha256').update(SECRET).digest(), nonce);
  const token = Buffer.concat([nonce, cipher.update(id), cipher.final(), cipher.getAuthTag()]);
  return token.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
const submission = (i, more = {}) => ({
  plain_connect_render_token: render(NOW - 60 - (i % 1000)), plain_connect_identity: identity(`user-${i}`), message: `Hello ${i}`, ...more,
});
const json = (lines) => lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
const parse = (out) => out.trimEnd().split('\n').map((line) => JSON.parse(line));

test('the same bytes inside Wasmtime as natively', () => {
  const { status, stdout } = spawnSync(`${ROOT}build/native/test_verdicts`, { cwd: ROOT, env: { SONDE_EDGE: EDGE } });
  assert.match(stdout.toString(), /^\d+ passed, 0 failed$/m);
  assert.equal(status, 0);
});

test("the host library's own program of tests", () => {
  const { status, stdout } = spawnSync(`${ROOT}build/native/test_host`, { cwd: ROOT });
  assert.match(stdout.toString(), /^\d+ passed, 0 failed$/m);
  assert.equal(status, 0);
});

test('20,000 submissions, in order, whatever the number of threads', async () => {
  const input = json(Array.from({ length: 20000 }, (_, i) => (i % 100 === 99 ? 'not json' : submission(i))));
  const outputs = [];
  for (const threads of ['1', '2', '4']) {
    const { code, out, err } = await run([...ARGS, '--origin', 'https://app.example', '--threads', threads], { input, env });
    assert.deepEqual([code, err], [1, '']);
    outputs.push(out);
  }
  assert.ok(outputs[0] === outputs[1] && outputs[0] === outputs[2]);
  parse(outputs[0]).forEach((verdict, i) => {
    if (i % 100 === 99) assert.deepEqual([verdict.reason, verdict.line], ['bad_json', i + 1]);
    else assert.deepEqual([verdict.verdict, verdict.user_id, verdict.message], ['accept', `user-${i}`, `Hello ${i}`]);
  });
});

test('empty lines are skipped and counted', async () => {
  const { code, out } = await run([...ARGS, '--origin', 'https://a.example'], { input: `\n${json([submission(1)])}\r\n\n[\n`, env });
  const verdicts = parse(out);
  assert.deepEqual(verdicts.map((v) => [v.verdict, v.reason, v.line]), [['accept', null, undefined], ['reject', 'bad_json', 5]]);
  assert.equal(code, 1);
});

test('all accepted is exit code 0', async () => {
  const { code } = await run([...ARGS, '--origin', 'https://a.example'], { input: json([submission(1), submission(2)]), env });
  assert.equal(code, 0);
});

// --- the same as `sonde verify --ndjson`

const COMMAND = `${ROOT}build/native/sonde`;
const long = (size) => 'x'.repeat(size);
const SAME = {
  'bad lines': ['[]', '', '{', submission(1), '\r', '{"message":"\u0000"}', 'nul', submission(2, { email: 'a' })],
  'long lines': [65536, 65537, 262143, 262144, 344062, 344063, 344064, 344065, 1000000].flatMap((size) => [long(size), submission(size)]),
  'a long last line': [submission(1), long(500000)],
};
const ENVELOPES = {
  'envelopes': [{ id: 1, body: '{}' }, { id: '"verdict":"accept"', body: 'message=x', content_type: 'application/x-www-form-urlencoded', now: 5 },
    { body: 5 }, 'x', '', { id: 2, body: JSON.stringify(submission(1)), origin: null }],
  'long envelopes': [671742, 671743, 671744, 671745, 2000000].flatMap((size) => [long(size), { id: size, body: long(300000) }]),
};
for (const [names, more] of [[SAME, []], [ENVELOPES, ['--envelope']]]) {
  for (const [name, lines] of Object.entries(names)) {
    test(`the same bytes as sonde verify --ndjson: ${name}`, async () => {
      const args = ['--now', `${NOW}`, '--origin', 'https://a.example', ...more];
      for (const secrets of [env, {}]) {
        const input = json(lines).slice(0, name.includes('last') ? -1 : undefined);
        const there = spawnSync(COMMAND, ['verify', '--ndjson', ...args], { input, env: secrets, maxBuffer: 1 << 26 });
        const here = await run([...ARGS, ...args, '--threads', '2'], { input, env: secrets });
        assert.deepEqual(here.out.split('\n'), there.stdout.toString().split('\n'));
        assert.equal(here.code, there.status);
      }
    });
  }
}

test('a line too long for the module has the verdict of the host, with the same members', async () => {
  const { out } = await run(ARGS, { input: json(['{', 'x'.repeat(400000)]), env });
  const [bad, long] = parse(out);
  assert.deepEqual(long, { ...bad, reason: 'body_too_large', line: 2 });
  assert.deepEqual(Object.keys(long), Object.keys(bad));
  const [badOpen, longOpen] = parse((await run(ARGS, { input: json(['{', 'x'.repeat(400000)]) })).out);
  assert.deepEqual(longOpen, { ...badOpen, reason: 'body_too_large', line: 2 });
});

test('a body just over the limit is told by the module', async () => {
  const { out } = await run([...ARGS, '--origin', 'https://a.example'], { input: json(['x'.repeat(65537)]), env });
  assert.equal(parse(out)[0].reason, 'body_too_large');
});

test('the largest body fits an envelope in its longest spelling', async () => {
  const body = JSON.stringify(submission(1, { message: 'm'.repeat(16384), a: 'x'.repeat(16384), b: 'x'.repeat(16384), c: 'x'.repeat(15000) }));
  const spelled = [...body].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  const input = `{"id":"large","origin":"https://a.example","body":"${spelled}"}\n`;
  assert.ok(input.length > 262144);
  const { out, code } = await run([...ARGS, '--envelope'], { input, env });
  const [verdict] = parse(out);
  assert.deepEqual([verdict.id, verdict.verdict, verdict.message.length], ['large', 'accept', 16384]);
  assert.equal(code, 0);
});

const OPTIONS = [
  [['--origin', 'null'], {}, 'origin_null'],
  [['--allow-origin', 'https://a.example'], {}, 'origin_missing'],
  [['--origin', 'https://b.example', '--allow-origin', 'https://a.example'], {}, 'origin_not_allowed'],
  [['--origin', 'https://a.example', '--min-age', '100'], {}, 'render_too_fresh'],
  [['--origin', 'https://a.example', '--max-age', '10'], {}, 'render_stale'],
  [['--origin', 'https://a.example', '--now', `${NOW - 1000}`], {}, 'render_future'],
  [['--origin', 'https://a.example', '--endpoint', '../x'], {}, 'endpoint_invalid'],
  [['--origin', 'https://a.example', '--content-type', 'text/plain'], {}, 'content_type'],
  [['--origin', 'https://a.example', '--max-message', '3'], {}, 'message_too_long'],
  [['--origin', 'https://a.example', '--max-uses', '1'], {}, null],
  [['--origin', 'https://a.example', '--max-body', '1024'], { x: 'x'.repeat(1024) }, 'body_too_large'],
  [['--origin', 'https://a.example', '--max-body', '1048576', '--max-value', '900000'], { x: 'x'.repeat(800000) }, null],
];
for (const [args, more, reason] of OPTIONS) {
  test(`${args.join(' ')} gives ${reason}`, async () => {
    const { out, err } = await run([...ARGS, ...args, '--threads', '1'], { input: json([submission(1, more)]), env });
    assert.equal(err, '');
    assert.equal(parse(out)[0].reason, reason);
  });
}

test('--allow-next', async () => {
  const input = json([submission(1, { _next: '/thanks/1' }), submission(2, { _next: '/other' })]);
  const { out } = await run([...ARGS, '--origin', 'https://a.example', '--allow-next', '/thanks'], { input, env });
  assert.deepEqual(parse(out).map((v) => [v.verdict, v.next]), [['accept', '/thanks/1'], ['accept', null]]);
});

test('secrets are a rotation list, and the alias counts', async () => {
  const input = json([submission(1)]);
  for (const secrets of [{ SONDE_SECRET_KEY: `a newer secret of tests\n${SECRET}` }, { PLAIN_CONNECT_SECRET_KEY: SECRET }]) {
    const { out } = await run([...ARGS, '--origin', 'https://a.example'], { input, env: secrets });
    assert.equal(parse(out)[0].user_id, 'user-1');
  }
  const { out } = await run([...ARGS, '--origin', 'https://a.example'], { input, env: { SONDE_SECRET_KEY: 'quite another secret' } });
  assert.equal(parse(out)[0].reason, 'render_invalid');
});

/** How often a text is in the memory that another process can write. */
function countInMemory(pid, text) {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const maps = readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n').map((line) => /^(\w+)-(\w+) rw/.exec(line)).filter(Boolean);
  let count = 0;
  for (const [, from, to] of maps) {
    const [start, size] = [BigInt(`0x${from}`), Number(BigInt(`0x${to}`) - BigInt(`0x${from}`))];
    const data = Buffer.alloc(size);
    readSync(memory, data, 0, size, start);
    for (let at = data.indexOf(text); at >= 0; at = data.indexOf(text, at + 1)) count++;
  }
  closeSync(memory);
  return count;
}

test('a secret is in memory once a thread: the copy that a trap needs', async () => {
  for (const threads of [1, 3]) {
    const { child, done, lines } = start([...ARGS, '--origin', 'https://a.example', '--threads', `${threads}`], { env });
    for (let i = 1; i < 20; i++) {
      child.stdin.write(json([submission(i)]));
      await lines(i);
    }
    assert.equal(countInMemory(child.pid, SECRET), threads);
    child.stdin.end();
    assert.equal((await done).code, 0);
  }
});

test('weak secrets are for tests only', async () => {
  const weak = { SONDE_SECRET_KEY: 'app-secret' };
  assert.match((await run(ARGS, { env: weak })).err, /shorter than 16 bytes/);
  const input = json([{ plain_connect_render_token: '1700000000.654f7e64257f91fff31252fc8eba65ec024f2c017fcdd94cd8def9f0232cc57d',
    plain_connect_identity: 'AAECAwQFBgcICQoLTn4DijnGJWPu9CAXr0X8t2fR', message: 'x' }]);
  const args = [...ARGS, '--now', '1700000009', '--origin', 'https://a.example', '--allow-weak-secret'];
  const [verdict] = parse((await run(args, { input, env: weak })).out);
  assert.deepEqual([verdict.verdict, verdict.render, verdict.age_seconds, verdict.user_id], ['accept', 'ok', 9, '42']);
});

test('too little fuel for a chunk is enough for its parts', async () => {
  const input = json(Array.from({ length: 300 }, (_, i) => submission(i)));
  const args = [...ARGS, '--origin', 'https://a.example', '--threads', '1'];
  const { out, err, code } = await run([...args, '--fuel', '2000000'], { input, env });
  assert.equal(out, (await run(args, { input, env })).out);
  assert.equal(err, '');
  assert.equal(code, 0);
});

// --- the manual

const manual = readFileSync(`${ROOT}wasi/host/c/README.md`, 'utf8');

/** Where the build found libwasmtime. */
function wasmtime() {
  const cache = readFileSync(`${ROOT}build/native/CMakeCache.txt`, 'utf8');
  const library = /^wasmtime_library:.*=(.*)$/m.exec(cache)[1];
  return { library, include: join(library, '..', '..', 'include') };
}

test('the example of the manual', () => {
  const [, code] = /^```c run\n([^]*?)^```$/m.exec(manual);
  const { library, include } = wasmtime();
  writeFileSync(join(folder, 'support.c'), code);
  execFileSync(process.env.CC ?? 'cc', ['-std=c11', '-Wall', '-Wextra', '-Werror', '-I', `${ROOT}wasi/host/c`, '-I', `${ROOT}src`,
    '-I', include, 'support.c', `${ROOT}build/native/libsonde_host.a`, library, '-lpthread', '-ldl', '-lm', '-o', 'support'], { cwd: folder });
  for (let i = 0; i < 2; i++) {
    const out = execFileSync('./support', [EDGE], { cwd: folder, env });
    const { verdict, render: state, user_id: user, message } = JSON.parse(out);
    assert.deepEqual([verdict, state, user, message], ['accept', 'ok', '42', 'Hello']);
  }
  assert.equal(readdirSync(join(folder, 'cache')).length > 0, true);
});

test('the manual names the runner\'s own options', async () => {
  const { out: help } = await run(['--help']);
  for (const [, name] of manual.matchAll(/^\| `--([a-z-]+)/gm)) assert.match(help, new RegExp(`^  --${name}\\b`, 'm'));
});
