// Log calls in Chromium, decoded at a receiver.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain, plainMap } from '../../examples/demo/lib/otlp.mjs';
import { checkEverything, checkResource, EXPECTED, logEverything } from '../lib/everything.mjs';
import { droppedOf, openWorld, start, stats, troubles, useChromium } from '../lib/world.mjs';

const holder = useChromium();

const RESOURCE = {
  'service.name': 'shop',
  'service.version': '4.5.6',
  'deployment.environment.name': 'test',
  'telemetry.sdk.name': 'sonde',
  'telemetry.sdk.language': 'webjs',
  'user_agent.original': /Chrome/,
  'session.id': /^[0-9a-f-]{32,36}$/,
  'shop.region': ['eu', 1],
};

for (const encoding of ['protobuf', 'json']) {
  test(`all that a log call can carry arrives, as ${encoding}`, async (t) => {
    const { inbox, page, errors } = await openWorld(t, holder.browser);
    const since = Date.now();
    await start(page, {
      encoding, serviceName: 'shop', serviceVersion: '4.5.6', environment: 'test', resource: { 'shop.region': ['eu', 1] },
    });
    await page.evaluate(logEverything);
    const records = await inbox.received(EXPECTED.length);
    checkEverything(records, since);
    checkResource(records[0], RESOURCE);
    const [{ headers }] = inbox.exchanges;
    assert.equal(headers['content-type'], encoding === 'json' ? 'application/json' : 'application/x-protobuf');
    assert.equal(headers.authorization, 'Bearer token');
    assert.deepEqual(errors, []);
    assert.deepEqual(await troubles(page), []);
  });
}

test('the ledger agrees with what the receiver saw', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page);
  await page.evaluate(logEverything);
  await inbox.received(EXPECTED.length);
  const ledger = await stats(page);
  assert.equal(ledger.accepted, EXPECTED.length);
  assert.equal(ledger.delivered, EXPECTED.length);
  assert.equal(ledger.queued + ledger.inFlight + droppedOf(ledger), 0);
});

test('an ERROR leaves at once, with what was logged in its task', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page);
  await page.evaluate(() => {
    const logger = sonde.logger('soon');
    logger.info('before');
    logger.error('the error');
    logger.info('after');
  });
  await inbox.received(3, 2000);
  assert.deepEqual(inbox.bodies, ['before', 'the error', 'after']);
  assert.equal(inbox.exchanges.length, 1);
});

test('a batch leaves after its delay', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page, { batchDelay: 300 });
  await page.evaluate(() => sonde.logger('delayed').info('later'));
  assert.equal(inbox.exchanges.length, 0);
  await inbox.received(1, 3000);
});

test('2,000 records in one task: the queue keeps 1,024, the most severe among them', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page);
  await page.evaluate(() => {
    const logger = sonde.logger('flood');
    const levels = ['debug', 'info', 'info', 'info', 'warn'];
    for (let i = 0; i < 2000; i++) logger[i % 100 === 0 ? 'error' : levels[i % 5]](`record ${i}`);
    return sonde.flush();
  });
  await inbox.received(1024);
  const records = await inbox.settled();
  const count = (number) => records.filter(({ severityNumber }) => severityNumber === number).length;
  assert.equal(records.length, 1024);
  // 20 ERROR, 400 WARN and as many INFO as there is room for; no DEBUG.
  assert.deepEqual([17, 13, 9, 5].map(count), [20, 400, 604, 0]);
  const ledger = await stats(page);
  assert.equal(ledger.accepted, ledger.delivered + droppedOf(ledger));
  assert.equal(droppedOf(ledger), 976);
});

test('records logged before the module is ready are replayed', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await page.evaluate(async () => {
    const { create } = await import('/sonde/sonde.js');
    let arrive;
    const wasm = new Promise((resolve) => { arrive = resolve; });
    globalThis.sonde = create({ wasm, endpoint: location.origin, token: 'token' });
    const logger = sonde.logger('early', '1');
    const attributes = { state: 'then' };
    logger.info('first', attributes);
    logger.error('second', {}, new Error('early one'));
    attributes.state = 'changed';
    await new Promise((resolve) => setTimeout(resolve, 400));
    globalThis.arrivedAt = Date.now();
    arrive(await fetch('/sonde/sonde-web.wasm'));
    await sonde.ready;
    logger.info('third');
    await sonde.flush();
  });
  const [first, second, third] = await inbox.received(3);
  assert.deepEqual([first, second, third].map(({ body }) => plain(body)), ['first', 'second', 'third']);
  assert.deepEqual(plainMap(first.attributes), { state: 'then' });
  assert.equal(plainMap(second.attributes)['exception.message'], 'early one');
  const ready = await page.evaluate(() => globalThis.arrivedAt);
  assert.ok(Number(BigInt(first.timeUnixNano) / 1_000_000n) <= ready - 350, 'the time of the call is kept');
});

test('markup stays text all the way', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page);
  const attack = '<img src=x onerror=alert(1)>"\'\\\u0000\u2028</script>';
  await page.evaluate((text) => {
    sonde.logger(text).info(text, { [text]: text });
    return sonde.flush();
  }, attack);
  const [record] = await inbox.received(1);
  assert.equal(plain(record.body), attack);
  assert.equal(record.scope.name, attack);
  assert.deepEqual(plainMap(record.attributes), { [attack]: attack });
});
