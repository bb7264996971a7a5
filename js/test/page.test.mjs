// What leaves when the page is hidden, goes and comes back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanced, bodiesIn, open, recordsIn, settle } from './harness.mjs';

const status = (code, headers = {}, body = null) => new Response(body, { status: code, headers });
const manyOf = (log, count, text = 'x') => { for (let i = 0; i < count; i++) log.info(text); };

test('hidden: what is queued leaves in one request that outlives the page', async () => {
  const { log, page, network } = open();
  log.info('a');
  page.hide();
  assert.equal(network.requests.length, 1);
  assert.equal(network.requests[0].keepalive, true);
  await settle();
});

for (const bubbles of [true, false]) {
  test(`hidden: what other listeners log leaves, too (${bubbles ? '' : 'not '}bubbling)`, async () => {
    for (const first of [[], ['first']]) {
      const { log, clock, page, network } = open();
      for (const text of first) log.info(text);
      page.addEventListener('visibilitychange', () => log.info(page.visibilityState));
      page.hide(bubbles);
      await clock.pass(0);
      assert.deepEqual(network.requests.flatMap(bodiesIn), [...first, 'hidden']);
      assert.ok(network.requests.every(({ keepalive }) => keepalive));
      const { length } = network.requests;
      page.show(bubbles);
      await clock.pass(1000);
      assert.equal(network.requests.length, length);
    }
  });
}

for (const bubbles of [true, false]) {
  test(`pagehide: what other listeners log leaves, too, nothing twice (${bubbles ? '' : 'not '}bubbling)`, async () => {
    for (const level of ['info', 'error']) {
      const { log, page, network } = open();
      network.answer = () => undefined;
      log.info('queued');
      page.window.addEventListener('pagehide', () => log[level]('after'));
      if (bubbles) page.addEventListener('visibilitychange', () => log[level]('hidden'));
      page.leave(bubbles);
      assert.deepEqual(network.requests.map(bodiesIn), [['queued', 'after', ...bubbles ? ['hidden'] : []]]);
      assert.equal(network.requests[0].keepalive, true);
      network.requests[0].respond(status(200));
      await settle();
    }
  });
}

test('pagehide of a hidden page: what was logged since leaves with what is under way', async () => {
  const { sonde, log, page, network } = open();
  network.answer = () => undefined;
  log.info('a');
  page.hide();
  log.info('b');
  page.leave();
  assert.deepEqual(network.requests.map(bodiesIn), [['a'], ['a', 'b']]);
  assert.equal(network.requests[0].signal.aborted, true);
  network.requests[1].respond(status(200));
  await settle();
  assert.equal(sonde.stats().delivered, 2);
});

test('hidden: the request under way is left alone', async () => {
  const { log, page, network } = open();
  network.answer = () => undefined;
  log.error('a');
  await settle();
  log.info('b');
  page.hide();
  await settle();
  assert.equal(network.requests.length, 1);
  assert.equal(network.requests[0].signal.aborted, false);
  network.answer = () => status(200);
  network.requests[0].respond(status(200));
  await settle();
  assert.deepEqual(bodiesIn(network.requests[1]), ['b']);
  assert.equal(network.requests[1].keepalive, true);
});

test('pagehide: the request under way is given back, all leaves in one that outlives the page', async () => {
  const { sonde, log, page, network } = open();
  network.answer = () => undefined;
  log.error('a');
  await settle();
  log.info('b');
  page.leave();
  assert.equal(network.requests[0].signal.aborted, true);
  assert.equal(network.requests[1].keepalive, true);
  assert.deepEqual(bodiesIn(network.requests[1]), ['a', 'b']);
  network.requests[1].respond(status(200));
  await settle();
  assert.equal(sonde.stats().delivered, 2);
  assert.ok(balanced(sonde.stats()));
});

test('pagehide: one that outlives the page already is left alone', async () => {
  const { log, page, network } = open();
  network.answer = () => undefined;
  log.info('a');
  page.hide();
  page.leave();
  page.leave();
  assert.equal(network.requests.length, 1);
  assert.equal(network.requests[0].signal.aborted, false);
  network.requests[0].respond(status(200));
  await settle();
});

test('pagehide: at most 60,000 bytes, the most severe first', async () => {
  const { log, page, network } = open({ maxQueueRecords: 2000, maxBatchRecords: 2000, batchDelay: 60000 });
  network.answer = () => undefined;
  for (let i = 0; i < 1000; i++) log[i % 100 ? 'debug' : 'warn'](`${i} ${'t'.repeat(100)}`);
  page.leave();
  const [request] = network.requests;
  assert.ok(request.sent.length <= 60000, `${request.sent.length} bytes`);
  assert.ok(request.sent.length > 55000, `${request.sent.length} bytes`);
  const levels = recordsIn(request).map(({ severityText }) => severityText);
  assert.equal(levels.filter((level) => level === 'WARN').length, 10);
  network.answer = () => status(200);
  request.respond(status(200));
  await settle();
});

test('pagehide in a back-off does not wait for it', async () => {
  const { log, clock, page, network } = open();
  network.answer = () => status(503, { 'retry-after': '100' });
  log.error('a');
  await clock.pass(10);
  page.leave();
  assert.equal(network.requests.length, 2);
  await settle();
});

test('the quota is shared by all exporters of the page, and given back', async () => {
  const text = 't'.repeat(1000);
  const pages = Array.from({ length: 4 }, () => open({ maxBatchRecords: 100 }));
  for (const { log, page, network } of pages) {
    network.answer = () => undefined;
    manyOf(log, 20, text);
    page.leave();
  }
  const sizes = pages.map(({ network }) => network.requests[0]).filter(({ keepalive }) => keepalive)
    .map(({ sent }) => sent.length);
  assert.ok(sizes.reduce((a, b) => a + b) <= 60000, `${sizes}`);
  for (const { network } of pages) {
    network.answer = () => status(200);
    network.requests[0].respond(status(200));
  }
  await settle();
  const later = open();
  later.log.info('x');
  later.page.leave();
  assert.equal(later.network.requests[0].keepalive, true);
  await settle();
});

test('at most 9 requests outlive the page', async () => {
  const pages = Array.from({ length: 11 }, () => open());
  for (const { log, page, network } of pages) {
    network.answer = () => undefined;
    log.info('x');
    page.leave();
  }
  assert.equal(pages.filter(({ network }) => network.requests[0].keepalive).length, 9);
  for (const { network } of pages) {
    network.answer = () => status(200);
    network.requests[0].respond(status(200));
  }
  await settle();
});

test('a page that comes back goes on', async () => {
  const { sonde, log, clock, page, network } = open();
  network.answer = () => new TypeError('quota');
  log.info('a');
  page.leave();
  await settle();
  network.answer = () => status(200);
  page.comeBack();
  await clock.pass(1000);
  assert.equal(sonde.stats().delivered, 1);
  assert.equal(network.requests.at(-1).keepalive, false);
});
