// examples/support/server.py as a person meets it: its page in a real browser,
// its endpoint, its database. Time is the server's, moved by the test.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { until } from '../lib/inbox.mjs';
import { ROOT, listen } from '../lib/site.mjs';
import { useChromium } from '../lib/world.mjs';

const python = process.env.SONDE_PYTHON;
const skip = !python && process.env.CI !== 'true' && 'SONDE_PYTHON is not set: run it through ./dev test';
const holder = useChromium();

// What --port 0 does, with a clock that stands: each line on stdin moves it by seconds,
// and answered with the conversations so far.
const SERVER = `
import json, sys, time
sys.path.insert(0, 'examples/support')
from server import Support
start, moved = time.time(), 0.0
app = Support('a secret for the browser test', sys.argv[1], user='42', clock=lambda: start + moved)
app.start()
print(json.dumps([app.page_url, app.action]), flush=True)
for line in sys.stdin:
    moved += float(line)
    print(json.dumps(list(app.store.all())), flush=True)
app.stop()
`;

async function start(t) {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-support-'));
  const server = spawn(python, ['-c', SERVER, join(folder, 'test.sqlite')], { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  t.after(async () => {
    server.stdin.end();
    await new Promise((done) => { server.once('exit', done); });
    rmSync(folder, { recursive: true });
  });
  const [url, action] = await next();
  const pass = (seconds) => {
    server.stdin.write(`${seconds}\n`);
    return next();
  };
  return { url, action, pass, stored: () => pass(0) };
}

async function open(t, url, scripts) {
  const context = await holder.browser.newContext({ javaScriptEnabled: scripts });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function fill(page) {
  const fields = { name: 'Zoë', email: 'zoe@example.com', message: '<b>Hi</b> 😀' };
  for (const [name, value] of Object.entries(fields)) await page.fill(`[name=${name}]`, value);
}

const shows = (page, pattern) =>
  until(`${pattern}`, async () => pattern.test(await page.locator('body').innerText()));

for (const scripts of [true, false]) {
  const how = scripts ? 'with scripts' : 'without scripts';

  test(`${how}: too fast, then accepted and stored with the user`, { skip }, async (t) => {
    const support = await start(t);
    const page = await open(t, support.url, scripts);
    await fill(page);
    await page.click('button');
    await shows(page, /very quick/);
    assert.equal(await page.inputValue('[name=message]'), '<b>Hi</b> 😀', 'what was typed is still there');
    assert.deepEqual(await support.pass(60), []);
    await page.click('button');
    await shows(page, /Thank you/);
    const [{ name, email, message, user_id, identity }, ...more] = await support.stored();
    assert.deepEqual([name, email, message, user_id, identity, more.length], ['Zoë', 'zoe@example.com', '<b>Hi</b> 😀', '42', 'ok', 0]);
  });

  test(`${how}: a page that was open for too long, and a bot`, { skip }, async (t) => {
    const support = await start(t);
    const page = await open(t, support.url, scripts);
    await support.pass(20_000);
    await fill(page);
    await page.click('button');
    await shows(page, /out of date/);
    assert.equal(await page.inputValue('[name=message]'), '<b>Hi</b> 😀');
    await page.goto(support.url);
    await support.pass(60);
    await fill(page);
    await page.locator('[name=plain_connect_check]').fill('x', { force: true });
    await page.click('button');
    await shows(page, /Thank you/);
    assert.deepEqual(await support.stored(), []);
  });

  test(`${how}: the same form on another site`, { skip }, async (t) => {
    const support = await start(t);
    const copy = await (await fetch(support.url)).text();
    const other = await listen((request, response) => {
      if (request.url !== '/') return void fetch(support.url + request.url).then(async (it) => {
        response.setHeader('content-type', it.headers.get('content-type'));
        response.end(await it.text());
      });
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(copy);
    });
    t.after(() => other.close());
    await support.pass(60);
    const page = await open(t, other.origin, scripts);
    await fill(page);
    await page.click('button');
    await shows(page, scripts ? /This page may not send the form/ : /one of our own pages/);
    assert.equal(page.url().startsWith(other.origin), scripts, 'with scripts the person stays on the page');
    assert.deepEqual(await support.stored(), []);
  });
}
