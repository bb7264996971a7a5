// Every example in the manuals is run by a test. Those for pages are run here:
// ```js run as a module, ```html run as a page, both with what ships under
// /assets/ and in Chromium. An example must not fail, and what arrives must be
// what it tells.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { bundle } from './lib/bundle.mjs';
import { examplesOf } from './lib/manual.mjs';
import { Signals } from './lib/signals.mjs';
import { ROOT } from './lib/site.mjs';
import { openWorld, useChromium } from './lib/world.mjs';

const PAGE = '/example.html';
const SCRIPT = '/example.js';

const holder = useChromium();

/* ---- What they tell --------------------------------------------------------- */

/** What all of a list have in common. */
function common(list, key) {
  assert.equal(new Set(list.map((it) => JSON.stringify(it[key]))).size, 1, key);
  return list[0][key];
}

/** @param {import('./lib/signals.mjs').Signals} told */
function tenLines({ logs, spans: [span, ...others], metrics }) {
  const [opened, failed] = logs;
  assert.deepEqual(logs.map(({ body, severityText }) => [body, severityText]), [['cart opened', 'INFO'], ['payment failed', 'ERROR']]);
  assert.deepEqual([common(logs, 'scope'), common(logs, 'version')], ['checkout', '1.4.0']);
  assert.deepEqual([opened.attributes, opened.spanId], [{ items: 3, coupon: null }, '']);
  assert.deepEqual([failed.attributes['exception.message'], failed.spanId, failed.traceId], ['card declined', span.spanId, span.traceId]);
  assert.deepEqual([span.name, span.attributes, span.scope, others.length], ['pay', { provider: 'acme' }, 'checkout', 0]);
  assert.deepEqual(metrics.map(({ name, points }) => [name, points]), [['payments', [{ attributes: { ok: false }, value: 1 }]]]);
  assert.equal(common([...logs, span, ...metrics], 'resource')['service.name'], 'shop');
}

function firstOfBrowser({ logs, spans: [span, ...others] }) {
  const [added, failed, paying] = logs;
  assert.deepEqual(logs.map(({ body }) => body), ['item added', 'order failed', 'paying']);
  assert.deepEqual([common(logs, 'scope'), common(logs, 'version')], ['cart', '1.4.0']);
  assert.deepEqual(added.attributes, { 'item.id': 1842, price: 9.5, tags: ['new', 'sale'] });
  assert.deepEqual([failed.severityText, failed.attributes.attempt, failed.attributes['exception.message']], ['ERROR', 2, 'declined']);
  assert.deepEqual([span.name, span.attributes, others.length], ['checkout', { items: 3 }, 0]);
  assert.deepEqual([added.spanId, failed.spanId, paying.spanId, paying.traceId], ['', '', span.spanId, span.traceId]);
  assert.equal(common([...logs, span], 'resource')['service.name'], 'shop');
}

function scriptTag({ logs: [log, ...others] }) {
  const { 'service.name': name, 'service.version': version, 'deployment.environment.name': environment } = log.resource;
  assert.deepEqual([log.body, log.scope, others.length], ['ready', 'page', 0]);
  assert.deepEqual([name, version, environment], ['shop', '1.4.0', 'production']);
}

function consent({ logs, spans, metrics }) {
  assert.deepEqual([logs.map(({ body }) => body), spans, metrics], [['agreed'], [], []]);
  assert.equal(logs[0].resource['service.name'], 'shop');
}

function traces({ logs: [log], spans }) {
  const [order, pay] = spans.sort((a, b) => (a.name < b.name ? 1 : -1));
  assert.deepEqual(spans.map(({ name, kind, status }) => [name, kind, status]), [
    ['order', 'INTERNAL', { code: 'UNSET', message: '' }], ['POST /pay', 'CLIENT', { code: 'ERROR', message: 'card declined' }],
  ]);
  assert.deepEqual([order.attributes, pay.attributes], [{ items: 3 }, { sent: true }]);
  assert.deepEqual([order.parentSpanId, pay.parentSpanId, pay.traceId], ['', order.spanId, order.traceId]);
  assert.deepEqual(pay.events.map(({ name, attributes }) => [name, attributes['exception.type']]), [['exception', 'RangeError']]);
  assert.deepEqual([log.body, log.spanId], ['paying', order.spanId]);
}

function openTelemetry({ logs: [log], spans: [span, ...others] }) {
  assert.deepEqual([span.name, span.scope, span.version, span.attributes, others.length], ['checkout', 'cart', '1.4.0', { items: 3 }, 0]);
  assert.deepEqual([log.body, log.spanId], ['paying', span.spanId]);
  assert.equal(span.resource['service.name'], 'shop');
}

/** Of each manual the checks, one for each of its examples for pages. */
const CHECKS = {
  'README.md': [tenLines],
  'js/README.md': [firstOfBrowser, scriptTag, consent],
  'js/traces.md': [traces],
  'js/otel.md': [openTelemetry],
};

/* ---- Running them ------------------------------------------------------------ */

/** The package's names mean the files that ship. */
function importMap() {
  const { name, exports } = JSON.parse(readFileSync(`${ROOT}dist/web/package.json`, 'utf8'));
  const files = Object.entries(exports).map(([path, file]) => [path.replace('.', name), (file.default ?? file).replace('.', '/assets')]);
  return JSON.stringify({ imports: Object.fromEntries(files) });
}

async function filesFor({ language, code }) {
  if (language === 'html') return { [PAGE]: code };
  const script = code.includes('@opentelemetry/') ? (await bundle('1.10', { source: code })).text : code;
  const head = `<script type="importmap">${importMap()}</script>`;
  return { [PAGE]: `<!doctype html>${head}<script type="module" src="${SCRIPT}"></script>`, [SCRIPT]: script };
}

/** Until the check is content; what it says last otherwise. */
async function settled(check, ms) {
  for (const end = Date.now() + ms; ; await delay(50)) {
    try {
      return check();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

async function run(t, example, check, ms = 10_000) {
  const signals = new Signals();
  const files = await filesFor(example);
  const { page, origin, errors } = await openWorld(t, holder.browser, { files, backend: signals.backend, posts: { '/otlp/': signals.backend } });
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  await page.goto(origin + PAGE);
  await page.waitForLoadState('networkidle');
  assert.deepEqual(errors, []);
  // Batches wait; going away sends them.
  await page.goto(`${origin}/away`);
  await settled(() => check(signals), ms);
  assert.deepEqual(errors, []);
  // Whoever loads a page can read its token.
  assert.ok(signals.received.every(({ headers }) => headers.authorization === undefined), 'no page holds a token');
}

for (const [manual, checks] of Object.entries(CHECKS)) {
  const examples = examplesOf(manual).filter(({ language }) => language !== 'sh');
  test(`${manual} has no other examples`, () => assert.equal(examples.length, checks.length));
  examples.forEach((example, i) => test(`the example at ${example.title} works`, (t) => run(t, example, checks[i])));
}

test('the mechanism: an example that fails or tells something else is noticed', async (t) => {
  const code = "import { create } from 'sonde';\n"
    + "const sonde = create({ wasm: fetch('/assets/sonde-web.wasm'), endpoint: '/otlp', token: false });\n"
    + "sonde.logger('docs').info('hello');\n";
  const says = (text) => ({ logs }) => assert.deepEqual(logs.map(({ body }) => body), [text]);
  await run(t, { language: 'js', code }, says('hello'));
  await assert.rejects(run(t, { language: 'js', code: `${code}throw new Error('a wrong example');` }, says('hello')), /a wrong example/);
  await assert.rejects(run(t, { language: 'js', code }, says('good bye'), 1000), /good bye/);
  await assert.rejects(run(t, { language: 'js', code: code.replace('false', "'secret'") }, says('hello')), /no page holds a token/);
});

/* ---- All manuals -------------------------------------------------------------- */

/** Those with examples, and the tests that run them. */
const RUN_BY = {
  'README.md': ['tests/docs.test.mjs', 'tests/signed/docs.test.mjs'],
  'examples/otel/README.md': ['tests/docs.test.mjs'],
  'examples/support/README.md': ['tests/signed/docs.test.mjs'],
  'js/README.md': ['tests/docs.test.mjs'],
  'js/metrics.md': ['js/test/manual.test.mjs'],
  'js/otel.md': ['tests/docs.test.mjs'],
  'js/support.md': ['tests/browser/support.test.mjs'],
  'js/traces.md': ['tests/docs.test.mjs'],
  'wasi/cli/README.md': ['tests/cli/readme.test.mjs'],
  'wasi/edge/README.md': ['tests/signed/docs.test.mjs', 'tests/prometheus/docs.test.mjs', 'tests/otlp/docs.test.mjs'],
  'wasi/host/c/README.md': ['tests/wasmtime/verdicts.test.mjs'],
  'wasi/host/python/README.md': ['wasi/host/python/tests/test_readme.py'],
};
/** A line out of a file. */
const FRAGMENT = 'examples/otel/README.md';
const NOT_OURS = /^(\..*|node_modules|build|dist|generated)$/;

/** All below a folder, by their paths. */
function manualsIn(folder) {
  return readdirSync(ROOT + folder, { withFileTypes: true }).filter(({ name }) => !NOT_OURS.test(name)).flatMap((it) => {
    if (it.isDirectory()) return manualsIn(`${folder}${it.name}/`);
    return it.name.endsWith('.md') ? [folder + it.name] : [];
  });
}

test('each manual with examples has a test that reads it, and each of its examples is run', () => {
  const found = manualsIn('').filter((name) => /^```\w/m.test(readFileSync(ROOT + name, 'utf8')));
  assert.deepEqual(found.sort(), Object.keys(RUN_BY).sort());
  for (const [manual, tests] of Object.entries(RUN_BY)) {
    if (manual !== FRAGMENT) examplesOf(manual);
    for (const name of tests) assert.ok(readFileSync(ROOT + name, 'utf8').includes(name.endsWith('.py') ? 'README.md' : manual), `${name} reads ${manual}`);
  }
});

test('examples/otel/README.md shows a line of main.js', () => {
  const text = readFileSync(ROOT + FRAGMENT, 'utf8');
  const [, line] = /^```js\n(.*)\n```$/m.exec(text);
  const [code] = line.split(/ +\/\/ /);
  assert.equal(text.match(/^```\w/gm).length, 1);
  assert.ok(readFileSync(`${ROOT}examples/otel/main.js`, 'utf8').split('\n').includes(code), code);
});
