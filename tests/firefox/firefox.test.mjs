// The exporter in Firefox: every kind of value, and the page that goes away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkEverything, checkResource, EXPECTED, logEverything } from '../lib/everything.mjs';
import { openFirefox } from '../lib/firefox.mjs';
import { Inbox, until } from '../lib/inbox.mjs';
import { numbersOf } from '../lib/leaving.mjs';
import { startOtherOrigin, startSite } from '../lib/site.mjs';

const PATIENCE = 60_000;

/** @param {string} options of create, as code @param {string} code what is done with `sonde` */
const page = (options, code) => `<!doctype html><script type="module">
import { create } from '/sonde/sonde.js';
globalThis.sonde = create({ wasm: fetch('/sonde/sonde-web.wasm'), endpoint: location.origin, token: 'token', ${options} });
await sonde.ready;
${code}
</script>`;

/** Opens the page, and gives what came of it. */
async function visit(t, makePage) {
  const inbox = new Inbox();
  const other = await startOtherOrigin({ backend: inbox.backend, preflightDelay: 100 });
  const files = { '/page': makePage(other.origin) };
  const site = await startSite({ backend: inbox.backend, files });
  const firefox = await openFirefox(`${site.origin}/page`);
  t.after(() => Promise.all([firefox.stop(), site.close(), other.close()]));
  return inbox;
}

for (const encoding of ['protobuf', 'json']) {
  test(`all that a log call can carry, as ${encoding}`, async (t) => {
    const since = Date.now();
    const inbox = await visit(t, () => page(`encoding: '${encoding}'`, `(${logEverything})();`));
    const records = await inbox.received(EXPECTED.length, PATIENCE);
    checkEverything(records, since);
    checkResource(records[0], { 'user_agent.original': /Firefox/ });
  });
}

const LEAVE = `
for (let i = 0; i < 200; i++) sonde.logger('leaving').info(\`\${i} \`.padEnd(200, 'x'));
location.href = '/away';`;

test('200 logs and away: all arrive at the same origin', async (t) => {
  const inbox = await visit(t, () => page('', LEAVE));
  await until('200 records', () => numbersOf(inbox.records).size === 200, PATIENCE);
});

test('200 logs and away: all arrive at another origin, each preflight 100 ms', async (t) => {
  const inbox = await visit(t, (origin) => page(`endpoint: '${origin}'`, LEAVE));
  await until('200 records', () => numbersOf(inbox.records).size === 200, PATIENCE);
  assert.ok(inbox.exchanges.every(({ bytes }) => bytes <= 60_000));
});
