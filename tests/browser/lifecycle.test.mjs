// Hidden and shown again, into the back/forward cache and out of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain } from '../../examples/demo/lib/otlp.mjs';
import { openWorld, start, stats, useChromium } from '../lib/world.mjs';

// playwright switches the back/forward cache off by default.
const holder = useChromium({ ignoreDefaultArgs: ['--disable-back-forward-cache'] });

const setVisibility = (page, state) => page.evaluate((value) => {
  Object.defineProperty(document, 'visibilityState', { value, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}, state);

/** A page that comes out of the cache is not loaded again. */
const back = (page) => page.goBack({ waitUntil: 'commit' });

test('a page that is hidden sends at once; shown again it batches as before', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page, { batchDelay: 400 });
  await page.evaluate(() => sonde.logger('tab').info('queued'));
  await setVisibility(page, 'hidden');
  await inbox.received(1, 350);
  await setVisibility(page, 'visible');
  await page.evaluate(() => sonde.logger('tab').info('later'));
  assert.equal(inbox.records.length, 1, 'not at once');
  await inbox.received(2);
});

test('another tab in front: the real visibilitychange', async (t) => {
  const { inbox, page, context } = await openWorld(t, holder.browser);
  await start(page);
  await page.evaluate(() => sonde.logger('tab').info('queued'));
  const session = await context.newCDPSession(page);
  await context.newPage().then((other) => other.bringToFront());
  const hidden = await page.evaluate(() => document.visibilityState);
  if (hidden !== 'hidden') {
    // Headless tabs do not cover each other in every version: the window does.
    const { windowId } = await session.send('Browser.getWindowForTarget');
    await session.send('Browser.setWindowBounds', { windowId, bounds: { windowState: 'minimized' } });
  }
  const state = await page.evaluate(() => document.visibilityState);
  if (state !== 'hidden') return t.skip('this Chromium keeps headless pages visible');
  await inbox.received(1);
});

test('a page that comes back from the back/forward cache goes on', async (t) => {
  const { inbox, page, origin } = await openWorld(t, holder.browser);
  await start(page, { batchDelay: 300 });
  await page.evaluate(() => {
    globalThis.shown = [];
    addEventListener('pageshow', ({ persisted }) => shown.push(persisted));
    sonde.logger('bfcache').info('before');
  });
  await page.goto(`${origin}/away`);
  await inbox.received(1);
  await back(page);
  assert.deepEqual(await page.evaluate(() => globalThis.shown), [true], 'the page was cached');
  await page.evaluate(() => sonde.logger('bfcache').info('after'));
  const records = await inbox.received(2);
  assert.deepEqual(records.map(({ body }) => plain(body)), ['before', 'after']);
  const { accepted, delivered, inFlight, queued } = await stats(page);
  // What became of the request that outlived the page may be unknown to it:
  // then its records are sent again, and come twice.
  assert.equal(accepted, 2);
  assert.equal(delivered + inFlight + queued, 2);
});

test('away and back three times: every visit is delivered', async (t) => {
  const { inbox, page, origin } = await openWorld(t, holder.browser);
  await start(page);
  for (let visit = 0; visit < 3; visit++) {
    await page.evaluate((number) => sonde.logger('visits').info(`visit ${number}`), visit);
    await page.goto(`${origin}/away`);
    await inbox.received(visit + 1);
    await back(page);
  }
  assert.deepEqual([...new Set(inbox.bodies)], ['visit 0', 'visit 1', 'visit 2']);
});

test('after close nothing listens: going away sends nothing', async (t) => {
  const { inbox, page, origin } = await openWorld(t, holder.browser);
  await start(page);
  await page.evaluate(async () => {
    sonde.logger('closed').info('last');
    await sonde.close();
    sonde.logger('closed').error('too late');
  });
  assert.equal(inbox.records.length, 1);
  await page.goto(`${origin}/away`);
  await inbox.settled(300);
  assert.deepEqual(inbox.bodies, ['last']);
});
