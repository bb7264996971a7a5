// examples/otel with both of its set-ups: the same telemetry arrives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkVisit, comparable, startShop } from '../lib/shop.mjs';
import { useChromium } from '../lib/world.mjs';

const holder = useChromium();

/** Runs the example in a page; what arrived, and what the bank got. */
async function run(t, setup) {
  const shop = await startShop(setup);
  const page = await holder.browser.newPage();
  t.after(async () => {
    await page.close();
    await shop.close();
  });
  const errors = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(`${shop.origin}/page`);
  await page.evaluate(() => globalThis.visited);
  assert.deepEqual(errors, []);
  return comparable(shop);
}

test('the same telemetry arrives with Sonde and with the SDK', async (t) => {
  const [sonde, sdk] = [await run(t, 'setup-sonde.js'), await run(t, 'setup-otel.js')];
  assert.deepEqual(sonde, sdk);
  checkVisit(sonde);
});
