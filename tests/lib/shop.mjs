// The site of examples/otel with one of its set-ups, and what must come of a
// visit.
import assert from 'node:assert/strict';
import { bundle } from './bundle.mjs';
import { Signals } from './signals.mjs';
import { ROOT, startSite } from './site.mjs';

/**
 * Its pages run the example.
 *
 * @param {'setup-sonde.js' | 'setup-otel.js'} setup
 */
export async function startShop(setup) {
  const { text, warnings } = await bundle('1.10', 'examples/otel/main.js', { './setup-sonde.js': `${ROOT}examples/otel/${setup}` });
  assert.deepEqual(warnings, []);
  const signals = new Signals();
  const payments = [];
  const site = await startSite({
    files: { '/main.js': text, '/page': '<!doctype html><title>shop</title><script type="module" src="/main.js"></script>' },
    posts: {
      '/otlp/': signals.backend,
      '/pay': (request, response) => {
        payments.push(request.headers);
        request.resume();
        response.writeHead(200).end();
      },
    },
  });
  return { ...site, signals, payments };
}

/** Without ids, times and what the SDKs say of themselves. */
export function comparable({ signals, payments }) {
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

/** What the shop does is what it told. @param {ReturnType<typeof comparable>} told */
export function checkVisit({ spans, logs, metrics, paid }) {
  assert.deepEqual(spans.map(({ name, parent, status, links }) => [name, parent, status.code, links.length]), [
    ['pay', 'place order', 'UNSET', 0],
    ['place order', undefined, 'ERROR', 1],
    ['place order', undefined, 'UNSET', 0],
    ['reserve', 'place order', 'ERROR', 0],
    ['reserve', 'place order', 'UNSET', 0],
  ]);
  assert.deepEqual(logs.map(({ body, span }) => [body, span]), [
    ['added to the cart', undefined], ['added to the cart', undefined], ['added to the cart', undefined], ['sold out', 'reserve'], ['order failed', 'place order'],
  ]);
  assert.deepEqual(metrics.map(({ name, kind }) => [name, kind]), [
    ['shop.cart.items', 'sum'], ['shop.order.total', 'histogram'], ['shop.orders', 'sum'], ['shop.stock', 'gauge'],
  ]);
  assert.deepEqual(paid, [['pay', 'user=Zo%C3%AB']]);
}
