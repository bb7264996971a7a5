// The examples of the manuals, run: ```js run with the package as it ships, in
// Node and in workerd, ```sh run with the program `sonde`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createVerifier } from '../../dist/edge/signed.js';
import { examplesOf, folderWith } from '../lib/manual.mjs';
import { listen, ROOT } from '../lib/site.mjs';
import { startWorkerd } from '../lib/workerd.mjs';

const SECRET = 'a secret of thirty-two characters';
const ENV = { PATH: `${ROOT}dist/native:${process.env.PATH}`, SONDE_SECRET_KEY: SECRET };
const WASM = `${ROOT}dist/edge/sonde-edge.wasm`;
const verifier = createVerifier({ module: new WebAssembly.Module(readFileSync(WASM)), secrets: [SECRET] });

/** The code of a manual's examples in one language. */
const codesOf = (manual, language) => examplesOf(manual).filter((it) => it.language === language).map(({ code }) => code);
const EDGE = codesOf('wasi/edge/README.md', 'js');

/** In a shell, or Node. */
function start(program, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env: ENV, cwd });
  assert.equal(error, undefined);
  return { status, stdout, stderr };
}

function run(...how) {
  const { status, stdout, stderr } = start(...how);
  assert.equal(status, 0, stderr);
  return stdout;
}

// That of Prometheus is in tests/prometheus, that of OTLP in tests/otlp.
test('wasi/edge/README.md has no other examples', () => assert.equal(EDGE.length, 4));

test('wasi/edge/README.md: the example', (t) => {
  assert.equal(run(process.execPath, ['example.mjs'], folderWith(t, EDGE[0])), 'accept 42 Hello\n');
});

/* ---- The worker -------------------------------------------------------------- */

/** The example in workerd, and what its store was given. */
async function startWorker(t) {
  const stored = [];
  const store = await listen(async (request, response) => {
    const key = request.url.slice(1).split('?')[0];
    stored.push({ method: request.method, key, value: JSON.parse((await request.toArray()).join('')) });
    response.end();
  });
  t.after(() => store.close());
  const file = join(folderWith(t, EDGE[1]), 'example.mjs');
  const modules = { 'worker.mjs': file, 'signed.js': `${ROOT}dist/edge/signed.js`, 'sonde-edge.wasm': WASM };
  const worker = await startWorkerd(modules, { texts: { SONDE_SECRET_KEY: SECRET }, stores: { MESSAGES: store.origin.slice('http://'.length) } });
  t.after(() => worker.close());
  return { origin: worker.origin, stored };
}

test('wasi/edge/README.md: the worker', async (t) => {
  const { origin, stored } = await startWorker(t);
  const rendered = { plain_connect_render_token: verifier.signRenderToken(Date.now() - 5000), plain_connect_identity: verifier.mintIdentity(42) };

  /** @param {object} fields @param {string} [from] */
  async function post(fields, from = 'https://shop.example') {
    const headers = { 'content-type': 'application/json', origin: from };
    const response = await fetch(origin, { method: 'POST', headers, body: JSON.stringify(fields) });
    return [response.status, await response.json()];
  }

  const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  const [status, { conversation, ...accepted }] = await post({ ...rendered, message: 'Hello' });
  assert.deepEqual([status, accepted], [200, { ok: true }]);
  assert.match(conversation, UUID);
  assert.deepEqual(stored.map(({ method, key }) => [method, key]), [['PUT', conversation]]);
  assert.deepEqual([stored[0].value.user_id, stored[0].value.message], ['42', 'Hello']);

  const [also, { conversation: none, ...same }] = await post({ ...rendered, message: 'Buy', plain_connect_check: 'x' });
  assert.deepEqual([also, same], [200, { ok: true }]);
  assert.match(none, UUID);
  assert.deepEqual(await post({ ...rendered, message: '' }), [422, { ok: false, error: 'message_missing', field: 'message' }]);
  assert.deepEqual(await post({ message: 'Hello' }), [403, { ok: false, error: 'render_missing' }]);
  assert.deepEqual(await post({ ...rendered, message: 'Hello' }, 'https://other.example'), [403, { ok: false, error: 'origin_not_allowed' }]);
  assert.equal(stored.length, 1);
});

/* ---- The shell --------------------------------------------------------------- */

const SHELL = codesOf('README.md', 'sh');
test('README.md has no other examples in a shell', () => assert.equal(SHELL.length, 2));

test('README.md: the command line', (t) => {
  const folder = folderWith(t, '');
  const write = (name, data) => writeFileSync(join(folder, name), data);
  const body = (severity) => JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber: severity }] }] }] });
  write('request.json', body(9));
  write('metrics.pb', Buffer.from('0a1d121b12190a0a71756575652e73697a652a0b0a0921000000000000f83f', 'hex')); // a gauge queue.size of 1.5
  assert.equal(run('sh', ['-eu', '-c', SHELL[0]], folder), '# TYPE queue_size gauge\nqueue_size 1.5\n');
  write('request.json', body('x'));
  const { status, stderr } = start('sh', ['-eu', '-c', SHELL[0]], folder);
  assert.equal(status, 1);
  assert.match(stderr, /severityNumber/);
});

test('README.md: signed identity', () => {
  const { verdict, render, user_id: user, message } = JSON.parse(run('sh', ['-eu', '-c', SHELL[1]], ROOT));
  assert.deepEqual([verdict, render, user, message], ['accept', 'ok', '42', 'Hello']);
});

const value = (html, name) => RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1];

const INPUTS = codesOf('examples/support/README.md', 'sh');
test('examples/support/README.md has no other examples', () => assert.equal(INPUTS.length, 2));

test('examples/support/README.md: the inputs that a shell renders are good', () => {
  for (const code of INPUTS) {
    const html = run('sh', ['-eu', '-c', code], ROOT);
    assert.equal(verifier.openIdentity(value(html, 'plain_connect_identity')), '42');
    assert.equal(verifier.checkRenderToken(value(html, 'plain_connect_render_token'), Date.now() + 5000).render, 'ok');
    assert.match(html, /name="plain_connect_check" tabindex="-1"/);
    assert.doesNotMatch(html, /\{\{/);
  }
});
