// Every example in the manuals whose fence says `run` is run: ```js run as a
// module, ```html run as a page, both next to the exporter's files and in
// Chromium. An example must not fail, and what it logs must arrive.
import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { until } from './lib/inbox.mjs';
import { ROOT } from './lib/site.mjs';
import { openWorld, useChromium } from './lib/world.mjs';

const MANUALS = ['README.md', 'js/README.md', 'js/traces.md', 'js/metrics.md'];
const FENCE = /^```(js|html) run\n([^]*?)^```$/gm;
const PAGE = '/sonde/example.html';
const SCRIPT = '/sonde/example.js';

const holder = useChromium();

/** The examples of one manual, with the line that each begins at. */
async function examplesOf(name) {
  const exists = await access(ROOT + name).then(() => true, () => false);
  const text = exists ? await readFile(ROOT + name, 'utf8') : '';
  return [...text.matchAll(FENCE)].map(({ 1: language, 2: code, index }) => ({
    title: `${name}:${text.slice(0, index).split('\n').length}`, language, code,
  }));
}

/** The package's name means the file that ships. */
async function importMap() {
  const manifest = await readFile(`${ROOT}js/package.json`, 'utf8').then(JSON.parse, () => ({ name: 'sonde' }));
  return JSON.stringify({ imports: { [manifest.name]: '/sonde/sonde.js' } });
}

async function filesFor({ language, code }) {
  if (language === 'html') return { [PAGE]: code };
  const head = `<script type="importmap">${await importMap()}</script>`;
  return { [PAGE]: `<!doctype html>${head}<script type="module" src="${SCRIPT}"></script>`, [SCRIPT]: code };
}

/** Files that an example takes from elsewhere are those that ship. */
async function shipFromAnywhere(context, origin) {
  await context.route((url) => url.origin !== origin, async (route, request) => {
    const name = new URL(request.url()).pathname.split('/').at(-1);
    await route.fulfill({ path: `${ROOT}dist/web/${name}`, headers: { 'access-control-allow-origin': '*' } });
  });
}

/** Whatever host an example names, what it sends comes to the inbox. */
function sendHere() {
  const real = globalThis.fetch;
  globalThis.fetch = (resource, init) => {
    const { origin, pathname } = new URL(resource.url ?? resource, document.baseURI);
    return real(origin !== location.origin && init?.method === 'POST' ? pathname.slice(pathname.lastIndexOf('/v1/')) : resource, init);
  };
}

async function run(t, example) {
  const world = await openWorld(t, holder.browser, { files: await filesFor(example) });
  const { page, context, origin, inbox, errors } = world;
  await shipFromAnywhere(context, origin);
  await page.addInitScript(sendHere);
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  await page.goto(origin + PAGE);
  await page.waitForLoadState('networkidle');
  // Batches wait; going away sends them.
  await page.goto(`${origin}/away`);
  await until('something arrives', () => inbox.exchanges.some(({ accepted }) => accepted > 0));
  assert.deepEqual(errors, []);
}

for (const name of MANUALS) {
  for (const example of await examplesOf(name)) {
    test(`the example at ${example.title} works`, (t) => run(t, example));
  }
}

test('the mechanism: an example that fails is noticed', async (t) => {
  const good = "import { create } from './sonde.js';\n"
    + "const sonde = create({ wasm: fetch('./sonde-web.wasm'), endpoint: 'https://telemetry.example', token: 'x' });\n"
    + "sonde.logger('docs').info('hello');\n";
  await run(t, { language: 'js', code: good });
  await assert.rejects(run(t, { language: 'js', code: `${good}throw new Error('a wrong example');` }), /a wrong example/);
});
