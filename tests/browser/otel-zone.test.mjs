// Upstream's ZoneContextManager with Sonde in a real page: contexts follow
// promises, timers and listeners, which they do not without it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundle } from '../lib/bundle.mjs';
import { Signals } from '../lib/signals.mjs';
import { startSite } from '../lib/site.mjs';
import { useChromium } from '../lib/world.mjs';

const holder = useChromium();

const source = (imports, options) => `
  ${imports}
  import { trace } from '@opentelemetry/api';
  import { create } from 'sonde/inline';
  import { register } from 'sonde/otel';
  globalThis.sonde = create({ endpoint: '/otlp', token: false });
  globalThis.registration = register(sonde, { ${options} });
  globalThis.tracer = trace.getTracer('page');
`;
const ZONE = source("import 'zone.js'; import { ZoneContextManager } from '@opentelemetry/context-zone-peer-dep';", 'contextManager: new ZoneContextManager()');
const STACK = source('', '');

/** Runs in the page: two traces at once, each with spans and a log that are made later. */
async function work() {
  const later = (name) => tracer.startSpan(name).end();
  const target = new EventTarget();
  const run = (name) => tracer.startActiveSpan(name, (outer) => {
    target.addEventListener('go', () => later(`${name}: listener`));
    return Promise.resolve()
      .then(() => later(`${name}: promise`))
      .then(() => new Promise((resolve) => { setTimeout(resolve, 5); }))
      .then(() => {
        later(`${name}: timer`);
        return fetch('/page');
      })
      .then((response) => response.text())
      .then(async () => {
        sonde.logger('page').info(`${name}: fetched`);
        const inner = tracer.startSpan(`${name}: inner`);
        sonde.withSpan(inner, () => later(`${name}: within`));
        inner.end();
        await undefined;
        later(`${name}: await`);
        outer.end();
      });
  });
  await Promise.all([run('a'), run('b')]);
  target.dispatchEvent(new Event('go'));
  const nobody = sonde.activeSpan() === undefined;
  registration.unregister();
  tracer.startActiveSpan('unregistered', () => {});
  await sonde.flush();
  return nobody;
}

/** Each span's and log's name, and its parent's. */
async function visit(t, code) {
  const { text, warnings } = await bundle('1.9', { source: code });
  assert.deepEqual(warnings, []);
  const signals = new Signals();
  const site = await startSite({ files: { '/main.js': text, '/page': '<!doctype html><script type="module" src="/main.js"></script>' }, posts: { '/otlp/': signals.backend } });
  const page = await holder.browser.newPage();
  t.after(async () => {
    await page.close();
    await site.close();
  });
  await page.goto(`${site.origin}/page`);
  assert.equal(await page.evaluate(work), true, 'outside of all there is no span');
  const names = new Map(signals.spans.map(({ spanId, name }) => [spanId, name]));
  return {
    spans: Object.fromEntries(signals.spans.map(({ name, parentSpanId }) => [name, names.get(parentSpanId)])),
    logs: Object.fromEntries(signals.logs.map(({ body, spanId }) => [body, names.get(spanId)])),
  };
}

/** What comes of both, with whatever was active later. */
const wanted = (active) => ({
  spans: Object.assign({}, ...['a', 'b'].map((name) => ({
    [name]: undefined, [`${name}: promise`]: active(name), [`${name}: timer`]: active(name), [`${name}: listener`]: active(name),
    [`${name}: inner`]: active(name), [`${name}: within`]: `${name}: inner`,
    [`${name}: await`]: undefined, // zone.js cannot see it
  }))),
  logs: { 'a: fetched': active('a'), 'b: fetched': active('b') },
});

test('with ZoneContextManager contexts follow promises, timers, requests and listeners', async (t) => {
  assert.deepEqual(await visit(t, ZONE), wanted((name) => name));
});

test('without it they end where their function returns', async (t) => {
  assert.deepEqual(await visit(t, STACK), wanted(() => undefined));
});
