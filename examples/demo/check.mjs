// Goes through the page of the demo once, as a visitor would, and compares what
// is seen with what the buttons did.
import { launchChromium } from './lib/chromium.mjs';

/** For one expectation; batches wait two seconds. */
const PATIENCE = 15_000;
const STEP = 50;

/** @typedef {import('playwright-core').Page} Page */

function expect(truth, message) {
  if (!truth) throw new Error(message);
}

/** Waits until `read` gives a value for which `test` holds. */
async function eventually(what, read, test) {
  let value;
  for (const end = Date.now() + PATIENCE; Date.now() < end;) {
    value = await read();
    if (test(value)) return value;
    await new Promise((resolve) => { setTimeout(resolve, STEP); });
  }
  throw new Error(`${what}: still ${JSON.stringify(value)} after ${PATIENCE / 1000} s`);
}

/** The rows of the table, newest first, as a visitor reads them. @param {Page} page */
function readRows(page) {
  return page.$$eval('#rows tr', (rows) => rows.map((row) => ({
    severity: row.querySelector('.badge').textContent,
    scope: row.querySelector('.scope').textContent,
    body: row.querySelector('.body').textContent,
    attributes: [...row.querySelectorAll('.attributes > *')].map((element) => {
      const pre = element.querySelector('pre');
      const key = element.querySelector('b').textContent;
      return [key, pre ? pre.textContent : element.textContent.slice(key.length)];
    }),
  })));
}

/** Waits for a row with this body, and returns it. */
async function rowWith(page, body) {
  const rows = await eventually(`a row '${body}'`, () => readRows(page), (list) => list.some((row) => row.body === body));
  return rows.find((row) => row.body === body);
}

function expectAttribute(row, key, value) {
  const found = row.attributes.find(([name]) => name === key);
  expect(found, `no attribute ${key} in ${JSON.stringify(row)}`);
  const right = value instanceof RegExp ? value.test(found[1]) : found[1] === value;
  expect(right, `attribute ${key} is ${found[1]}`);
}

/** The figures of the ledger. @param {Page} page */
function readLedger(page) {
  return page.$$eval('.tiles dd', (tiles) => Object.fromEntries(
    tiles.map((tile) => [tile.id, Number(tile.textContent.replaceAll(',', ''))]),
  ));
}

const balanced = ({ accepted, delivered, queued, inFlight, dropped }) =>
  accepted === delivered + queued + inFlight + dropped;

/** Waits until nothing is held, and returns the figures. */
async function settled(page) {
  const ledger = await eventually('the ledger settles', () => readLedger(page),
    ({ accepted, queued, inFlight }) => accepted > 0 && queued + inFlight === 0);
  expect(balanced(ledger), `the ledger does not balance: ${JSON.stringify(ledger)}`);
  return ledger;
}

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const answer = (page, mode) => page.check(`#control [value="${mode}"]`);
const statuses = (page) => page.$$eval('#exchanges .status', (cells) => cells.map((cell) => cell.textContent));

async function textBox({ page }) {
  await page.getByLabel('Message').fill('<img src=x onerror=alert(1)> żółw 🚀');
  await page.getByLabel('Severity', { exact: true }).selectOption('warn');
  await press(page, 'Log it');
  const row = await rowWith(page, '<img src=x onerror=alert(1)> żółw 🚀');
  expect(row.severity === 'WARN' && row.scope.startsWith('page.text-box'), JSON.stringify(row));
  expectAttribute(row, 'app.length', '36');
  expect(await page.locator('#rows img').count() === 0, 'markup was not shown as text');
}

async function severities({ page }) {
  const names = ['Trace', 'Debug', 'Info', 'Warn', 'Error', 'Fatal'];
  const before = (await readRows(page)).length;
  for (const name of names) await press(page, name);
  const rows = await eventually('a row each', () => readRows(page), (list) => list.length === before + names.length);
  const got = rows.slice(0, names.length).map(({ severity }) => severity).reverse();
  expect(got.join() === names.map((name) => name.toUpperCase()).join(), `severities ${got}`);
}

async function attributes({ page }) {
  await press(page, 'Attributes');
  await press(page, 'Exception');
  const values = await rowWith(page, 'search finished');
  expect(values.scope === 'page.search 2.3.1', values.scope);
  const expected = {
    'app.hits': '42', 'app.seconds': '0.183', 'app.cached': 'false', 'app.tags': '["shoes","red",44]',
    'app.user': '{"plan":"basic","trial":{"active":true,"days":12}}', 'app.digest': '3q2+7w==',
    'app.total': '9007199254740993', 'app.coupon': 'null',
  };
  for (const [key, value] of Object.entries(expected)) expectAttribute(values, key, value);
  const exception = await rowWith(page, 'order could not be placed');
  expectAttribute(exception, 'exception.type', 'RangeError');
  expectAttribute(exception, 'exception.stacktrace', /^RangeError: order 1842 has no items\n\s+at refuse/);
}

/** Rows of another table than that of logs. */
function readTexts(page, rows) {
  return page.$$eval(`${rows} tr`, (found) => found.map((row) => ({
    badge: row.querySelector('.badge').textContent,
    name: row.querySelector('.name').textContent,
    trace: row.querySelector('.trace')?.title ?? '',
    failed: row.classList.contains('failed'),
    text: row.textContent,
  })));
}

async function spans({ page }) {
  const trace = () => page.click('[data-do="trace"]');
  await trace();
  await trace();
  const rows = await eventually('two traces', () => readTexts(page, '#spans'), (list) => list.length === 6);
  const [parent] = rows.filter(({ name }) => name === 'checkout');
  const failed = rows.find(({ name }) => name === 'POST /payment');
  const fine = rows.find(({ name }) => name === 'GET /basket');
  expect(parent.badge === 'ok' && !parent.failed && /internal \d+ ms/.test(parent.text), JSON.stringify(parent));
  expect(failed.badge === 'error' && failed.failed && /order 1842 has no items/.test(failed.text) && /RangeError/.test(failed.text), JSON.stringify(failed));
  expect(fine.badge === 'unset' && /client \d+ ms/.test(fine.text), JSON.stringify(fine));
  const traces = new Set(rows.map(({ trace }) => /^trace ([\da-f]{32}), span [\da-f]{16}/.exec(trace)[1]));
  expect(traces.size === 2, `${traces.size} traces`);
  await page.getByRole('tab', { name: /^Logs/ }).click();
  await rowWith(page, 'reading the basket');
  await rowWith(page, 'payment failed');
}

async function measurements({ page }) {
  await press(page, 'Measure');
  const rows = await eventually('three points', () => readTexts(page, '#points'), (list) => list.length >= 3);
  const named = (wanted) => rows.find(({ name }) => name === wanted);
  expect(named('app.clicks').badge === 'sum' && /app\.clicks 1 /.test(named('app.clicks').text), JSON.stringify(rows));
  expect(named('app.elements').badge === 'gauge' && /elements \d{3}/.test(named('app.elements').text), JSON.stringify(rows));
  expect(named('app.layout').badge === 'hist.' && /5 values/.test(named('app.layout').text), JSON.stringify(rows));
  await page.getByRole('tab', { name: /^Logs/ }).click();
}

async function retry({ page }) {
  await settled(page);
  await answer(page, 'unavailable');
  await press(page, 'Error');
  await eventually('two attempts are refused', () => statuses(page), (list) => list[0] === '503' && list[1] === '503');
  // the page draws its figures a few times a second, the table of requests at once
  const during = await eventually('one is in flight', () => readLedger(page), ({ inFlight }) => inFlight === 1);
  await answer(page, 'ok');
  await eventually('it is delivered', () => readLedger(page), (ledger) => ledger.delivered === during.delivered + 1);
  expect((await statuses(page))[0] === '200', 'the last answer was 200');
}

async function splitting({ page }) {
  const { dropped } = await settled(page);
  await answer(page, 'large');
  await press(page, '50 records');
  await press(page, 'Flush now');
  const ledger = await settled(page);
  expect((await statuses(page)).includes('413'), 'no request was too large');
  expect(ledger.dropped === dropped, `dropped ${ledger.dropped - dropped}`);
  await answer(page, 'ok');
}

async function eviction({ page }) {
  const before = await settled(page);
  await press(page, '2,000 records');
  await press(page, 'Flush now');
  await eventually('2,000 more', () => readLedger(page), ({ accepted }) => accepted === before.accepted + 2000);
  const after = await settled(page);
  expect(after.dropped - before.dropped === 976, `dropped ${after.dropped - before.dropped}, not 2,000 - 1,024`);
  const reasons = await page.locator('#drops').textContent();
  expect(/queue full: 976/.test(reasons) && !/ERROR|FATAL/.test(reasons), reasons);
}

async function stopped({ page }) {
  await answer(page, 'denied');
  await press(page, 'Error');
  await eventually('export stops', () => page.locator('#state').textContent(), (text) => text === 'export disabled');
  await answer(page, 'ok');
  await press(page, 'Fatal');
  await eventually('the record is held', () => readLedger(page), ({ queued, inFlight }) => queued + inFlight >= 1);
  await press(page, 'Enable export');
  await settled(page);
  expect((await page.locator('#state').textContent()) === 'exporting', 'export goes on');
}

async function agreement({ page, demo, taken }) {
  const { delivered } = await settled(page);
  expect(delivered === taken(), `the page says ${delivered} delivered, the receiver took ${taken()}`);
  expect(demo.receiver.settings.mode === 'ok', 'the receiver takes everything again');
}

async function leaving({ page }) {
  await press(page, 'Log 200, leave');
  await page.waitForURL('**/away');
  await eventually('200 have arrived', () => page.locator('#count').textContent(), (text) => text === '200');
  await page.getByRole('link', { name: 'Back to the demo' }).click();
  await rowWith(page, 'basket opened (199 of 200)');
}

async function inJson({ page }) {
  await page.check('#exporter [value="json"]', { force: true });
  await page.waitForURL('**encoding=json');
  await press(page, 'Żółw 🚀');
  await press(page, 'Flush now');
  const row = await rowWith(page, 'Żółw 🐢 läuft nach 東京 — „ça va?“');
  expect(row.scope === 'page.текст', row.scope);
  expectAttribute(row, 'app.markup', '<img src=x onerror=alert(1)> is text');
  const encoding = await page.locator('#exchanges tr:has-text("logs") .mono').nth(1).textContent();
  expect(encoding === 'JSON', encoding);
}

const STEPS = [
  ['a message from the text box arrives, as text', textBox],
  ['each severity arrives, in order', severities],
  ['attributes of all kinds and an exception arrive decoded', attributes],
  ['a trace arrives: a parent, a child, one that failed, and logs inside', spans],
  ['what is counted and measured arrives', measurements],
  ['503: refused twice, then delivered', retry],
  ['2,000 records in one task: 976 evicted, none of them ERROR or FATAL', eviction],
  ['413: requests are halved, nothing is lost', splitting],
  ['401 stops the export until it is enabled again', stopped],
  ['the ledger agrees with the receiver', agreement],
  ['200 records logged in the task that leaves the page all arrive', leaving],
  ['the same in JSON', inJson],
];

/** Runs one step and says how it went. */
async function take([title, step], world) {
  const start = performance.now();
  const message = await step(world).then(() => '', (error) => error.message);
  const time = `${Math.round(performance.now() - start)} ms`;
  console.log(message ? `FAILED  ${title}\n        ${message}` : `ok      ${title} (${time})`);
  return message === '';
}

/** What the page itself must not do. */
function watch(page) {
  const troubles = [];
  page.on('pageerror', ({ message }) => troubles.push(`error in the page: ${message}`));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('console', (message) => {
    const expected = /Failed to load resource/.test(message.text());
    if (message.type() === 'error' && !expected) troubles.push(`console: ${message.text()}`);
  });
  return troubles;
}

/**
 * @param {Awaited<ReturnType<typeof import('./lib/app.mjs').startDemo>>} demo
 * @returns {Promise<boolean>} whether all went well
 */
export async function checkDemo(demo) {
  let count = 0;
  demo.receiver.on('exchange', ({ signal, accepted }) => { if (signal === 'logs') count += accepted; });
  console.log(`Checking ${demo.address}`);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    const troubles = watch(page);
    await page.goto(demo.address);
    let passed = true;
    for (const step of STEPS) passed = passed && await take(step, { page, demo, taken: () => count });
    for (const trouble of troubles) console.log(`FAILED  ${trouble}`);
    return passed && troubles.length === 0;
  } finally {
    await browser.close();
  }
}
