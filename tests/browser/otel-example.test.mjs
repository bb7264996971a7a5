// examples/otel with both of its set-ups: the same telemetry arrives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundle } from '../lib/bundle.mjs';
import { Signals } from '../lib/signals.mjs';
import { ROOT, startSite } from '../lib/site.mjs';
import { useChromium } from '../lib/world.mjs';

const holder = useChromium();

/** Runs the example in a page; what arrived, and what the bank got. */
async function run(t, setup) {
  const { text, warnings } = await bundle('1.10', 'examples/otel/main.js', { './setup-sonde.js': `${ROOT}examples/otel/${setup}` });
  assert.deepEqual(warnings, []);
  const signals = new Signals();
  const payments = [];
  const site = await startSite({
    files: { '/main.js': text },
    posts: {
      '/otlp/': signals.backend,
      '/pay': (request, response) => {
        payments.push(request.headers);
        request.resume();
        response.writeHead(200).end();
      },
    },
  });
  const page = await holder.browser.newPage();
  t.after(async () => {
    await page.close();
    await site.close();
  });
  const errors = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(site.origin);
  await page.addScriptTag({ url: '/main.js', type: 'module' });
  await page.evaluate(() => globalThis.visited);
  assert.deepEqual(errors, []);
  return { signals, payments };
}

/** Without ids, times and what the SDKs say of themselves. */
function comparable({ signals, payments }) {
  const names = new Map(signals.spans.map(({ spanId, name }) => [spanId, name]));
  const attributesOf = ({ 'exception.stacktrace': stack, ...attributes }) => ({ ...attributes, ...(stack && { stack: true }) });
  const resourceOf = ({ 'service.name': name, 'deployment.environment.name': environment }) => [name, environment];
  const spans = signals.spans.map((span) => ({
    name: span.name, kind: span.kind, scope: span.scope, version: span.version, attributes: span.attributes, status: span.status,
    parent: names.get(span.parentSpanId),
    events: span.events.map(({ name, attributes }) => [name, attributesOf(attributes)]),
    links: span.links.map(({ spanId, attributes }) => [names.get(spanId), attributes]),
    resource: resourceOf(span.resource),
  })).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const logs = signals.logs.map(({ body, severityNumber, severityText, attributes, scope, version, spanId, resource }) => ({
    body, severityNumber, severityText, attributes, scope, version, span: names.get(spanId), resource: resourceOf(resource),
  }));
  const metrics = signals.metrics.filter(({ scope }) => scope === 'shop').sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ aggregationTemporality, resource, ...metric }) => ({ ...metric, resource: resourceOf(resource) }));
  const paid = payments.map(({ traceparent, baggage }) => [names.get(traceparent.slice(36, 52)), baggage]);
  return { spans, logs, metrics, paid };
}

test('the same telemetry arrives with Sonde and with the SDK', async (t) => {
  const [sonde, sdk] = [await run(t, 'setup-sonde.js'), await run(t, 'setup-otel.js')].map(comparable);
  assert.deepEqual(sonde, sdk);
  assert.deepEqual(sonde.spans.map(({ name, parent, status, links }) => [name, parent, status.code, links.length]), [
    ['pay', 'place order', 'UNSET', 0],
    ['place order', undefined, 'ERROR', 1],
    ['place order', undefined, 'UNSET', 0],
    ['reserve', 'place order', 'ERROR', 0],
    ['reserve', 'place order', 'UNSET', 0],
  ]);
  assert.deepEqual(sonde.logs.map(({ body, span }) => [body, span]), [
    ['added to the cart', undefined], ['added to the cart', undefined], ['added to the cart', undefined], ['sold out', 'reserve'], ['order failed', 'place order'],
  ]);
  assert.deepEqual(sonde.metrics.map(({ name, kind }) => [name, kind]), [
    ['shop.cart.items', 'sum'], ['shop.order.total', 'histogram'], ['shop.orders', 'sum'], ['shop.stock', 'gauge'],
  ]);
  assert.deepEqual(sonde.paid, [['pay', 'user=Zo%C3%AB']]);
});
