// The package in an engine that is no Chromium: all that logs, spans and metrics
// can carry, pages that go away, the API of OpenTelemetry, and the support form.
// Its pages are on their own; what they did is seen at the servers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkEverything, checkResource, EXPECTED, logEverything } from './everything.mjs';
import { Inbox, until } from './inbox.mjs';
import { numbersOf } from './leaving.mjs';
import { checkVisit, comparable, startShop } from './shop.mjs';
import { checkPoints, checkSpans, LOGS, measureEverything, POINTS, SPANS, traceEverything } from './signals-everything.mjs';
import { ROOT, startOtherOrigin, startSite } from './site.mjs';
import { startSupport } from './support.mjs';

const PATIENCE = 60_000;

/** @param {string} options of create, as code @param {string} code what is done with `sonde` */
const page = (options, code) => `<!doctype html><script type="module">
import { create } from '/sonde/sonde.js';
globalThis.sonde = create({ wasm: fetch('/sonde/sonde-web.wasm'), endpoint: location.origin, token: 'token', ${options} });
await sonde.ready;
${code}
</script>`;

/** What a page leaves while it is being sent is sent again. */
const once = (list, keyOf) => [...new Map(list.map((one) => [keyOf(one), one])).values()];
const spansOf = ({ spans }) => once(spans, ({ spanId }) => spanId);
const pointsOf = ({ points }) => once(points, ({ name, attributes }) => JSON.stringify([name, attributes]));

/** As JSON, they are more than may outlive a page. */
const ENDINGS = {
  'as protobuf, of a page that goes away': ['', `
    globalThis.sonde = { ...sonde, flush() {} };
    (${traceEverything})();
    (${measureEverything})();
    location.href = '/away';`],
  'as JSON': ["encoding: 'json'", `
    await (${traceEverything})();
    await (${measureEverything})();`],
};
const LEAVE = `
for (let i = 0; i < 200; i++) sonde.logger('leaving').info(\`\${i} \`.padEnd(200, 'x'));
location.href = '/away';`;

/** What a visitor does, and once more when told why not; what the page said goes to the endpoint. */
function writeToSupport() {
  const form = document.querySelector('form');
  const button = form.querySelector('button');
  const textOf = (selector) => document.querySelector(selector)?.textContent;
  const tell = (words) => fetch(`${new URL(form.action).origin}/told?${encodeURIComponent(words)}`, { mode: 'no-cors' });
  const seen = new MutationObserver(() => {
    if (/Thank you/.test(textOf('.sonde-support-status'))) {
      seen.disconnect();
      tell(textOf('.sonde-support-status'));
    } else if (/renewed/.test(textOf('.sonde-support-alert')) && !button.disabled && !form.again) {
      form.again = true;
      tell(textOf('.sonde-support-alert'));
      button.click();
    }
  });
  seen.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  form.elements.email.value = 'zoe@example.com';
  form.elements.message.value = 'Hi 😀\nthere';
  button.click();
}

/**
 * The tests of an engine.
 *
 * @param {(url: string) => Promise<import('./engines.mjs').Engine>} openEngine
 * @param {RegExp} agent what its user agent says
 */
export function engineTests(openEngine, agent) {
  /** Opens the address; `arrives` waits for what comes of it. */
  async function visit(t, url) {
    const engine = await openEngine(url);
    t.after(engine.stop);
    return (what, condition) => until(what, () => {
      engine.check();
      return condition();
    }, PATIENCE);
  }

  /** Opens a page with `sonde`. @param {(other: string) => string} makePage from the other origin */
  async function open(t, makePage) {
    const inbox = new Inbox();
    const other = await startOtherOrigin({ backend: inbox.backend, preflightDelay: 100 });
    const site = await startSite({ backend: inbox.backend, files: { '/page': makePage(other.origin) } });
    t.after(() => Promise.all([site.close(), other.close()]));
    return { inbox, arrives: await visit(t, `${site.origin}/page`) };
  }

  for (const encoding of ['protobuf', 'json']) {
    test(`all that a log call can carry, as ${encoding}`, async (t) => {
      const since = Date.now();
      const { inbox, arrives } = await open(t, () => page(`encoding: '${encoding}'`, `(${logEverything})();`));
      await arrives(`${EXPECTED.length} records`, () => inbox.records.length >= EXPECTED.length);
      checkEverything(inbox.records, since);
      checkResource(inbox.records[0], { 'user_agent.original': agent });
    });
  }

  for (const [how, [options, code]] of Object.entries(ENDINGS)) {
    test(`all that spans and metrics can carry, ${how}`, async (t) => {
      const since = Date.now();
      const { inbox, arrives } = await open(t, () => page(options, code));
      await arrives('all of them', () => spansOf(inbox).length >= SPANS && pointsOf(inbox).length >= POINTS && inbox.records.length >= LOGS);
      checkSpans(spansOf(inbox), inbox.records, since);
      checkPoints(pointsOf(inbox), since);
    });
  }

  test('200 logs and away: all arrive at the same origin', async (t) => {
    const { inbox, arrives } = await open(t, () => page('', LEAVE));
    await arrives('200 records', () => numbersOf(inbox.records).size === 200);
  });

  test('200 logs and away: all arrive at another origin, each preflight 100 ms', async (t) => {
    const { inbox, arrives } = await open(t, (origin) => page(`endpoint: '${origin}'`, LEAVE));
    await arrives('200 records', () => numbersOf(inbox.records).size === 200);
    assert.ok(inbox.exchanges.every(({ bytes }) => bytes <= 60_000));
  });

  test('the same telemetry of an app of OpenTelemetry with Sonde and with the SDK', async (t) => {
    const [sonde, sdk] = await Promise.all(['setup-sonde.js', 'setup-otel.js'].map(async (setup) => {
      const shop = await startShop(setup);
      t.after(shop.close);
      const arrives = await visit(t, `${shop.origin}/page`);
      await arrives('all three signals', () => {
        const { spans, logs, metrics } = shop.signals;
        return spans.length >= 5 && logs.length >= 5 && metrics.length >= 4;
      });
      return comparable(shop);
    }));
    assert.deepEqual(sonde, sdk);
    checkVisit(sonde);
  });

  test('the support form: renewed when it is out of date, accepted, and thanked for', async (t) => {
    const template = readFileSync(`${ROOT}examples/support/page/index.html`, 'utf8');
    const told = [];
    const support = await startSupport({
      template: template.replace('</body>', `<script type="module">(${writeToSupport})();</script></body>`),
      before(request, response) {
        support.age = 60; // of pages from the first request on
        const [path, words] = request.url.split('?');
        if (path !== '/told') return false;
        told.push(decodeURIComponent(words));
        response.writeHead(204).end();
        return true;
      },
    });
    t.after(support.close);
    support.age = 5 * 3600;
    const arrives = await visit(t, support.origin);
    await arrives('what it says', () => told.length === 2);
    assert.match(told.sort().join('\n'), /^Thank you[^]*\nYour message was not sent\. This page was out of date and has been renewed/);
    assert.deepEqual(support.verdicts.map(({ reason }) => reason), ['render_stale', null]);
    assert.deepEqual([support.stored.length, support.stored[0].message, support.stored[0].user_id], [1, 'Hi 😀\nthere', '42']);
  });
}
