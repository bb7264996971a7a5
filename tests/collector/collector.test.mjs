// Logs, spans and measurements in Node and in Chromium, through the real Collector into its file,
// and compared there field by field.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, test } from 'node:test';
import { plain } from '../../examples/demo/lib/otlp.mjs';
import { proxyTo, startCollector } from '../lib/collector.mjs';
import { checkEverything, checkResource, EXPECTED, logEverything } from '../lib/everything.mjs';
import { describe, leave, numbersOf, severeOf } from '../lib/leaving.mjs';
import { checkPoints, checkSpans, isDeclined, LOGS, measureEverything, POINTS, SPANS, traceEverything } from '../lib/signals-everything.mjs';
import { listen, ROOT } from '../lib/site.mjs';
import { openWorld, start, stats, troubles, useChromium } from '../lib/world.mjs';

const holder = useChromium();
const PREFLIGHT = 100;
const ENCODINGS = ['protobuf', 'json'];
const IDENTITY = { serviceName: 'shop', serviceVersion: '4.5.6', environment: 'test', resource: { 'shop.shelf': [1, 'a'] } };
const RESOURCE = {
  'service.name': 'shop', 'service.version': '4.5.6', 'deployment.environment.name': 'test',
  'shop.shelf': [1, 'a'], 'telemetry.sdk.name': 'sonde', 'session.id': /^[0-9a-f-]{32,36}$/,
};

/** @type {import('../lib/collector.mjs').Collector} */
let collector;
beforeEach(async () => { collector = await startCollector(); });
afterEach(() => collector.stop());

/** An exporter in this process. */
async function exporter(options) {
  const { create } = await import(`${ROOT}dist/web/sonde.js`);
  const seen = [];
  const sonde = create({
    wasm: await readFile(`${ROOT}dist/web/sonde-web.wasm`), endpoint: collector.origin, token: 'token',
    onError: (trouble) => seen.push(trouble), ...options,
  });
  return { sonde, seen };
}

/** All three signals are in the file, and nothing else. */
async function checkSignals(since) {
  const spans = await collector.received(SPANS, 'traces');
  const points = await collector.received(POINTS, 'metrics');
  const records = await collector.received(EXPECTED.length + LOGS);
  checkSpans(spans, records, since);
  checkPoints(points, since);
  checkEverything(records.filter((one) => !isDeclined(one)), since);
  for (const one of [spans[0], points[0], records[0]]) checkResource(one, RESOURCE);
}

/** A page whose site hands what is sent on to the Collector. */
function openSite(t) {
  return openWorld(t, holder.browser, { backend: proxyTo(collector.origin) });
}

/** Another origin in front of the Collector, whose own CORS rules are used. */
async function openFront(t) {
  const front = await listen(proxyTo(collector.origin, { preflightDelay: PREFLIGHT }));
  t.after(() => front.close());
  return front.origin;
}

for (const encoding of ENCODINGS) {
  test(`Node, ${encoding}: every field is in the Collector's file`, async () => {
    const since = Date.now();
    const { sonde, seen } = await exporter({ encoding, ...IDENTITY });
    globalThis.sonde = sonde;
    await logEverything();
    const records = await collector.received(EXPECTED.length);
    checkEverything(records, since);
    checkResource(records[0], RESOURCE);
    await sonde.close();
    const { accepted, delivered } = sonde.stats();
    assert.deepEqual([accepted, delivered, seen], [EXPECTED.length, EXPECTED.length, []]);
  });

  for (const where of ['same origin', 'other origin']) {
    test(`Chromium, ${encoding}, ${where}: every field is in the Collector's file`, async (t) => {
      const { page } = await openSite(t);
      const since = Date.now();
      const endpoint = where === 'same origin' ? {} : { endpoint: await openFront(t) };
      await start(page, { encoding, ...IDENTITY, ...endpoint });
      await page.evaluate(logEverything);
      const records = await collector.received(EXPECTED.length);
      checkEverything(records, since);
      checkResource(records[0], { ...RESOURCE, 'user_agent.original': /Chrome/ });
      assert.equal((await stats(page)).delivered, EXPECTED.length);
      assert.deepEqual(await troubles(page), []);
    });
  }
}

for (const encoding of ENCODINGS) {
  test(`Node, ${encoding}: all signals at once, every field is in the Collector's file`, async () => {
    const since = Date.now();
    const { sonde, seen } = await exporter({ encoding, ...IDENTITY });
    globalThis.sonde = sonde;
    // Each flush is a collection, and gauges are in all of them.
    await Promise.all([logEverything(), traceEverything()]);
    await measureEverything();
    await checkSignals(since);
    const { delivered, traces, metrics } = sonde.stats();
    await sonde.close();
    assert.deepEqual([delivered, traces.delivered, metrics.delivered, seen], [EXPECTED.length + LOGS, SPANS, POINTS, []]);
  });

  test(`Chromium, ${encoding}: all signals at once, every field is in the Collector's file`, async (t) => {
    const { page } = await openSite(t);
    const since = Date.now();
    await start(page, { encoding, ...IDENTITY, endpoint: await openFront(t) });
    await Promise.all([page.evaluate(logEverything), page.evaluate(traceEverything)]);
    await page.evaluate(measureEverything);
    await checkSignals(since);
    assert.deepEqual(await troubles(page), []);
  });
}

test('a page that goes delivers spans and measurements, too', async (t) => {
  const { page, origin } = await openSite(t);
  await start(page);
  await page.evaluate(() => {
    const span = sonde.tracer('leaving').startSpan('view');
    sonde.meter('leaving').createCounter('left', { valueType: 0 }).add(7);
    addEventListener('pagehide', () => span.end());
  });
  await page.goto(`${origin}/away`);
  const [span] = await collector.received(1, 'traces');
  const [point] = await collector.received(1, 'metrics');
  assert.deepEqual([span.name, point.name, point.asInt], ['view', 'left', '7']);
});

test('spans and measurements that the Collector refuses are dropped and counted', async () => {
  const front = await listen(proxyTo(collector.origin, {
    change: (headers) => { headers['content-type'] = 'text/plain'; },
  }));
  const { sonde, seen } = await exporter({ endpoint: front.origin });
  sonde.tracer('refused').startSpan('x').setStatus({ code: 2 }).end();
  sonde.meter('refused').createCounter('x').add(1);
  await sonde.flush();
  assert.deepEqual(seen.map(({ signal, status }) => [signal, status]).sort(), [['metrics', 415], ['traces', 415]]);
  const { traces, metrics } = sonde.stats();
  assert.deepEqual([traces.droppedTotal, metrics.droppedTotal], [1, 1]);
  await sonde.close();
  await front.close();
});

test('straight to the Collector, whose CORS answer the browser keeps', async (t) => {
  const { page } = await openSite(t);
  await start(page, { endpoint: collector.origin });
  for (let i = 0; i < 3; i++) {
    await page.evaluate((n) => {
      sonde.logger('straight').error(`${n}`);
      return sonde.flush();
    }, i);
  }
  const records = await collector.received(3);
  assert.deepEqual(records.map(({ body }) => plain(body)), ['0', '1', '2']);
});

test('three batches of 256 and the rest: complete, in order, once', async () => {
  const { sonde } = await exporter();
  const logger = sonde.logger('many');
  for (let i = 0; i < 1000; i++) logger.info(`${i}`);
  await sonde.flush();
  const records = await collector.received(1000);
  assert.deepEqual(records.map(({ body }) => plain(body)), Array.from({ length: 1000 }, (_, i) => `${i}`));
  assert.equal(sonde.stats().delivered, 1000);
  await sonde.close();
});

test('close delivers what is queued', async () => {
  const { sonde } = await exporter();
  sonde.logger('closing').info('the last word');
  await sonde.close();
  const [record] = await collector.received(1);
  assert.equal(plain(record.body), 'the last word');
});

test('what the Collector refuses is dropped and counted', async () => {
  const front = await listen(proxyTo(collector.origin, {
    change: (headers) => { headers['content-type'] = 'text/plain'; },
  }));
  const { sonde, seen } = await exporter({ endpoint: front.origin });
  sonde.logger('refused').error('x');
  await sonde.flush();
  assert.equal(seen.length, 1);
  assert.equal(seen[0].status, 415);
  assert.equal(sonde.stats().droppedTotal, 1);
  await sonde.close();
  await front.close();
});

for (const encoding of ENCODINGS) {
  test(`answers of the Collector that are compressed are understood (${encoding})`, async () => {
    const seen = [];
    const front = await listen(proxyTo(collector.origin, {
      change(headers) {
        seen.push(headers['content-encoding'] ?? 'none');
        headers['accept-encoding'] = 'gzip';
      },
    }));
    const { sonde } = await exporter({ endpoint: front.origin, encoding });
    sonde.logger('plain').error('x');
    await sonde.flush();
    await collector.received(1);
    assert.deepEqual(seen, ['none'], 'bodies are not compressed yet');
    assert.equal(sonde.stats().delivered, 1);
    await sonde.close();
    await front.close();
  });
}

test('a Collector that is down and comes back: nothing is lost', async () => {
  let isUp = false;
  const through = proxyTo(collector.origin);
  const front = await listen((request, response) => (isUp ? through(request, response) : request.destroy()));
  const { sonde } = await exporter({ endpoint: front.origin, retryDelay: 50, maxRetryDelay: 200 });
  for (let i = 0; i < 300; i++) sonde.logger('patient').info(`${i}`);
  sonde.logger('patient').error('urgent');
  await new Promise((resolve) => { setTimeout(resolve, 500); });
  assert.equal(sonde.stats().delivered, 0);
  isUp = true;
  const records = await collector.received(301);
  assert.equal(new Set(records.map(({ body }) => plain(body))).size, 301);
  await sonde.close();
  await front.close();
});

for (const where of ['same origin', 'other origin']) {
  const name = where === 'same origin' ? where : `${where}, each preflight ${PREFLIGHT} ms`;

  async function go(t, wanted) {
    const { page } = await openSite(t);
    const endpoint = where === 'same origin' ? {} : { endpoint: await openFront(t) };
    await start(page, endpoint);
    await leave(page, wanted);
  }

  test(`200 logs and away, ${name}: all are in the Collector's file`, async (t) => {
    await go(t, { count: 200, mixed: false });
    await collector.received(200);
    assert.equal(numbersOf(await collector.settled()).size, 200);
  });

  test(`1,000 logs and away, ${name}: the most severe are in the Collector's file`, async (t) => {
    await go(t, { count: 1000, mixed: true });
    await collector.received(200);
    const records = await collector.settled();
    t.diagnostic(`${name}: ${describe(records, 1000)}`);
    const { severe, of } = severeOf(records, 1000);
    assert.equal(severe, of, 'all ERROR and FATAL');
  });
}
