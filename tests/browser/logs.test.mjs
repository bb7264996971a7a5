// Log calls in Chromium, decoded at a receiver.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain, plainMap } from '../../examples/demo/lib/otlp.mjs';
import { droppedOf, openWorld, start, stats, useChromium } from '../lib/world.mjs';

const holder = useChromium();

const LEVELS = [['trace', 1], ['debug', 5], ['info', 9], ['warn', 13], ['error', 17], ['fatal', 21]];

/** Everything that a log call can carry, as the page logs it. */
function logAll() {
  const logger = sonde.logger('shop.checkout', '1.2.3');
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) logger[level](`at ${level}`, { level });
  logger.info('values', {
    text: 'Żółw 🚀', empty: '', yes: true, no: false, zero: 0, int: -42, big: 9007199254740993n,
    double: 0.5, nan: NaN, inf: -Infinity, none: null,
    bytes: new Uint8Array([0, 127, 128, 255]),
    list: ['a', 1, [true, null]], map: { deep: { er: [1.5] } },
  });
  logger.error('failed', { order: 7 }, new TypeError('no such thing'));
  sonde.logger('plain').info('without more');
  return sonde.flush();
}

const VALUES = {
  text: { stringValue: 'Żółw 🚀' },
  empty: { stringValue: '' },
  yes: { boolValue: true },
  no: { boolValue: false },
  zero: { intValue: '0' },
  int: { intValue: '-42' },
  big: { intValue: '9007199254740993' },
  double: { doubleValue: 0.5 },
  nan: { doubleValue: 'NaN' },
  inf: { doubleValue: '-Infinity' },
  none: {},
  bytes: { bytesValue: 'AH+A/w==' },
  list: {
    arrayValue: {
      values: [
        { stringValue: 'a' }, { intValue: '1' },
        { arrayValue: { values: [{ boolValue: true }, {}] } },
      ],
    },
  },
  map: {
    kvlistValue: {
      values: [{
        key: 'deep',
        value: { kvlistValue: { values: [{ key: 'er', value: { arrayValue: { values: [{ doubleValue: 1.5 }] } } }] } },
      }],
    },
  },
};

function checkLevels(records) {
  for (const [index, [level, number]] of LEVELS.entries()) {
    const { severityNumber, severityText, body, attributes, scope } = records[index];
    assert.deepEqual([severityNumber, severityText, plain(body)], [number, level.toUpperCase(), `at ${level}`]);
    assert.deepEqual(plainMap(attributes), { level });
    assert.deepEqual(scope, { name: 'shop.checkout', version: '1.2.3', schemaUrl: '' });
  }
}

function checkException({ attributes }) {
  const { order, ...exception } = plainMap(attributes);
  assert.equal(order, 7);
  assert.equal(exception['exception.type'], 'TypeError');
  assert.equal(exception['exception.message'], 'no such thing');
  assert.match(exception['exception.stacktrace'], /TypeError: no such thing\n\s+at logAll/);
}

function checkTimes(records, since) {
  for (const { timeUnixNano, observedTimeUnixNano } of records) {
    const ms = Number(BigInt(timeUnixNano) / 1_000_000n);
    assert.ok(ms >= since - 5 && ms <= Date.now() + 5, `${ms} is not now`);
    assert.equal(observedTimeUnixNano, timeUnixNano);
  }
}

function checkResource({ resource }) {
  const map = plainMap(resource);
  assert.equal(map['service.name'], 'shop');
  assert.equal(map['deployment.environment.name'], 'test');
  assert.equal(map['telemetry.sdk.name'], 'sonde');
  assert.match(map['user_agent.original'], /Chrome/);
  assert.match(map['session.id'], /^[0-9a-f-]{32,36}$/);
}

for (const encoding of ['protobuf', 'json']) {
  test(`all that a log call can carry arrives, as ${encoding}`, async (t) => {
    const { inbox, page, errors } = await openWorld(t, holder.browser);
    const since = Date.now();
    await start(page, { encoding, serviceName: 'shop', environment: 'test' });
    await page.evaluate(logAll);
    const records = await inbox.received(9);
    checkLevels(records);
    const { attributes } = records.find(({ body }) => plain(body) === 'values');
    assert.deepEqual(Object.fromEntries(attributes.map(({ key, value }) => [key, value])), VALUES);
    checkException(records.find(({ body }) => plain(body) === 'failed'));
    assert.equal(records.at(-1).scope.name, 'plain');
    checkTimes(records, since);
    checkResource(records[0]);
    const [{ headers }] = inbox.exchanges;
    assert.equal(headers['content-type'], encoding === 'json' ? 'application/json' : 'application/x-protobuf');
    assert.match(headers.authorization, /token$/);
    assert.deepEqual(errors, []);
  });
}

test('the ledger agrees with what the receiver saw', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page);
  await page.evaluate(logAll);
  await inbox.received(9);
  const ledger = await stats(page);
  assert.equal(ledger.accepted, 9);
  assert.equal(ledger.delivered, 9);
  assert.equal(ledger.queued + ledger.inFlight + droppedOf(ledger), 0);
});

test('an ERROR leaves at once, with what was logged in its task', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page);
  await page.evaluate(() => {
    const logger = sonde.logger('soon');
    logger.info('before');
    logger.error('the error');
    logger.info('after');
  });
  await inbox.received(3, 2000);
  assert.deepEqual(inbox.bodies, ['before', 'the error', 'after']);
  assert.equal(inbox.exchanges.length, 1);
});

test('a batch leaves after its delay', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page, { batchDelay: 300 });
  await page.evaluate(() => sonde.logger('delayed').info('later'));
  assert.equal(inbox.exchanges.length, 0);
  await inbox.received(1, 3000);
});

test('2,000 records in one task: the queue keeps 1,024, the most severe among them', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page);
  await page.evaluate(() => {
    const logger = sonde.logger('flood');
    const levels = ['debug', 'info', 'info', 'info', 'warn'];
    for (let i = 0; i < 2000; i++) logger[i % 100 === 0 ? 'error' : levels[i % 5]](`record ${i}`);
    return sonde.flush();
  });
  await inbox.received(1024);
  const records = await inbox.settled();
  const count = (number) => records.filter(({ severityNumber }) => severityNumber === number).length;
  assert.equal(records.length, 1024);
  // 20 ERROR, 400 WARN and as many INFO as there is room for; no DEBUG.
  assert.deepEqual([17, 13, 9, 5].map(count), [20, 400, 604, 0]);
  const ledger = await stats(page);
  assert.equal(ledger.accepted, ledger.delivered + droppedOf(ledger));
  assert.equal(droppedOf(ledger), 976);
});

test('records logged before the module is ready are replayed', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await page.evaluate(async () => {
    const { create } = await import('/sonde/sonde.js');
    let arrive;
    const wasm = new Promise((resolve) => { arrive = resolve; });
    globalThis.sonde = create({ wasm, endpoint: location.origin, token: 'token' });
    const logger = sonde.logger('early', '1');
    const attributes = { state: 'then' };
    logger.info('first', attributes);
    logger.error('second', {}, new Error('early one'));
    attributes.state = 'changed';
    await new Promise((resolve) => setTimeout(resolve, 400));
    globalThis.arrivedAt = Date.now();
    arrive(await fetch('/sonde/sonde-web.wasm'));
    await sonde.ready;
    logger.info('third');
    await sonde.flush();
  });
  const [first, second, third] = await inbox.received(3);
  assert.deepEqual([first, second, third].map(({ body }) => plain(body)), ['first', 'second', 'third']);
  assert.deepEqual(plainMap(first.attributes), { state: 'then' });
  assert.equal(plainMap(second.attributes)['exception.message'], 'early one');
  const ready = await page.evaluate(() => globalThis.arrivedAt);
  assert.ok(Number(BigInt(first.timeUnixNano) / 1_000_000n) <= ready - 350, 'the time of the call is kept');
});

test('emit takes a LogRecord of the OpenTelemetry API', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page);
  await page.evaluate(() => {
    sonde.logger('otel').emit({
      severityNumber: 10, severityText: 'NOTICE', body: { nested: [1, 'two'] }, eventName: 'shop.bought',
      timestamp: [1700000000, 123456789], attributes: { a: 1 },
      traceContext: undefined,
    });
    return sonde.flush();
  });
  const [record] = await inbox.received(1);
  assert.equal(record.timeUnixNano, '1700000000123456789');
  assert.deepEqual([record.severityNumber, record.severityText, record.eventName], [10, 'NOTICE', 'shop.bought']);
  assert.deepEqual(plain(record.body), { nested: [1, 'two'] });
});

test('markup stays text all the way', async (t) => {
  const { inbox, page } = await openWorld(t, holder.browser);
  await start(page);
  const attack = '<img src=x onerror=alert(1)>"\'\\\u0000\u2028</script>';
  await page.evaluate((text) => {
    sonde.logger(text).info(text, { [text]: text });
    return sonde.flush();
  }, attack);
  const [record] = await inbox.received(1);
  assert.equal(plain(record.body), attack);
  assert.equal(record.scope.name, attack);
  assert.deepEqual(plainMap(record.attributes), { [attack]: attack });
});
