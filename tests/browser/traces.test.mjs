// Spans and measurements of real pages: complete in both encodings, and beside
// logs when the page goes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { plain, plainMap } from '../../examples/demo/lib/otlp.mjs';
import { until } from '../lib/inbox.mjs';
import { KEEPALIVE_BYTES } from '../lib/leaving.mjs';
import { checkPoints, checkSpans, measureEverything, POINTS, SPANS, traceEverything } from '../lib/signals-everything.mjs';
import { openWorld, start, stats, troubles, useChromium } from '../lib/world.mjs';

const holder = useChromium();
const open = (t, options) => openWorld(t, holder.browser, options);

for (const encoding of ['protobuf', 'json']) {
  for (const where of ['same origin', 'other origin']) {
    test(`${encoding}, ${where}: all fields of spans and data points arrive`, async (t) => {
      const { inbox, page, origin, other } = await open(t);
      const since = Date.now();
      await start(page, { encoding, endpoint: where === 'same origin' ? origin : other.origin });
      await page.evaluate(traceEverything);
      await page.evaluate(measureEverything);
      await until('all of them', () => inbox.spans.length >= SPANS && inbox.points.length >= POINTS);
      checkSpans(inbox.spans, inbox.records, since);
      checkPoints(inbox.points, since);
      assert.ok(inbox.exchanges.every(({ json }) => json === (encoding === 'json')));
      const { traces } = await stats(page);
      assert.deepEqual([traces.accepted, traces.delivered], [SPANS, SPANS]);
      assert.deepEqual(await troubles(page), []);
    });
  }

  for (const way of ['navigates', 'closes']) {
    test(`${encoding}: a page that ${way} delivers spans together with logs and measurements`, async (t) => {
      const { inbox, page, origin, context } = await open(t);
      await context.newPage();
      await start(page, { encoding });
      await page.evaluate(() => {
        const tracer = sonde.tracer('leaving');
        const view = tracer.startSpan('view');
        addEventListener('pagehide', () => {
          sonde.withSpan(view, () => sonde.logger('leaving').info('bye'));
          view.end();
        });
        for (let i = 0; i < 50; i++) tracer.startSpan(`${i}`, {}, view).setAttribute('i', i).end();
        for (let i = 0; i < 50; i++) sonde.logger('leaving').info(`${i}`);
        sonde.meter('leaving').createCounter('left').add(1);
      });
      await delay(200);
      assert.equal(inbox.exchanges.length, 0);
      if (way === 'closes') await page.close({ runBeforeUnload: true });
      else await page.goto(`${origin}/away`);
      await until('all of them', () => inbox.spans.length >= 51 && inbox.records.length >= 51 && inbox.points.length >= 1);
      const view = inbox.spans.find(({ name }) => name === 'view');
      const bye = inbox.records.find(({ body }) => plain(body) === 'bye');
      assert.deepEqual([bye.traceId, bye.spanId], [view.traceId, view.spanId]);
      const children = inbox.spans.filter(({ parentSpanId }) => parentSpanId === view.spanId);
      assert.deepEqual(children.map(({ attributes }) => plainMap(attributes).i), Array.from({ length: 50 }, (_, i) => i));
      assert.deepEqual(inbox.exchanges.map(({ signal }) => signal).sort(), ['logs', 'metrics', 'traces']);
    });
  }
}

test('more logs and spans than may outlive the page: both leave, within the budget', async (t) => {
  const { inbox, page, origin } = await open(t);
  await page.addInitScript(() => {
    const real = globalThis.fetch;
    globalThis.fetch = (url, init) => {
      if (init?.keepalive) sessionStorage.setItem('asked', `${sessionStorage.getItem('asked') ?? ''} ${init.body.byteLength}`);
      return real(url, init);
    };
  });
  await page.reload();
  await start(page, { maxBatchRecords: 4096 });
  await page.evaluate(() => {
    for (let i = 0; i < 1000; i++) {
      sonde.logger('large').info(`${i} `.padEnd(200, 'x'));
      sonde.tracer('large').startSpan(`${i} `.padEnd(100, 'x')).setStatus({ code: i % 10 ? 1 : 0 }).end();
    }
    location.href = '/away';
  });
  await page.waitForURL(`${origin}/away`);
  await until('both', () => inbox.spans.length > 0 && inbox.records.length > 0);
  const asked = (await page.evaluate(() => sessionStorage.getItem('asked'))).trim().split(' ').map(Number);
  assert.equal(asked.length, 2);
  const sum = asked[0] + asked[1];
  t.diagnostic(`${inbox.spans.length} spans and ${inbox.records.length} logs of 1,000 each, ${asked.join(' + ')} bytes`);
  assert.ok(sum <= KEEPALIVE_BYTES && sum > 0.8 * KEEPALIVE_BYTES, `${sum} bytes`);
});

test('a failing span leaves at once, others later', async (t) => {
  const { inbox, page } = await open(t);
  await start(page);
  await page.evaluate(() => sonde.tracer('x').startSpan('fine').end());
  await delay(300);
  assert.equal(inbox.exchanges.length, 0);
  await page.evaluate(() => sonde.tracer('x').startSpan('failed').setStatus({ code: 2 }).end());
  await until('both', () => inbox.spans.length === 2);
});

test('durations are those of the clock of the page', async (t) => {
  const { inbox, page } = await open(t);
  await start(page);
  const took = await page.evaluate(async () => {
    const began = performance.now();
    const span = sonde.tracer('x').startSpan('slow', { startTime: began });
    await new Promise((resolve) => { setTimeout(resolve, 120); });
    const ended = performance.now();
    span.end(ended);
    await sonde.flush();
    return ended - began;
  });
  const [{ startTimeUnixNano, endTimeUnixNano }] = inbox.spans;
  assert.ok(Math.abs(Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6 - took) < 0.01);
  assert.ok(Math.abs(Number(endTimeUnixNano) / 1e6 - Date.now()) < 2000);
});

test('sampled traces are half of them, and whole', async (t) => {
  const { inbox, page } = await open(t);
  await start(page, { sampleRate: 0.5, maxQueueSpans: 4096 });
  await page.evaluate(() => {
    const tracer = sonde.tracer('x');
    for (let i = 0; i < 1000; i++) {
      const parent = tracer.startSpan('parent');
      tracer.startSpan('child', {}, parent).end();
      parent.end();
    }
    return sonde.flush();
  });
  const { spans } = inbox;
  t.diagnostic(`${spans.length / 2} of 1,000 traces`);
  assert.ok(spans.length > 800 && spans.length < 1200);
  const parents = new Set(spans.filter(({ name }) => name === 'parent').map(({ spanId }) => spanId));
  for (const { name, parentSpanId, traceState } of spans) assert.ok(traceState === 'ot=th:8' && (name === 'parent' || parents.has(parentSpanId)));
  assert.equal(parents.size * 2, spans.length);
});
