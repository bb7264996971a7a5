// The demo: its own check, its command line, and what its server refuses.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { startDemo } from '../../examples/demo/lib/app.mjs';
import { ROOT } from '../lib/site.mjs';

const OTLP = { 'content-type': 'application/json' };

function demo(...words) {
  const child = spawn(process.execPath, [`${ROOT}examples/demo/server.mjs`, ...words]);
  const run = { child, text: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { run.text += chunk; });
  run.code = once(child, 'close').then(([code]) => code);
  return run;
}

test('--check goes through the whole page', async (t) => {
  const run = demo('--check');
  const code = await run.code;
  t.diagnostic(run.text.trim().replaceAll('\n', ' | '));
  assert.equal(code, 0, run.text);
});

for (const [words, message] of [
  [['--bogus'], /--bogus.*--help/], [['--port', 'x'], /--port takes a number/], [['--port=65536'], /--port/],
  [['left', 'over'], /left/], [['--check=yes'], /--check/],
]) {
  test(`demo ${words.join(' ')}: exits 2 and says why`, async () => {
    const run = demo(...words);
    assert.equal(await run.code, 2);
    assert.match(run.text, message);
  });
}

test('a port that was asked for and is taken: exits 1 and says what to do', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const run = demo('--port', String(server.address().port));
  assert.equal(await run.code, 1);
  assert.match(run.text, /is taken: give another/);
  server.close();
});

test('it prints its address and serves', async () => {
  const run = demo('--port', '0');
  await once(run.child.stdout, 'data');
  const [address] = run.text.match(/http:\/\/127\.0\.0\.1:\d+\//);
  assert.match(await (await fetch(address)).text(), /Sonde/);
  run.child.kill();
  await run.code;
});

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let server;
before(async () => { server = await startDemo({ host: '127.0.0.1', ports: [0] }); });
after(() => server.close());

const post = (path, body, headers = OTLP) => fetch(server.address + path, { method: 'POST', body, headers });

test('the receiver refuses what is not OTLP, in the encoding of the request', async () => {
  const json = await post('v1/logs', '{"resourceLogs":3}');
  assert.deepEqual([json.status, typeof (await json.json()).message], [400, 'string']);
  const binary = await post('v1/logs', new Uint8Array([0x0a, 0xff]), { 'content-type': 'application/x-protobuf' });
  assert.deepEqual([binary.status, binary.headers.get('content-type')], [400, 'application/x-protobuf']);
  assert.equal((await post('v1/logs', 'x', { 'content-type': 'text/plain' })).status, 415);
  assert.equal((await fetch(`${server.address}v1/logs`)).status, 405);
});

test('the receiver bounds bodies, packed ones too', async () => {
  const big = Buffer.alloc(5 << 20, ' ');
  assert.equal((await post('v1/logs', big)).status, 413);
  const { gzipSync } = await import('node:zlib');
  assert.equal((await post('v1/logs', gzipSync(big), { ...OTLP, 'content-encoding': 'gzip' })).status, 413);
  const fine = await post('v1/logs', gzipSync('{}'), { ...OTLP, 'content-encoding': 'gzip' });
  assert.deepEqual([fine.status, await fine.text()], [200, '{}']);
});

test('other sites cannot turn its knobs', async () => {
  const body = JSON.stringify({ mode: 'denied' });
  assert.equal((await post('control', body, { ...OTLP, origin: 'https://elsewhere.example' })).status, 403);
  assert.equal(server.receiver.settings.mode, 'ok');
  const own = server.address.slice(0, -1);
  assert.equal((await post('control', body, { ...OTLP, origin: own })).status, 200);
  assert.equal(server.receiver.settings.mode, 'denied');
  assert.equal((await post('control', 'x'.repeat(10_000), { ...OTLP, origin: own })).status, 400);
});

test('only its own files are served', async () => {
  for (const path of ['page/../server.mjs', 'page/%2e%2e/server.mjs', 'page/..%2fserver.mjs', 'sonde/%2e%2e%2f%2e%2e%2fpackage.json', 'page/', 'page/%00', 'page/%', '../package.json', 'constructor']) {
    assert.equal((await fetch(server.address + path)).status, 404, path);
  }
});
