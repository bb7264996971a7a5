// Hidden and shown again, into the back/forward cache and out of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain } from '../../examples/demo/lib/otlp.mjs';
import { until } from '../lib/inbox.mjs';
import { openTabs } from '../lib/tabs.mjs';
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
  await start(page, { batchDelay: 1500 });
  await page.evaluate(() => sonde.logger('tab').info('queued'));
  await setVisibility(page, 'hidden');
  await inbox.received(1, 1200);
  await setVisibility(page, 'visible');
  await page.evaluate(() => sonde.logger('tab').info('later'));
  assert.equal(inbox.records.length, 1, 'not at once');
  await inbox.received(2);
});

test('another tab in front: the real visibilitychange', async (t) => {
  const { inbox, origin } = await openWorld(t, holder.browser);
  const tabs = await openTabs(holder.browser);
  t.after(() => tabs.close());
  const tab = await tabs.open(`${origin}/page`);
  await until('the page is there', () => tab.evaluate('document.readyState === "complete" && location.pathname === "/page"'));
  await tab.evaluate(`(async () => {
    const { create } = await import('/sonde/sonde.js');
    globalThis.sonde = create({ wasm: fetch('/sonde/sonde-web.wasm'), endpoint: '/', token: 'token' });
    await sonde.ready;
    sonde.logger('tab').info('queued');
  })()`);
  assert.equal(await tab.evaluate('document.visibilityState'), 'visible');
  const front = await tabs.open('about:blank');
  await front.activate();
  await until('it is hidden', () => tab.evaluate('document.visibilityState === "hidden"'));
  await inbox.received(1);
  await tab.evaluate("sonde.logger('tab').info('from the background')");
  await tab.activate();
  await until('it is visible', () => tab.evaluate('document.visibilityState === "visible"'));
  await tab.close();
  await inbox.received(2);
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
