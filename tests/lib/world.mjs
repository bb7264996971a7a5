// What a browser test needs: one Chromium for its file; for each test a site, a
// second origin, a receiver behind both and a page of its own.
import { after, before } from 'node:test';
import { launchChromium } from '../../examples/demo/lib/chromium.mjs';
import { Inbox } from './inbox.mjs';
import { startOtherOrigin, startSite } from './site.mjs';

/** @param {import('playwright-core').LaunchOptions} [options] */
export function useChromium(options) {
  const holder = { /** @type {import('playwright-core').Browser} */ browser: undefined };
  before(async () => { holder.browser = await launchChromium(options); });
  after(() => holder.browser?.close());
  return holder;
}

/**
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').Browser} browser
 * @param {object} [options]
 * @param {import('./site.mjs').Handler} [options.backend] the inbox by default
 * @param {Record<string, import('./site.mjs').Handler>} [options.posts] what answers other POSTs, by how their path begins
 * @param {Record<string, string>} [options.files]
 * @param {Record<string, string>} [options.headers] of pages
 * @param {number} [options.preflightDelay] of the other origin, ms
 * @param {string} [options.path] of the first page
 */
export async function openWorld(t, browser, options = {}) {
  const { posts, files, headers, preflightDelay = 0, path = '/page' } = options;
  const inbox = new Inbox();
  const backend = options.backend ?? inbox.backend;
  const site = await startSite({ backend, posts, files, headers });
  const other = await startOtherOrigin({ backend, preflightDelay });
  const context = await browser.newContext();
  t.after(async () => {
    await context.close();
    await Promise.all([site.close(), other.close()]);
  });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(site.origin + path);
  return { inbox, site, other, context, page, errors, origin: site.origin };
}

/**
 * Makes `sonde` in the page, and `troubles`, what it told onError.
 *
 * @param {import('playwright-core').Page} page
 * @param {object} [options] of create; the endpoint is the page's origin and
 *   the token is set unless given
 */
export function start(page, options = {}) {
  return page.evaluate(async (given) => {
    const { create } = await import('/sonde/sonde.js');
    globalThis.troubles = [];
    globalThis.sonde = create({
      wasm: fetch('/sonde/sonde-web.wasm'),
      endpoint: location.origin,
      token: 'token',
      onError: (trouble) => troubles.push({ ...trouble, message: trouble.message }),
      ...given,
    });
    await sonde.ready;
  }, options);
}

export const stats = (page) => page.evaluate(() => sonde.stats());
export const troubles = (page) => page.evaluate(() => troubles);

/** The sum of a ledger's drops. @param {Record<string, Record<string, number>>} dropped */
export function droppedOf({ dropped }) {
  return Object.values(dropped).flatMap(Object.values).reduce((sum, number) => sum + number, 0);
}
