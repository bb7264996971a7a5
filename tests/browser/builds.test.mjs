// The three ways to load the exporter: module and wasm file, one module, and
// one classic script.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain, plainMap } from '../../examples/demo/lib/otlp.mjs';
import { checkEverything, EXPECTED, logEverything } from '../lib/everything.mjs';
import { openWorld, useChromium } from '../lib/world.mjs';

const holder = useChromium();
const WASM_POLICY = { 'content-security-policy': "default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'" };

const TAG = `<!doctype html>
<script src="/sonde/sonde-script.js" data-endpoint="/" data-token="from-the-tag"
  data-service-name="tagged" data-service-version="7" data-environment="test"></script>
<script src="/app.js"></script>`;
const APP = "sonde.logger('classic').error('from a classic script', { parsed: document.readyState });";

test('the script tag logs with nothing but its own attributes', async (t) => {
  const { inbox, errors } = await openWorld(t, holder.browser, {
    files: { '/tag': TAG, '/app.js': APP }, headers: WASM_POLICY, path: '/tag',
  });
  const [record] = await inbox.received(1);
  assert.equal(plain(record.body), 'from a classic script');
  const resource = plainMap(record.resource);
  assert.deepEqual([resource['service.name'], resource['service.version']], ['tagged', '7']);
  assert.equal(resource['deployment.environment.name'], 'test');
  assert.equal(inbox.exchanges[0].headers.authorization, 'Bearer from-the-tag');
  assert.deepEqual(errors, []);
});

test('the script tag, all that a log call can carry', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  const since = Date.now();
  await page.addScriptTag({ url: '/sonde/sonde-script.js' });
  await page.evaluate(() => {
    globalThis.sonde = Sonde.create({ endpoint: '/', token: 'token' });
    return sonde.ready;
  });
  await page.evaluate(logEverything);
  checkEverything(await inbox.received(EXPECTED.length), since);
});

test('the script twice: one exporter, one record', async (t) => {
  const twice = TAG.replace('<script src="/app.js">', `${TAG.split('\n').slice(1, 3).join('\n')}\n<script src="/app.js">`);
  const { inbox } = await openWorld(t, holder.browser, { files: { '/tag': twice, '/app.js': APP }, path: '/tag' });
  await inbox.received(1);
  assert.equal((await inbox.settled(300)).length, 1);
});

test('the script without attributes sends nothing and leaves one global', async (t) => {
  const { inbox, page, errors } = await openWorld(t, holder.browser);
  const before = await page.evaluate(() => Object.getOwnPropertyNames(globalThis));
  await page.addScriptTag({ url: '/sonde/sonde-script.js' });
  const after = await page.evaluate(() => Object.getOwnPropertyNames(globalThis));
  assert.deepEqual(after.filter((name) => !before.includes(name)), ['Sonde']);
  await inbox.settled(200);
  assert.deepEqual([inbox.exchanges, errors], [[], []]);
});

test('the single module needs no wasm file', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  const requests = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  await page.evaluate(async () => {
    const { create } = await import('/sonde/sonde-inline.js');
    globalThis.sonde = create({ endpoint: '/', token: 'token' });
    await sonde.ready;
  });
  const since = Date.now();
  await page.evaluate(logEverything);
  checkEverything(await inbox.received(EXPECTED.length), since);
  assert.deepEqual(requests, ['/sonde/sonde-inline.js', '/v1/logs']);
});

for (const form of ['module', 'bytes', 'response', 'promise of bytes']) {
  test(`the module as ${form}`, async (t) => {
    const { inbox, page } = await openWorld(t, holder.browser);
    await page.evaluate(async (kind) => {
      const { create } = await import('/sonde/sonde.js');
      const response = await fetch('/sonde/sonde-web.wasm');
      const forms = {
        module: () => WebAssembly.compileStreaming(response),
        bytes: () => response.arrayBuffer(),
        response: () => response,
        'promise of bytes': () => ({ later: response.arrayBuffer() }),
      };
      const made = await forms[kind]();
      const sonde = create({ wasm: made.later ?? made, endpoint: '/', token: 'token' });
      sonde.logger('forms').error(kind);
      await sonde.flush();
    }, form);
    assert.deepEqual(inbox.bodies, [form]);
  });
}

test('a wasm file that is not there: told once, nothing else', async (t) => {
  const { inbox, page, errors } = await openWorld(t, holder.browser);
  const told = await page.evaluate(async () => {
    const { create } = await import('/sonde/sonde.js');
    const list = [];
    const gone = new Response('nothing here', { status: 404 });
    const sonde = create({ wasm: gone, endpoint: '/', token: 'token', onError: ({ code, message }) => list.push({ code, message }) });
    sonde.logger('x').error('lost');
    await sonde.flush();
    sonde.logger('x').error('lost');
    await sonde.close();
    return list;
  });
  assert.equal(told.length, 1, JSON.stringify(told));
  assert.equal(told[0].code, 'wasm');
  assert.deepEqual([inbox.exchanges, errors], [[], []]);
});
