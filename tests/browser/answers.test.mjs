// Servers that answer badly, or not at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { encodeStatus } from '../../examples/demo/lib/otlp.mjs';
import { ANSWERS } from '../../examples/demo/lib/receiver.mjs';
import { until } from '../lib/inbox.mjs';
import { droppedOf, openWorld, start, stats, troubles, useChromium } from '../lib/world.mjs';

const holder = useChromium();
const FAST = { retryDelay: 20, maxRetryDelay: 60 };

/** One answer after the other, then the ordinary one. */
function inTurn(inbox, ...answers) {
  const accept = inbox.answer;
  inbox.answer = (exchange) => (answers.length > 0 ? answers.shift()(exchange) : accept(exchange));
}

const answer = (status, body = '', headers = {}) => () => ({ status, headers, body: Buffer.from(body) });

/** A page that logs `count` errors and waits until the ledger is settled. */
async function settle(page, count = 1) {
  await page.evaluate((n) => {
    for (let i = 0; i < n; i++) sonde.logger('answers').error(`record ${i}`);
  }, count);
  return until('the ledger is settled', async () => {
    const ledger = await stats(page);
    return ledger.accepted > 0 && ledger.queued + ledger.inFlight === 0 && ledger;
  });
}

async function open(t, options) {
  const world = await openWorld(t, holder.browser);
  await start(world.page, { ...FAST, ...options });
  t.after(() => assert.deepEqual(world.errors, []));
  return world;
}

const BROKEN = {
  'garbage': 'ÿþ\u0000 not OTLP at all',
  'half a protobuf': '\u000a\u0032\u0008',
  'half a JSON': '{"partialSuccess":{"rejectedLogRecords":"1"',
  'an HTML page': '<!doctype html><h1>Welcome to the hotel network</h1>',
  'deep brackets': '['.repeat(50_000),
};
for (const [name, body] of Object.entries(BROKEN)) {
  for (const encoding of ['protobuf', 'json']) {
    test(`200 with ${name} (${encoding}): delivered, no harm`, async (t) => {
      const { inbox, page } = await open(t, { encoding });
      inTurn(inbox, answer(200, body));
      const first = await settle(page, 2);
      assert.equal(first.delivered, 2);
      await page.evaluate(() => sonde.logger('answers').error('the next one'));
      await inbox.received(1);
    });
  }
}

test('10 MB of error text: read up to a bound, the record dropped and counted', async (t) => {
  const { inbox, page } = await open(t);
  inTurn(inbox, answer(400, 'x'.repeat(10 << 20)));
  const ledger = await settle(page);
  assert.equal(ledger.delivered, 0);
  assert.equal(droppedOf(ledger), 1);
  for (const { message } of await troubles(page)) assert.ok(message.length < 1000, 'the message is short');
});

test('an endless answer is not read to its end', async (t) => {
  const { page } = await (async () => {
    const world = await openWorld(t, holder.browser, {
      backend(request, response) {
        request.resume();
        response.writeHead(200, { 'content-type': 'application/x-protobuf' });
        const write = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) { /* until it is full */ }
        };
        response.on('drain', write);
        write();
      },
    });
    await start(world.page, FAST);
    return world;
  })();
  const { delivered } = await settle(page);
  assert.equal(delivered, 1);
});

test('no answer: given up after the timeout, then repeated', async (t) => {
  const { inbox, page } = await open(t, { timeout: 1000 });
  inTurn(inbox, () => null);
  await settle(page);
  // The server may notice that the first was given up after it has answered the second.
  assert.deepEqual(inbox.exchanges.map(({ status }) => status).sort(), [0, 200]);
});

test('a connection that breaks: repeated', async (t) => {
  const { inbox, page } = await open(t);
  inTurn(inbox, () => { throw new Error('cut'); }, () => { throw new Error('cut'); });
  const { delivered } = await settle(page);
  assert.equal(delivered, 1);
});

for (const status of [429, 502, 503, 504]) {
  test(`${status}: repeated until it is taken`, async (t) => {
    const { inbox, page } = await open(t);
    inTurn(inbox, answer(status), answer(status));
    const { delivered } = await settle(page);
    assert.equal(delivered, 1);
    assert.deepEqual(inbox.exchanges.map((exchange) => exchange.status), [status, status, 200]);
  });
}

test('Retry-After is waited for, in seconds and as a date', async (t) => {
  const { inbox, page } = await open(t);
  const date = () => new Date(Date.now() + 2000).toUTCString();
  inTurn(inbox, answer(429, '', { 'retry-after': '1' }), (exchange) => answer(503, '', { 'retry-after': date() })(exchange));
  await settle(page);
  const [first, second, third] = inbox.exchanges.map(({ time }) => time);
  assert.ok(second - first >= 950, `${second - first} ms after 429`);
  assert.ok(third - second >= 900, `${third - second} ms after 503`);
});

for (const status of [400, 404, 500, 501]) {
  test(`${status}: dropped and counted, the next record is sent`, async (t) => {
    const { inbox, page } = await open(t);
    inTurn(inbox, (exchange) => ({ status, body: encodeStatus(exchange.json, 'because') }));
    const first = await settle(page);
    assert.deepEqual([first.delivered, droppedOf(first)], [0, 1]);
    assert.match((await troubles(page))[0].message, /because/);
    await page.evaluate(() => sonde.logger('answers').error('next'));
    await inbox.received(1);
  });
}

test('413 halves until it fits; nothing is lost', async (t) => {
  const { inbox, page } = await open(t);
  const limit = 4000;
  inbox.answer = (exchange) => ANSWERS.large(exchange, { limit });
  const ledger = await settle(page, 150);
  assert.equal(ledger.delivered, 150);
  assert.equal(new Set(inbox.bodies).size, 150);
  assert.ok(inbox.exchanges.some(({ status }) => status === 413));
});

test('413 for a single record: dropped as too large, the others arrive', async (t) => {
  const { inbox, page } = await open(t);
  inbox.answer = (exchange) => ANSWERS.large(exchange, { limit: 4000 });
  await page.evaluate(() => sonde.logger('answers').info('x'.repeat(5000)));
  const ledger = await settle(page, 5);
  assert.deepEqual([ledger.delivered, droppedOf(ledger)], [5, 1]);
});

test('partial success: not repeated, counted', async (t) => {
  const { inbox, page } = await open(t);
  inTurn(inbox, (exchange) => ANSWERS.partial(exchange));
  const ledger = await settle(page, 10);
  assert.deepEqual([ledger.delivered, droppedOf(ledger)], [5, 5]);
  assert.equal(inbox.exchanges.length, 1);
  const [{ message, rejected }] = await troubles(page);
  assert.match(message, /5 of 10 records rejected/);
  assert.equal(rejected, 5);
});

test('401 stops the export until configure', async (t) => {
  const { inbox, page } = await open(t);
  inTurn(inbox, answer(401));
  await page.evaluate(() => sonde.logger('answers').error('refused'));
  await until('the refusal', () => inbox.exchanges.length === 1);
  await page.evaluate(() => {
    sonde.logger('answers').error('held');
    return sonde.flush();
  });
  await inbox.settled(300);
  assert.equal(inbox.exchanges.length, 1, 'nothing is sent while the token is refused');
  await page.evaluate(() => sonde.configure({ token: 'another' }));
  await until('it is sent', () => inbox.bodies.includes('held'));
  assert.equal(inbox.exchanges.at(-1).headers.authorization, 'Bearer another');
});

test('three refusals in a row open the breaker; configure closes it', async (t) => {
  const { inbox, page } = await open(t);
  inTurn(inbox, answer(400), answer(400), answer(400));
  for (let i = 0; i < 3; i++) await settle(page);
  assert.equal(inbox.exchanges.length, 3);
  await page.evaluate(() => {
    sonde.logger('answers').error('held by the breaker');
    return sonde.flush();
  });
  await inbox.settled(300);
  assert.equal(inbox.exchanges.length, 3, 'the breaker is open');
  await page.evaluate(() => sonde.configure({ token: 'token' }));
  await until('it is sent', () => inbox.bodies.includes('held by the breaker'));
});

test('a redirect is not followed', async (t) => {
  const { inbox, page, other } = await open(t);
  inTurn(inbox, (exchange) => answer(307, '', { location: `${other.origin}/v1/logs` })(exchange));
  const ledger = await settle(page);
  assert.equal(ledger.delivered, 1);
  assert.equal(inbox.exchanges.length, 2, 'repeated at the endpoint');
});

test('a compressed answer is understood', async (t) => {
  const { inbox, page } = await open(t);
  inTurn(inbox, (exchange) => {
    const partial = ANSWERS.partial(exchange);
    return { ...partial, body: gzipSync(partial.body), headers: { 'content-encoding': 'gzip' } };
  });
  const ledger = await settle(page, 4);
  assert.deepEqual([ledger.delivered, droppedOf(ledger)], [2, 2]);
});
