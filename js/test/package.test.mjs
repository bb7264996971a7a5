// What ships in dist/web, and what must not drift apart.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';
import { VERSION } from '../src/version.js';
import { recordsIn, settle, WASM } from './harness.mjs';

const ROOT = new URL('../../', import.meta.url);
const read = (name) => readFileSync(new URL(name, ROOT), 'utf8');
const dist = (name) => new URL(`dist/web/${name}`, ROOT);

const OPTIONS = { endpoint: 'https://otlp.example', token: 't', encoding: 'json' };

/** Remembers requests, and answers all of them. */
function network() {
  const requests = [];
  const fetch = async (url, { body, headers }) => {
    requests.push({ url, sent: body, headers: Object.fromEntries(headers) });
    return new Response(null);
  };
  return { requests, fetch };
}

async function logsWith(create, options) {
  const { requests, fetch } = network();
  const sonde = create({ ...OPTIONS, ...options, fetch });
  sonde.logger('app', '1').info('hello', { a: 1 });
  await sonde.flush();
  assert.equal(recordsIn(requests[0])[0].body.stringValue, 'hello');
  await sonde.close();
}

test('sonde.js works with the module beside it', async () => {
  const { create } = await import(dist('sonde.js'));
  await logsWith(create, { wasm: WASM });
});

test('sonde-inline.js needs no module', async () => {
  const { create } = await import(dist('sonde-inline.js'));
  await logsWith(create, {});
});

/** A page that runs sonde-script.js from an element with these data. */
function pageWith(dataset) {
  const { requests, fetch } = network();
  const listeners = [];
  const page = {
    document: {
      currentScript: { dataset },
      visibilityState: 'visible',
      baseURI: 'https://shop.example/',
      addEventListener: (type) => listeners.push(type),
      removeEventListener() {},
    },
    addEventListener: (type) => listeners.push(type),
    removeEventListener() {},
    fetch, WebAssembly, URL, Headers, TextEncoder, TextDecoder, AbortController, atob, performance, crypto,
    setTimeout, clearTimeout, queueMicrotask, navigator: { userAgent: 'Agent' },
  };
  page.window = page;
  vm.createContext(page);
  return { page, requests, listeners, run: () => vm.runInContext(read('dist/web/sonde-script.js'), page) };
}

test('sonde-script.js: a global, and an exporter if there is an endpoint', async () => {
  const { page, requests, listeners, run } = pageWith({
    endpoint: '/otlp', token: 'from-page', serviceName: 'shop', serviceVersion: '2', environment: 'test',
  });
  run();
  const { sonde, Sonde } = page;
  run();
  assert.equal(page.sonde, sonde);
  assert.equal(page.Sonde, Sonde);
  assert.deepEqual(listeners.sort(), ['online', 'pagehide', 'pageshow', 'visibilitychange', 'visibilitychange']);
  sonde.logger('page').error('hello');
  await settle();
  assert.equal(requests[0].url, 'https://shop.example/otlp/v1/logs');
  assert.equal(requests[0].headers.authorization, 'Bearer from-page');
  const text = new TextDecoder('latin1').decode(requests[0].sent);
  for (const part of ['service.name', 'shop', 'service.version', 'deployment.environment.name', 'Agent', 'hello']) {
    assert.ok(text.includes(part), part);
  }
  await sonde.close();
});

test('sonde-script.js: without an endpoint only the global', () => {
  const { page, listeners, run } = pageWith({});
  run();
  assert.equal(page.sonde, undefined);
  assert.equal(typeof page.Sonde.create, 'function');
  assert.deepEqual(listeners, []);
});

test('sonde-script.js: a relay without a token', async () => {
  const { page, requests, run } = pageWith({ endpoint: '/otlp', token: 'false' });
  run();
  page.sonde.logger('page').error('hello');
  await settle();
  assert.equal('authorization' in requests[0].headers, false);
  await page.sonde.close();
});

test('nothing in the bundles needs more than the CSP that README.md names', () => {
  for (const name of ['sonde.js', 'sonde-inline.js', 'sonde-script.js']) {
    assert.doesNotMatch(readFileSync(dist(name), 'utf8'), /\beval\(|new Function|createObjectURL|new Worker/);
  }
});

test('types in dist/web stand alone', () => {
  const types = readFileSync(dist('index.d.ts'), 'utf8');
  assert.doesNotMatch(types, /\bimport\b/);
  assert.match(types, /interface CoreOptions/);
});

test('one version', () => {
  assert.equal(JSON.parse(read('js/package.json')).version, VERSION);
  assert.equal(/SONDE_VERSION "(.+)"/.exec(read('src/sonde.h'))[1], VERSION);
});

test('the table of options in README.md is the one that sonde-gen prints', () => {
  const table = /<!-- options -->\n([^]*?)<!-- \/options -->/.exec(read('js/README.md'))[1];
  assert.equal(table.trim(), read('js/generated/options.md').trim());
});

test('README.md describes each option, and each file', async () => {
  const text = read('js/README.md');
  const types = read('js/index.d.ts');
  const options = types.match(/interface (?:Target|Host|CreateOptions)[^]*?\n}/g).join('\n').match(/^ {2}(\w+)\?:/gm);
  for (const option of options) {
    const name = option.trim().slice(0, -2);
    assert.ok(text.includes(`\`${name}\``), name);
  }
  const { readdir } = await import('node:fs/promises');
  for (const file of await readdir(new URL('js/src', ROOT))) assert.ok(text.includes(`\`${file}\``), file);
});
