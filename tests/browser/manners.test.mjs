// What a page may expect of a guest: silence without a token, no hands on its
// fetch, one word when it cannot work, and no noise of its own in the logs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../lib/inbox.mjs';
import { openWorld, start, stats, troubles, useChromium } from '../lib/world.mjs';

const holder = useChromium();

/** Loads the exporter in a page of its own script, as a strict CSP demands. */
const PAGE_SCRIPT = `
import { create } from '/sonde/sonde.js';
window.troubles = [];
window.warnings = [];
const { warn, error } = console;
for (const name of ['warn', 'error']) {
  const real = console[name];
  console[name] = (...words) => { warnings.push(words.join(' ')); real.apply(console, words); };
}
window.sonde = create({
  wasm: fetch('/sonde/sonde-web.wasm'), endpoint: location.origin, token: 'token',
  onError: (trouble) => troubles.push(trouble.message),
});
const logger = sonde.logger('csp');
for (let i = 0; i < 20; i++) logger.error('record ' + i);
sonde.ready.then(() => { window.isReady = true; }, () => { window.isReady = 'rejected'; });
window.after = 'the page goes on';
`;
const FILES = {
  '/csp': '<!doctype html><script type="module" src="/csp.js"></script>',
  '/csp.js': PAGE_SCRIPT,
};

const policy = (source) => ({
  'content-security-policy': `default-src 'none'; connect-src 'self'; script-src 'self'${source}`,
});

for (const missing of ['token', 'endpoint']) {
  test(`without ${missing} there is no request at all`, async (t) => {
    const { inbox, page, errors } = await openWorld(t, holder.browser);
    const requests = [];
    await page.evaluate(() => import('/sonde/sonde.js'));
    page.on('request', (request) => requests.push(request.url()));
    await page.evaluate(async (name) => {
      const { create } = await import('/sonde/sonde.js');
      const options = { endpoint: location.origin, token: 'token' };
      delete options[name];
      globalThis.sonde = create(options);
      await sonde.ready;
      const logger = sonde.logger('nobody');
      for (let i = 0; i < 300; i++) logger.error('unheard', { i }, new Error('unheard'));
      await sonde.flush();
      dispatchEvent(new Event('pagehide'));
      await sonde.close();
    }, missing);
    await delay(300);
    assert.deepEqual(requests, []);
    assert.deepEqual(inbox.exchanges, []);
    assert.deepEqual(errors, []);
  });
}

test('a policy without wasm-unsafe-eval: said once, then silence, and the page lives', async (t) => {
  const { inbox, page, errors } = await openWorld(t, holder.browser, {
    files: FILES, headers: policy(''), path: '/csp',
  });
  const said = await until('it is said', () => page.evaluate(() => globalThis.troubles?.length > 0 && troubles));
  assert.equal(said.length, 1, said.join('\n'));
  assert.match(said[0], /wasm-unsafe-eval/);
  const after = await page.evaluate(async () => {
    sonde.logger('csp').error('into the void');
    await sonde.flush();
    await sonde.close();
    return { words: globalThis.after, troubles: troubles.length };
  });
  assert.deepEqual(after, { words: 'the page goes on', troubles: 1 });
  assert.deepEqual(inbox.exchanges, []);
  assert.deepEqual(errors, []);
});

test('a policy with wasm-unsafe-eval and nothing else for scripts is enough', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser, {
    files: FILES, headers: policy(" 'wasm-unsafe-eval'"), path: '/csp',
  });
  await inbox.received(20);
  assert.deepEqual(await page.evaluate(() => troubles), []);
});

test('the fetch of the application is untouched, and the exporter does not use a later one', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  const before = await page.evaluate(() => {
    globalThis.original = [fetch, XMLHttpRequest, navigator.sendBeacon, setTimeout, console.log, console.error];
  });
  assert.equal(before, undefined);
  await start(page);
  const result = await page.evaluate(async () => {
    const same = [fetch, XMLHttpRequest, navigator.sendBeacon, setTimeout, console.log, console.error]
      .every((value, index) => value === original[index]);
    const seen = [];
    const real = fetch;
    globalThis.fetch = (...words) => { seen.push(String(words[0])); return real(...words); };
    sonde.logger('own').error('sent past instrumentation');
    await sonde.flush();
    await fetch('/page');
    return { same, seen };
  });
  await inbox.received(1);
  assert.deepEqual(result, { same: true, seen: ['/page'] });
});

test('nothing of the exporter is recorded, not even its failures', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  inbox.answer = () => ({ status: 503, body: Buffer.from('no') });
  await start(page, { retryDelay: 20, maxRetryDelay: 50 });
  await page.evaluate(() => {
    // Applications forward their console to the logs.
    for (const name of ['warn', 'error', 'info', 'log', 'debug']) {
      console[name] = (...words) => sonde.logger('console').error(words.join(' '));
    }
    sonde.logger('app').error('the only record');
  });
  await until('a few attempts', () => inbox.exchanges.length >= 4);
  const { accepted } = await stats(page);
  assert.equal(accepted, 1);
  for (const { records } of inbox.exchanges) assert.equal(records.length, 1);
});

test('an onError that throws or logs does no harm', async (t) => {
  const { inbox, page, errors } = await openWorld(t, holder.browser);
  inbox.answer = () => ({ status: 400, body: Buffer.from('{}') });
  await page.evaluate(async () => {
    const { create } = await import('/sonde/sonde.js');
    globalThis.calls = 0;
    globalThis.sonde = create({
      wasm: fetch('/sonde/sonde-web.wasm'), endpoint: location.origin, token: 'token', breakerThreshold: 0,
      onError() {
        calls++;
        sonde.logger('loop').error('about the exporter');
        throw new Error('from onError');
      },
    });
    await sonde.ready;
    sonde.logger('app').error('one');
  });
  await until('it was called', () => page.evaluate(() => calls > 0));
  await delay(500);
  assert.deepEqual(errors, []);
  const { accepted } = await stats(page);
  assert.ok(accepted <= 2, `${accepted} records: onError feeds itself`);
  assert.deepEqual(await troubles(page).catch(() => []), []);
});
