// sonde-host: order, long lines, traps, the cache, wrong usage, failing output.
// The module is a stand-in that gives each line back (fake.wat).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, openSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HOST, makeFake, makeFolder, ROOT, run, start } from './lib/host.mjs';

const folder = makeFolder(after);
const module = makeFake(folder);
const FAKE = ['--module', module, '--cache', 'none'];
const SECRET = { SONDE_SECRET_KEY: 'a-secret-of-16-b' };

const rejected = (reason, line, render = 'unverified') => `{"verdict":"reject","reason":"${reason}","render":"${render}",`
  + '"age_seconds":null,"user_id":null,"identity":"absent","name":null,"email":null,"message":null,"form_slug":null,'
  + `"next":null,"extras":{},"line":${line}}\n`;
const accepted = (id) => `{"verdict":"accept","id":${id}}\n`;

/** Lines of many lengths. */
function makeLines(count) {
  const lines = Array.from({ length: count }, (_, i) => `{"verdict":"accept","id":${i},"x":"${'x'.repeat((i * 7919) % 1500)}"}\n`);
  return lines.join('');
}

// --- order

for (const threads of [1, 2, 4, 16]) {
  test(`20,000 lines come back in order from ${threads} threads`, async () => {
    const input = makeLines(20000);
    const { code, out, err } = await run([...FAKE, '--threads', `${threads}`], { input, env: SECRET });
    assert.equal(err, '');
    assert.equal(code, 0);
    assert.ok(out === input);
  });
}

test('no input is no output', async () => {
  assert.deepEqual(await run(FAKE, { env: SECRET }), { code: 0, signal: null, out: '', err: '' });
});

test('without a secret it says so, and goes on', async () => {
  const { code, out, err } = await run(FAKE, { input: accepted(1) });
  assert.deepEqual([code, out], [0, accepted(1)]);
  assert.match(err, /^sonde-host: there is no secret, so nothing is verified: .*SONDE_SECRET_KEY/);
});

test('the last line needs no end', async () => {
  const { code, out } = await run(FAKE, { input: accepted(1) + accepted(2).trimEnd() });
  assert.equal(out, accepted(1) + accepted(2));
  assert.equal(code, 0);
});

test('a line is answered while the next is still to come', async () => {
  const { child, done, lines } = start([...FAKE, '--threads', '4']);
  for (let i = 0; i < 5; i++) {
    child.stdin.write(accepted(i) + accepted(i).slice(0, 9));
    await lines(2 * i + 1);
    child.stdin.write(accepted(i).slice(9));
    await lines(2 * i + 2);
  }
  child.stdin.end();
  assert.equal((await done).code, 0);
});

test('one verdict that is not accept makes the exit code 1', async () => {
  for (const verdict of ['reject', 'discard']) {
    const input = `${accepted(1)}{"id":"\\"verdict\\":\\"accept\\"","verdict":"${verdict}"}\n${accepted(2)}`;
    const { code, out } = await run(FAKE, { input });
    assert.equal(out, input);
    assert.equal(code, 1);
  }
});

test('memory stays the same however much comes', async () => {
  const { child, done } = start([...FAKE, '--threads', '2']);
  const part = makeLines(1000);
  const feed = async (count) => {
    for (let i = 0; i < count; i++) {
      if (!child.stdin.write(part)) await new Promise((go) => { child.stdin.once('drain', go); });
    }
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]);
  };
  const [before, behind] = [await feed(8), await feed(100)];
  child.stdin.end();
  assert.equal((await done).code, 0);
  assert.ok(behind < before * 1.2, `${before} kB grew to ${behind} kB`);
});

// --- lines that are too long

test('a line that is too long is rejected, and the next ones go on', async () => {
  const room = 65536 + 16384 + 262144;
  for (const size of [room - 2, room - 1, room, room + 1, 3 * room, 9 * room + 7]) {
    const long = `${'x'.repeat(size)}\n`;
    const input = accepted(1) + long + accepted(3) + long + accepted(5);
    const isLong = size >= room;
    const { code, out } = await run([...FAKE, '--threads', '3'], { input });
    assert.equal(code, 1);
    const want = (line) => (isLong ? rejected('body_too_large', line) : long);
    assert.ok(out === accepted(1) + want(2) + accepted(3) + want(4) + accepted(5), `${size}: ${out.slice(0, 400)}`);
  }
});

test('a last line that is too long and has no end', async () => {
  const { code, out } = await run(FAKE, { input: accepted(1) + 'x'.repeat(900000) });
  assert.equal(out, accepted(1) + rejected('body_too_large', 2));
  assert.equal(code, 1);
});

// --- traps

test('only the lines that the module fails on are lost', async () => {
  const bad = new Set([1, 77, 78, 500, 1000]);
  const line = (i) => (bad.has(i) ? '!secret text\n' : accepted(i));
  const input = Array.from({ length: 1000 }, (_, i) => line(i + 1)).join('');
  const want = Array.from({ length: 1000 }, (_, i) => (bad.has(i + 1) ? rejected('host_error', i + 1, 'missing') : accepted(i + 1))).join('');
  for (const threads of ['1', '2']) {
    const { code, out, err } = await run([...FAKE, '--threads', threads], { input, env: SECRET });
    assert.ok(out === want);
    assert.equal(code, 1);
    const says = err.trimEnd().split('\n').sort((a, b) => a.match(/\d+/) - b.match(/\d+/));
    assert.deepEqual(says, [...bad].map((i) => `sonde-host: line ${i}: signed_lines trapped: `
      + 'it reached code that must not be reached (trap 9)'));
  }
});

test('a call ends at its deadline or without fuel', async () => {
  const input = `${accepted(1)}~\n${accepted(3)}`;
  const want = accepted(1) + rejected('host_error', 2) + accepted(3);
  for (const [option, says] of [[['--deadline-ms', '30'], 'deadline of 30 ms'], [['--fuel', '100000'], '100000 of fuel']]) {
    const { code, out, err } = await run([...FAKE, ...option], { input });
    assert.equal(out, want);
    assert.match(err, new RegExp(`line 2: .*${says}`));
    assert.equal(code, 1);
  }
});

test('an answer that makes no sense is not believed', async () => {
  const { code, out, err } = await run(FAKE, { input: `?\n${accepted(2)}` });
  assert.equal(out, rejected('host_error', 1) + accepted(2));
  assert.match(err, /line 1: .*makes no sense/);
  assert.equal(code, 1);
});

test('a module that traps on each call', async () => {
  const broken = makeFake(makeFolder(after), '(local.set $at (global.get $in))', '(unreachable)');
  const { code, out } = await run(['--module', broken, '--cache', 'none'], {
    input: accepted(1) + accepted(2), env: { SONDE_SECRET_KEY: '0123456789abcdef' },
  });
  assert.equal(out, rejected('host_error', 1, 'missing') + rejected('host_error', 2, 'missing'));
  assert.equal(code, 1);
});

// --- cache

test('a module is compiled once', async () => {
  const cache = join(folder, 'cache');
  const args = ['--module', module, '--cache', cache];
  assert.equal((await run(args, { env: SECRET })).err, '');
  assert.equal(statSync(cache).mode & 0o777, 0o700);
  const [name, ...others] = readdirSync(cache);
  assert.deepEqual(others, []);
  const file = join(cache, name);
  const { mode, mtimeMs } = statSync(file);
  assert.equal(mode & 0o777, 0o600);
  assert.equal((await run(args, { env: SECRET })).err, '');
  assert.equal(statSync(file).mtimeMs, mtimeMs);

  chmodSync(file, 0o604);
  assert.match((await run(args)).err, /compiled, not taken from the cache: .* has mode 0604/);
  assert.equal(statSync(file).mode & 0o777, 0o600, 'it was made anew');

  chmodSync(cache, 0o770);
  assert.match((await run(args)).err, /cache has mode 0770/);
});

test('the cache is in the user\'s own folder', async () => {
  const base = makeFolder(after);
  await run(['--module', module], { env: { XDG_CACHE_HOME: base } });
  assert.equal(readdirSync(join(base, 'sonde-host')).length, 1);
  await run(['--module', module], { env: { HOME: base } });
  assert.equal(readdirSync(join(base, '.cache', 'sonde-host')).length, 1);
});

// --- wrong usage

const WRONG = [
  [['--nothing'], {}, /unrecognized option[^]*\nsonde-host: see sonde-host --help\n$/],
  [['file.ndjson'], {}, /'file.ndjson' is not an option/],
  [['--threads', '0'], {}, /--threads wants a whole number from 1/],
  [['--threads', '1e3'], {}, /--threads wants/],
  [['--threads', '-1'], {}, /--threads wants/],
  [['--max-age', '0'], {}, /--max-age wants a whole number from 1 to 604800/],
  [['--min-age', ' 1'], {}, /--min-age wants/],
  [['--now', 'today'], {}, /--now wants Unix time/],
  [['--now', '.5'], {}, /--now wants Unix time/],
  [['--now', '1e9'], {}, /--now wants Unix time/],
  [['--deadline-ms'], {}, /requires an argument/],
  [['--secret-fd', '0'], {}, /--secret-fd wants another descriptor/],
  [['--secret-fd', '77'], {}, /--secret-fd 77: Bad file descriptor/],
  [['--memory-limit', '65536'], {}, /cannot be instantiated/],
  [['--module', '/nonexistent'], {}, /\/nonexistent cannot be read/],
  [['--module', 'package.json'], {}, /cannot be read|does not compile/],
  [[], { SONDE_SECRET_KEY: 'hunter2' }, /secret number 1: .*shorter than 16 bytes/],
  [[], { SONDE_SECRET_KEY: `${SECRET.SONDE_SECRET_KEY}\nhunter2` }, /secret number 2/],
  [[], { SONDE_SECRET_KEY: `${SECRET.SONDE_SECRET_KEY}\r\n` }, /carriage return/],
  [[], { SONDE_SECRET_KEY: '\n\n' }, /no secret in SONDE_SECRET_KEY/],
  [[], { PLAIN_CONNECT_SECRET_KEY: `${'0123456789abcdef\n'.repeat(9)}` }, /more than 8 secrets in PLAIN_CONNECT_SECRET_KEY/],
  [[], { SONDE_SECRET_KEY: 'x'.repeat(9000) }, /holds more than 8 secrets of 1024 bytes/],
];

for (const [args, env, says] of WRONG) {
  test(`wrong usage: ${says.source}`, async () => {
    const { code, out, err } = await run([...FAKE, ...args], { env, input: accepted(1) });
    assert.match(err, says);
    assert.equal(out, '');
    assert.equal(code, 2);
    for (const text of ['hunter2', SECRET.SONDE_SECRET_KEY, '0123456', 'xxx']) assert.ok(!err.includes(text), 'no secret in messages');
  });
}

test('--help and --version', async () => {
  for (const name of ['--help', '-h']) {
    const { code, out, err } = await run([name]);
    assert.match(out, /^Usage: sonde-host/);
    assert.ok(out.split('\n').every((line) => line.length <= 80), 'it fits a terminal');
    assert.deepEqual([code, err], [0, '']);
  }
  assert.match((await run(['--version'])).out, /^sonde-host \d+\.\d+\.\d+/);
});

// --- input and output that fail

const python = process.env.SONDE_PYTHON ?? `${ROOT}build/deps/venv/bin/python`;

/** What sonde-host does on an input of lib/input.py. */
const runOn = (kind) => spawnSync(python, [`${ROOT}tests/wasmtime/lib/input.py`, kind, HOST, ...FAKE], {
  encoding: 'utf8', env: { ...process.env, ...SECRET },
});

test('a full disk is told of', async () => {
  const full = openSync('/dev/full', 'w');
  const { code, err } = await run([...FAKE, '--threads', '2'], { input: makeLines(5000), stdio: ['pipe', full, 'pipe'], env: SECRET });
  closeSync(full);
  assert.match(err, /^sonde-host: verdicts cannot be written: No space left on device\n$/);
  assert.equal(code, 1);
});

test('input that cannot be read is told of', async () => {
  const input = openSync(folder, 'r');
  const { code, err } = await run(FAKE, { stdio: [input, 'pipe', 'pipe'] });
  closeSync(input);
  assert.match(err, /submissions cannot be read: Is a directory/);
  assert.equal(code, 1);
});

test('a line is not taken for whole when reading fails in the middle of it', () => {
  const { status, stdout, stderr } = runOn('fails');
  assert.equal(stdout, accepted(1));
  assert.match(stderr, /submissions cannot be read: Input\/output error/);
  assert.equal(status, 1);
});

test('input that somebody made non-blocking', () => {
  const { status, stdout, stderr } = runOn('waits');
  assert.deepEqual([stdout, stderr, status], [accepted(1) + accepted(2), '', 0]);
});

test('verdicts that nobody reads any more are told of', async () => {
  const { child, done } = start(FAKE, { env: SECRET });
  child.stdout.destroy();
  child.stdin.end(makeLines(2000));
  const { code, signal, err } = await done;
  assert.equal(err, 'sonde-host: verdicts cannot be written: Broken pipe\n');
  assert.deepEqual([code, signal], [1, null]);
});

test('input that ends in the middle of a line', async () => {
  const { child, done } = start(FAKE);
  child.stdin.write(`${accepted(1)}{"verd`);
  child.stdin.end();
  const { out } = await done;
  assert.equal(out, `${accepted(1)}{"verd\n`);
});

test('secrets come from a descriptor, and the environment is overwritten', async () => {
  const file = join(folder, 'secrets');
  writeFileSync(file, '0123456789abcdef\n\nfedcba9876543210\n', { mode: 0o600 });
  const descriptor = openSync(file, 'r');
  const { child, done, lines } = start([...FAKE, '--secret-fd', '3'], { stdio: ['pipe', 'pipe', 'pipe', descriptor], env: SECRET });
  closeSync(descriptor);
  child.stdin.write(accepted(1));
  await lines(1);
  child.stdin.end();
  assert.equal((await done).code, 0);

  const other = start(FAKE, { env: { PLAIN_CONNECT_SECRET_KEY: SECRET.SONDE_SECRET_KEY, ...SECRET } });
  other.child.stdin.write(accepted(1));
  await other.lines(1);
  const environment = readFileSync(`/proc/${other.child.pid}/environ`, 'latin1');
  other.child.stdin.end();
  assert.ok(environment.includes('SONDE_SECRET_KEY='));
  assert.ok(!environment.includes(SECRET.SONDE_SECRET_KEY));
  assert.equal((await other.done).code, 0);
});

test('the program needs nothing but the system\'s libraries', () => {
  const text = execFileSync('ldd', [process.env.SONDE_HOST ?? 'build/native/sonde-host'], { cwd: new URL('../../', import.meta.url) });
  assert.doesNotMatch(text.toString(), /wasmtime|not found/);
});
