// The support form in a real browser: the example's page, js/support.js, and an
// endpoint on another origin that asks the real verifier.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../lib/inbox.mjs';
import { examplesOf } from '../lib/manual.mjs';
import { startSupport } from '../lib/support.mjs';
import { useChromium } from '../lib/world.mjs';

const holder = useChromium();
const ALERT = '.sonde-support-alert';
const STATUS = '.sonde-support-status';

/** A page of the site, and what it said on its console. */
async function open(t, { scripts = true, age, path = '/', ...options } = {}) {
  const support = await startSupport(options);
  if (age !== undefined) support.age = age;
  const context = await holder.browser.newContext({ javaScriptEnabled: scripts });
  t.after(async () => {
    await context.close();
    await support.close();
  });
  const page = await context.newPage();
  const said = [];
  const errors = [];
  page.on('console', (line) => said.push(line.text()));
  page.on('pageerror', ({ message }) => errors.push(message));
  t.after(() => assert.deepEqual(errors, []));
  await page.goto(support.origin + path);
  return { support, context, page, said };
}

async function fill(page, fields = {}) {
  for (const [name, value] of Object.entries({ name: 'Zoë', email: 'zoe@example.com', message: 'Hi 😀\nthere', ...fields })) {
    if (value !== null) await page.fill(`[name=${name}]`, value);
  }
}

const send = (page) => page.click('button');
const textOf = (page, selector) => page.locator(selector).textContent();
/** The name of the field that has the focus, or the element's class. */
const focused = (page) => page.evaluate(() => document.activeElement.name || document.activeElement.className);
const said = (page, pattern) => until(`${pattern}`, async () => pattern.test(await textOf(page, ALERT)));
const thanked = (page) => until('thanks', async () => /Thank you/.test(await textOf(page, STATUS)));

async function refused(page, pattern) {
  await said(page, pattern);
  assert.equal(await page.inputValue('[name=email]'), 'zoe@example.com', 'what was typed is still there');
  assert.equal(await page.isEnabled('button'), true);
}

test('accepted: stored as typed, with the user, and thanked for', async (t) => {
  const { support, page } = await open(t);
  await fill(page);
  await send(page);
  await thanked(page);
  const [{ verdict, message, name, email, user_id, identity, render, form_slug, extras }] = support.stored;
  assert.deepEqual([verdict, message, name, email, user_id, identity, render, form_slug, { ...extras }],
    ['accept', 'Hi 😀\nthere', 'Zoë', 'zoe@example.com', '42', 'ok', 'ok', 'support', {}]);
  assert.deepEqual(support.requests, ['OPTIONS', 'POST']);
  assert.equal(await page.isVisible('form'), false);
  assert.equal(await focused(page), 'sonde-support-status');
  assert.equal(new URL(page.url()).origin, support.origin, 'the page was not left');
});

test('without JavaScript: a form post', async (t) => {
  const { support, page } = await open(t, { scripts: false });
  await fill(page);
  await send(page);
  await page.waitForURL(support.action);
  assert.match(await page.content(), /Thank you/);
  assert.equal(support.stored[0].message, 'Hi 😀\r\nthere');
  assert.equal(support.stored[0].user_id, '42');
});

test('without JavaScript: a refusal that a person understands', async (t) => {
  const { support, page } = await open(t, { scripts: false, age: 0 });
  await fill(page);
  await send(page);
  await page.waitForURL(support.action);
  assert.match(await page.content(), /That was very quick/);
  assert.equal(support.stored.length, 0);
});

const REFUSALS = {
  'instantly submitted': [{ age: 0 }, /not sent\. That was very quick/, 'render_too_fresh'],
  'stale, in a page that is not rendered anew': [{ age: 5 * 3600, cached: true }, /not sent\. This page was open for too long/, 'render_stale'],
  'from another origin': [{ allowed: false }, /not sent\. This page may not send the form/, 'origin_not_allowed'],
};
for (const [name, [options, pattern, reason]] of Object.entries(REFUSALS)) {
  test(`${name}: told why, nothing stored, nothing lost`, async (t) => {
    const { support, page } = await open(t, options);
    await fill(page);
    await send(page);
    await refused(page, pattern);
    assert.equal(await focused(page), 'sonde-support-alert');
    assert.deepEqual([support.stored.length, support.verdicts[0].reason], [0, reason]);
  });
}

test('stale: the page is renewed, and the next press is accepted', async (t) => {
  const { support, page } = await open(t, { age: 5 * 3600 });
  await fill(page);
  support.age = 60;
  await send(page);
  await refused(page, /not sent\. This page was out of date and has been renewed/);
  assert.deepEqual([support.stored.length, support.verdicts[0].reason], [0, 'render_stale']);
  await send(page);
  await thanked(page);
  assert.deepEqual([support.stored.length, support.stored[0].message, support.stored[0].user_id], [1, 'Hi 😀\nthere', '42']);
});

test('honeypot filled: thanked for, nothing stored', async (t) => {
  const { support, page } = await open(t);
  await fill(page);
  await page.evaluate(() => { document.querySelector('[name=plain_connect_check]').value = 'https://spam.example'; });
  await send(page);
  await thanked(page);
  assert.deepEqual([support.stored.length, support.verdicts[0].verdict], [0, 'discard']);
});

test('a bad field: said at the field and above, focused; gone when it is typed into', async (t) => {
  const { support, page } = await open(t);
  await fill(page, { email: 'zoe@example.com', message: ' \n ' });
  await send(page);
  await refused(page, /not sent\. Please write a message/);
  const field = page.locator('[name=message]');
  assert.equal(await focused(page), 'message');
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  const id = await field.getAttribute('aria-describedby');
  assert.equal(await textOf(page, `#${id}`), 'Please write a message.');
  await field.pressSequentially('Now with words');
  assert.equal(await field.getAttribute('aria-invalid'), null);
  assert.equal(await field.getAttribute('aria-describedby'), null);
  assert.equal(await page.locator(`#${id}`).count(), 0);
  await send(page);
  await thanked(page);
  assert.equal(support.stored.length, 1);
});

test('a bad field keeps the description that it had', async (t) => {
  const { page } = await open(t);
  await fill(page, { email: 'a@b,c@d' });
  await page.evaluate(() => { document.forms[0].noValidate = true; });
  await send(page);
  await said(page, /one e-mail address/);
  const described = await page.getAttribute('[name=email]', 'aria-describedby');
  assert.match(described, /^email-hint sonde-error-\d+$/);
  await page.fill('[name=email]', 'zoe@example.com');
  assert.equal(await page.getAttribute('[name=email]', 'aria-describedby'), 'email-hint');
});

test('network down: told, kept; the next press works when it is back', async (t) => {
  const { support, context, page } = await open(t);
  await fill(page);
  await context.setOffline(true);
  await send(page);
  await refused(page, /You are offline/);
  await send(page);
  await refused(page, /cannot be reached/);
  await context.setOffline(false);
  await send(page);
  await page.waitForURL(support.action);
  assert.equal(support.stored.length, 1);
});

/** Answers the first POST so. */
const first = (answer) => {
  let seen = false;
  return (request, response) => {
    if (request.method !== 'POST' || seen) return false;
    seen = true;
    request.resume();
    request.on('end', () => answer(response));
    return true;
  };
};

test('an answer that cannot be read: not sent twice by itself, and a normal post when the person wants', async (t) => {
  const { support, page } = await open(t, { before: first((response) => response.writeHead(200).end('{"ok":true}')) });
  await fill(page);
  await send(page);
  await refused(page, /cannot tell whether your message arrived/);
  await delay(300);
  assert.deepEqual(support.requests, ['OPTIONS', 'POST']);
  await send(page);
  await page.waitForURL(support.action);
  assert.match(await page.content(), /Thank you/);
  assert.equal(support.stored.length, 1);
});

test('an answer that breaks off: the next press sends JSON again', async (t) => {
  const { support, page } = await open(t, {
    before: first((response) => {
      response.writeHead(200, { 'access-control-allow-origin': '*', 'content-length': '99' });
      response.write('{"ok"', () => response.destroy());
    }),
  });
  await fill(page);
  await send(page);
  await refused(page, /cannot tell/);
  await send(page);
  await thanked(page);
  assert.equal(support.stored.length, 1);
});

test('an endpoint that no page may send JSON to: the second press is a normal post', async (t) => {
  const { support, page } = await open(t, {
    before(request, response) {
      if (request.method !== 'OPTIONS') return false;
      response.writeHead(405).end();
      return true;
    },
  });
  await fill(page);
  await send(page);
  await refused(page, /cannot tell/);
  assert.equal(support.stored.length, 0);
  await send(page);
  await page.waitForURL(support.action);
  assert.equal(support.stored.length, 1);
});

test('an endpoint that does not take JSON: a normal post at once', async (t) => {
  const { support, page } = await open(t, {
    before(request, response) {
      if (!request.headers['content-type']?.includes('json')) return false;
      request.resume();
      response.writeHead(415, { 'access-control-allow-origin': '*' }).end();
      return true;
    },
  });
  await fill(page);
  await send(page);
  await page.waitForURL(support.action);
  assert.equal(support.stored.length, 1);
});

test('a policy that forbids fetch: a normal post at once', async (t) => {
  const { support, page } = await open(t, { headers: { 'content-security-policy': "connect-src 'none'" } });
  await fill(page);
  await send(page);
  await page.waitForURL(support.action);
  assert.deepEqual([support.stored.length, support.requests], [1, ['POST']]);
});

for (const [name, status, body, pattern] of [
  ['200 of another kind', 200, '<h1>Welcome to the hotel network</h1>', /cannot tell/],
  ['200 and not ok', 200, '{"ok":1}', /cannot tell/],
  ['502 of a proxy', 502, '<h1>Bad gateway</h1>', /cannot tell/],
  ['403 of a firewall', 403, '<h1>No</h1>', /Something went wrong/],
  ['a code that is new', 422, '{"ok":false,"error":"teapot","message":"I am a <b>teapot</b>."}', /not sent\. I am a <b>teapot<\/b>\.$/],
  ['a code that an object inherits', 422, '{"ok":false,"error":"toString","field":"constructor"}', /Something went wrong/],
]) {
  test(`an unexpected answer: ${name}`, async (t) => {
    const { page } = await open(t, {
      before(request, response) {
        if (request.method !== 'POST') return false;
        request.resume();
        response.writeHead(status, { 'access-control-allow-origin': '*' }).end(body);
        return true;
      },
    });
    await fill(page);
    await send(page);
    await refused(page, pattern);
  });
}

test('double click, and Enter meanwhile: sent once, and the button says so', async (t) => {
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  const { support, page } = await open(t, {
    before(request, response) {
      if (request.method !== 'OPTIONS' || !release) return false;
      held.then(() => response.writeHead(204, { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' }).end());
      return true;
    },
  });
  await fill(page);
  await page.dblclick('button');
  assert.equal(await page.isDisabled('button'), true);
  assert.equal(await textOf(page, STATUS), 'Sending…');
  await page.press('[name=name]', 'Enter');
  await page.evaluate(() => document.forms[0].requestSubmit());
  release();
  await thanked(page);
  await delay(200);
  assert.equal(support.stored.length, 1);
});

const BARE = '<form method="post" action="{{action}}" data-sonde-support data-render-token="{{render_token}}" data-identity="{{identity}}"';
const FIELDS = '<input name="email"><textarea name="message">Hi</textarea><button>Send</button></form><script type="module" src="/support.js"></script>';

test('inputs that the page lacks are added; the honeypot is nothing for people', async (t) => {
  const { support, page } = await open(t, { template: `<!doctype html>${BARE} data-message-thanks="Merci.">${FIELDS}` });
  const check = page.locator('[name=plain_connect_check]');
  assert.deepEqual([await check.getAttribute('tabindex'), await check.getAttribute('autocomplete'), await check.getAttribute('type')], ['-1', 'off', 'text']);
  assert.equal(await check.locator('xpath=..').getAttribute('aria-hidden'), 'true');
  const { width, height } = await check.locator('xpath=..').boundingBox();
  assert.ok(width <= 1 && height <= 1);
  await send(page);
  await until('thanks', async () => (await textOf(page, STATUS)) === 'Merci.');
  assert.deepEqual([support.stored[0].identity, support.stored[0].render], ['ok', 'ok']);
});

for (const [name, field, pattern] of [
  ['a file input', '<input type="file" name="photo">', /photo is a file input: posted normally, but endpoints take text/],
  ['several values', '<input type="checkbox" name="topic" value="a" checked><input type="checkbox" name="topic" value="b" checked>', /topic has several values/],
]) {
  test(`${name}: a warning, and a normal post`, async (t) => {
    const { support, page, said: lines } = await open(t, { template: `<!doctype html>${BARE}>${field}${FIELDS}` });
    await send(page);
    await page.waitForURL(support.action);
    assert.equal(support.stored.length, 1);
    assert.ok(lines.some((line) => pattern.test(line)), `${lines}`);
  });
}

test('fields whose names are those of the form itself', async (t) => {
  const names = ['action', 'method', 'submit', 'elements', 'reset', '__proto__'].map((name) => `<input name="${name}" value="x">`).join('');
  const { support, page } = await open(t, { template: `<!doctype html>${BARE}>${names}${FIELDS}` });
  await send(page);
  await thanked(page);
  assert.deepEqual(Object.keys(support.stored[0].extras).sort(), ['__proto__', 'action', 'elements', 'method', 'reset', 'submit']);
});

test('enhance: events, messages, and the form again', async (t) => {
  const { support, page } = await open(t, { template: `<!doctype html>${BARE}>${FIELDS}` });
  await page.evaluate(async () => {
    const { enhance } = await import('/support.js');
    window.events = [];
    addEventListener('sonde-support', ({ detail }) => events.push(detail));
    window.handle = enhance(document.forms[0], { messages: { message_missing: 'Nachricht fehlt.', not_sent: 'Nicht gesendet.' } });
  });
  await page.fill('[name=message]', ' ');
  await send(page);
  await said(page, /^Nicht gesendet\. Nachricht fehlt\.$/);
  await page.fill('[name=message]', 'Eins');
  await send(page);
  await thanked(page);
  await page.evaluate(() => handle.reset());
  assert.equal(await page.inputValue('[name=message]'), 'Hi');
  await send(page);
  await until('two', () => support.stored.length === 2);
  await thanked(page);
  const events = await page.evaluate(() => window.events);
  assert.deepEqual(events.map(({ state }) => state), ['refused', 'sent', 'sent']);
  assert.equal(events[0].error, 'message_missing');
  assert.match(events[1].conversation, /^[0-9a-f-]{36}$/);
});

test('a form that would not work without scripts is left alone, with a warning', async (t) => {
  const { page, said: lines } = await open(t, { template: `<!doctype html><form data-sonde-support>${FIELDS}` });
  assert.equal(await page.locator(ALERT).count(), 0);
  assert.ok(lines.some((line) => /method="post"/.test(line)), `${lines}`);
});

test('the example of js/support.md', async (t) => {
  const [{ code: template }, ...more] = examplesOf('js/support.md');
  assert.equal(more.length, 0);
  const { support, page } = await open(t, { template });
  await page.fill('[name=message]', 'As the manual says');
  await send(page);
  await thanked(page);
  assert.deepEqual([support.stored[0].user_id, support.stored[0].message], ['42', 'As the manual says']);
});

const CANCEL = '<button formmethod="dialog" formnovalidate>Cancel</button>';
const SEARCH = '<button formmethod="get" formaction="/search">Search</button>';
for (const [name, template] of [
  ['whose handler stops it', `<!doctype html>${BARE} onsubmit="return false">${FIELDS}`],
  ['that the page stops', `<!doctype html><script>addEventListener('submit', (event) => event.preventDefault(), true)</script>${BARE}>${FIELDS}`],
  ['whose button closes a dialog', `<!doctype html><dialog open>${BARE}>${CANCEL}${FIELDS}</form></dialog>`],
  ['whose button searches', `<!doctype html>${BARE}>${SEARCH}${FIELDS}`],
]) {
  test(`a form ${name} is not sent`, async (t) => {
    const { support, page } = await open(t, { template });
    await page.click('button');
    await delay(300);
    assert.deepEqual([support.stored, support.requests], [[], []]);
    assert.equal(await page.locator('button[disabled]').count(), 0);
  });
}

test('a form without an address is sent to the page, whatever the base is', async (t) => {
  const template = `<!doctype html><base href="https://cdn.example.invalid/assets/"><form method="post" data-sonde-support>${FIELDS}`;
  const { support, page } = await open(t, { template });
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await send(page);
  await until('a request', () => asked.length > 0);
  assert.equal(asked[0], `${support.origin}/`);
});

test('a form that comes into the page after it was enhanced thanks, too', async (t) => {
  const { page } = await open(t, { template: `<!doctype html>${BARE}>${FIELDS}</form>` });
  await page.evaluate(async () => {
    const { enhance } = await import('/support.js');
    const form = document.forms[0].cloneNode(true);
    document.forms[0].remove();
    document.querySelector('[role=status]').remove();
    form.querySelector('[role=alert]').remove();
    enhance(form);
    document.body.append(form);
  });
  await send(page);
  await thanked(page);
});

test('back in the page after the thanks: they are still there', async (t) => {
  const { page } = await open(t, { template: `<!doctype html>${BARE}>${FIELDS}` });
  await send(page);
  await thanked(page);
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  assert.match(await textOf(page, STATUS), /Thank you/);
});
