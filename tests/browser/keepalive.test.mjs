// The browser lets 64 KiB of request bodies outlive a page; over that a request
// fails as a whole. So no more than 60,000 bytes are ever on their way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../lib/inbox.mjs';
import { KEEPALIVE_BYTES } from '../lib/leaving.mjs';
import { openWorld, start, useChromium } from '../lib/world.mjs';

const holder = useChromium();
/** So long are requests under way that came at the same time. */
const HOLD = 400;

/** Answers late, and notes the most bytes that were on their way at a time. */
function slowly(inbox) {
  const accept = inbox.answer;
  const account = { now: 0, most: 0 };
  inbox.answer = async (exchange) => {
    account.now += exchange.bytes;
    account.most = Math.max(account.most, account.now);
    await delay(HOLD);
    account.now -= exchange.bytes;
    return accept(exchange);
  };
  return account;
}

const hide = (page) => page.evaluate(() => {
  // As if another tab came to the front: headless pages stay visible.
  Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
});

/** Wraps fetch before the exporter takes it, to see what it asks for. */
const watch = (page) => page.addInitScript(() => {
  globalThis.asked = [];
  const real = globalThis.fetch;
  globalThis.fetch = (url, init) => {
    if (init?.body) asked.push({ keepalive: !!init.keepalive, bytes: init.body.byteLength ?? init.body.size });
    return real(url, init);
  };
});

test('a hidden page sends all of a full queue, never over the budget', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await watch(page);
  await page.reload();
  await start(page);
  await page.evaluate(() => {
    for (let i = 0; i < 1000; i++) sonde.logger('full').info(`${i} `.padEnd(400, 'x'));
  });
  await hide(page);
  await inbox.received(1000, 30_000);
  const asked = await page.evaluate(() => globalThis.asked);
  const outliving = asked.filter(({ keepalive }) => keepalive);
  assert.ok(outliving.length > 0, 'the page is hidden');
  for (const { bytes } of outliving) assert.ok(bytes <= KEEPALIVE_BYTES, `${bytes} bytes`);
});

test('a visible page does not use the budget', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await watch(page);
  await page.reload();
  await start(page);
  await page.evaluate(() => sonde.logger('visible').error('x'));
  await inbox.received(1);
  assert.deepEqual((await page.evaluate(() => asked)).map(({ keepalive }) => keepalive), [false]);
});

test('two instances share the budget when the page goes', async (t) => {
  const { inbox, page, origin } = await openWorld(t, holder.browser);
  const account = slowly(inbox);
  await page.evaluate(async () => {
    const { create } = await import('/sonde/sonde.js');
    const { create: twin } = await import('/sonde/sonde.js?another-bundle');
    const module = await WebAssembly.compileStreaming(fetch('/sonde/sonde-web.wasm'));
    const options = { wasm: module, endpoint: location.origin, token: 'token' };
    globalThis.both = [create(options), twin(options)];
    await Promise.all(both.map(({ ready }) => ready));
    for (const [index, one] of both.entries()) {
      for (let i = 0; i < 200; i++) one.logger(`instance ${index}`).info(`${i} `.padEnd(200, 'x'));
    }
  });
  await page.goto(`${origin}/away`);
  await inbox.received(200);
  const records = await inbox.settled(HOLD + 400);
  const of = (name) => records.filter(({ scope }) => scope.name === name).length;
  t.diagnostic(`${of('instance 0')} + ${of('instance 1')} of 200 + 200 records, ${account.most} bytes`);
  assert.ok(account.most <= KEEPALIVE_BYTES, `${account.most} bytes at a time`);
  assert.equal(of('instance 0'), 200);
  assert.ok(of('instance 1') > 0, 'the second used what was left');
});

test('the budget is given back when requests are over', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page);
  for (let round = 1; round <= 12; round++) {
    await page.evaluate(() => {
      for (let i = 0; i < 40; i++) sonde.logger('again').info('x'.repeat(1000));
    });
    await hide(page);
    await inbox.received(40 * round);
  }
  await until('nothing is in use', () => page.evaluate(() => {
    const [bytes, requests] = globalThis[Symbol.for('sonde.keepalive')];
    return bytes === 0 && requests === 0;
  }));
});

test('a refused keepalive request is repeated, also while the page stays hidden', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  const accept = inbox.answer;
  let refusals = 2;
  inbox.answer = (exchange) => (refusals-- > 0 ? { status: 503, body: Buffer.alloc(0) } : accept(exchange));
  await start(page, { retryDelay: 50 });
  await page.evaluate(() => sonde.logger('hidden').info('x'));
  await hide(page);
  await inbox.received(1);
  assert.equal(inbox.exchanges.length, 3);
});
