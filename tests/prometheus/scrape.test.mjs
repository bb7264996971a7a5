// From measuring to scraping: the accumulators of an exporter on sonde-edge.wasm
// as Prometheus text.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { create } from '../../dist/web/sonde.js';
import { createExposition, createScraper } from '../../dist/edge/prometheus.js';

const module = new WebAssembly.Module(readFileSync(new URL('../../dist/edge/sonde-edge.wasm', import.meta.url)));
const exposition = createExposition({ module });

function open(options) {
  const scraper = createScraper();
  const sonde = create({
    wasm: module, endpoint: 'http://localhost:1', token: false, online: () => false, temporality: 'cumulative',
    serviceName: 'shop', extensions: [scraper.extend], ...options,
  });
  const text = (accept) => new TextDecoder().decode(exposition.metricsText(scraper.take(), { accept }).body);
  return { sonde, scraper, text };
}

const linesOf = (text, name) => text.split('\n').filter((line) => line.startsWith(name));

test('counters, gauges, histograms and observers, again and again', () => {
  const { sonde, text } = open();
  const meter = sonde.meter('shop.cart', '2');
  const items = meter.createCounter('cart.items', { unit: '{item}', description: 'put into carts' });
  const weight = meter.createHistogram('cart.weight', { unit: 'kg', advice: { explicitBucketBoundaries: [1, 5] } });
  let asked = 0;
  meter.createObservableGauge('cart.open').addCallback((result) => result.observe(++asked));
  const scope = 'otel_scope_name="shop.cart",otel_scope_version="2"';
  for (let round = 1; round <= 3; round++) {
    items.add(2, { kind: 'book' });
    weight.record(3);
    const body = text();
    assert.deepEqual(linesOf(body, 'cart_items_total'), [`cart_items_total{kind="book",${scope}} ${2 * round}`]);
    assert.deepEqual(linesOf(body, 'cart_open'), [`cart_open{${scope}} ${round}`]);
    assert.equal(linesOf(body, 'cart_weight_kg_bucket').length + linesOf(body, 'cart_weight_bucket').length, 3);
    assert.match(body, /# HELP cart_items_total put into carts/);
    assert.match(body, /target_info\{.*service_name="shop".*\} 1/);
  }
});

test('OpenMetrics with an exemplar of the active span', () => {
  const { sonde, text } = open();
  const span = sonde.tracer('t').startSpan('order');
  sonde.withSpan(span, () => sonde.meter('m').createCounter('orders').add(1));
  const body = text('application/openmetrics-text; version=1.0.0');
  assert.match(body, new RegExp(`orders_total\\{.*\\} 1(\\.0)? # \\{.*trace_id="${span.spanContext().traceId}"`));
  assert.ok(body.endsWith('# EOF\n'));
});

test('1,000 series, more than the queue holds', () => {
  const { sonde, text } = open();
  const counter = sonde.meter('m').createCounter('many');
  for (let i = 0; i < 1000; i++) counter.add(i, { i });
  assert.equal(linesOf(text(), 'many_total').length, 1000);
  assert.equal(linesOf(text(), 'many_total').length, 1000);
});

test('delta temporality, and another module', () => {
  const delta = open({ temporality: 'delta' });
  assert.throws(() => delta.scraper.take(), /temporality to cumulative/);
  const web = open({ wasm: readFileSync(new URL('../../dist/web/sonde-web.wasm', import.meta.url)) });
  assert.throws(() => web.scraper.take(), /sonde-edge\.wasm/);
  assert.equal(createScraper().take().length, 0);
});
