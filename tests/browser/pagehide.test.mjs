// Records logged in the task that navigates away, and in a page that closes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { plain } from '../../examples/demo/lib/otlp.mjs';
import { until } from '../lib/inbox.mjs';
import { checkMostSevereFirst, describe, KEEPALIVE_BYTES, leave, numbersOf } from '../lib/leaving.mjs';
import { openWorld, start, stats, useChromium } from '../lib/world.mjs';

const holder = useChromium();
const PREFLIGHT = 100;

for (const where of ['origin', 'other']) {
  const name = where === 'origin' ? 'the same origin' : `another origin, each preflight ${PREFLIGHT} ms`;
  const open = async (t) => {
    const world = await openWorld(t, holder.browser, { preflightDelay: PREFLIGHT });
    await start(world.page, { endpoint: where === 'origin' ? world.origin : world.other.origin });
    return world;
  };

  test(`200 logs and away: all arrive at ${name}`, async (t) => {
    const { inbox, page } = await open(t);
    await leave(page, { count: 200, mixed: false });
    await inbox.received(200);
    assert.equal(numbersOf(inbox.records).size, 200);
  });

  test(`200 logs of all severities and away: all arrive at ${name}`, async (t) => {
    const { inbox, page } = await open(t);
    await leave(page, { count: 200, mixed: true });
    await until('all 200', () => numbersOf(inbox.records).size === 200);
  });

  test(`1,000 logs and away: the most severe arrive at ${name}`, async (t) => {
    const { inbox, page } = await open(t);
    await leave(page, { count: 1000, mixed: true });
    await inbox.received(200);
    const records = await inbox.settled();
    t.diagnostic(`${name}: ${describe(records, 1000)}`);
    // Whole batches came while the page was there, but the one under way when it
    // went may arrive, or end, after the one that outlives it.
    const exchanges = inbox.exchanges.filter((one) => one.records.length > 0)
      .sort((a, b) => b.records.length - a.records.length);
    assert.ok(exchanges.at(-1).bytes <= KEEPALIVE_BYTES, `${exchanges.at(-1).bytes} bytes`);
    checkMostSevereFirst(exchanges, 1000);
  });
}

test('records queued long before the page goes arrive, too', async (t) => {
  const { inbox, page, origin } = await openWorld(t, holder.browser);
  await start(page);
  await page.evaluate(() => {
    for (let i = 0; i < 30; i++) sonde.logger('earlier').info(`${i}`);
  });
  await delay(300);
  assert.equal(inbox.exchanges.length, 0);
  await page.goto(`${origin}/away`);
  await inbox.received(30);
  assert.equal(inbox.exchanges.length, 1);
});

test('what a pagehide listener of the page logs arrives', async (t) => {
  const { inbox, page, origin } = await openWorld(t, holder.browser);
  // Before and after the exporter adds its own listeners.
  await page.evaluate(() => addEventListener('pagehide', () => sonde.logger('hook').info('before')));
  await start(page);
  await page.evaluate(() => addEventListener('pagehide', () => sonde.logger('hook').info('after')));
  await page.evaluate(() => document.addEventListener('visibilitychange', () => sonde.logger('hook').info('hidden')));
  await page.goto(`${origin}/away`);
  const records = await inbox.received(3);
  assert.deepEqual(records.map(({ body }) => plain(body)).sort(), ['after', 'before', 'hidden']);
});

test('closing the tab delivers what is queued', async (t) => {
  const { inbox, page, context } = await openWorld(t, holder.browser);
  await context.newPage();
  await start(page);
  await page.evaluate(() => {
    for (let i = 0; i < 50; i++) sonde.logger('closing').info(`${i}`);
  });
  await page.close({ runBeforeUnload: true });
  await inbox.received(50);
});

test('reloading delivers what is queued, and the new page starts anew', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page);
  await page.evaluate(() => sonde.logger('reload').info('old'));
  await page.reload();
  await inbox.received(1);
  await start(page);
  assert.equal((await stats(page)).accepted, 0);
});

test('a request under way when the page goes is given up and its records are sent again', async (t) => {
  const { inbox, page, origin } = await openWorld(t, holder.browser);
  const accept = inbox.answer;
  inbox.answer = () => null;
  await start(page);
  const opened = once(inbox, 'open');
  await page.evaluate(() => sonde.logger('flight').error('in flight'));
  const [first] = await opened;
  assert.equal(plain(first.records[0].body), 'in flight');
  inbox.answer = accept;
  await page.evaluate(() => sonde.logger('flight').info('behind it'));
  await page.goto(`${origin}/away`);
  const records = await inbox.received(2);
  assert.deepEqual(records.map(({ body }) => plain(body)), ['in flight', 'behind it']);
  await until('the first is over', () => inbox.exchanges.some(({ id, status }) => id === first.id && status === 0));
});

test('records held by a back-off leave with the page', async (t) => {
  const { inbox, page, origin } = await openWorld(t, holder.browser);
  const accept = inbox.answer;
  inbox.answer = () => ({ status: 503, headers: { 'retry-after': '60' }, body: Buffer.alloc(0) });
  await start(page);
  await page.evaluate(() => sonde.logger('held').error('waiting'));
  await until('the refusal', () => inbox.exchanges.length === 1);
  inbox.answer = accept;
  await delay(200);
  await page.goto(`${origin}/away`);
  await inbox.received(1);
  assert.equal(inbox.exchanges.length, 2);
});
