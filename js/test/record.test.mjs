// What values become, and that no value can do harm.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as layout from '../generated/layout.js';
import { balanced, bodiesIn, open, recordsIn, sentBy, START, toObject } from './harness.mjs';

const attributesOf = async (attributes, options) => (
  (await sentBy((log) => log.info('x', attributes), options)).map
);
const valueOf = async (value, options) => (await attributesOf({ value }, options)).value;

test('a log call: body, severity, time, scope, attributes', async () => {
  const record = await sentBy((log) => log.warn('hello', { a: 1 }));
  assert.equal(record.value, 'hello');
  assert.equal(record.severityNumber, 13);
  assert.equal(record.severityText, 'WARN');
  assert.equal(record.timeUnixNano, `${START}000000`);
  assert.equal(record.observedTimeUnixNano, `${START}000000`);
  assert.deepEqual(record.scope, { name: 'test', version: '1' });
  assert.deepEqual(record.map, { a: '1' });
});

test('each level has its number', async () => {
  const numbers = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };
  for (const [level, number] of Object.entries(numbers)) {
    const { severityNumber, severityText } = await sentBy((log) => log[level]('x'));
    assert.deepEqual([severityNumber, severityText], [number, level.toUpperCase()]);
  }
});

const VALUES = [
  ['text', 'text'],
  ['', ''],
  ['é 日本 🙂', 'é 日本 🙂'],
  [0, '0'],
  [-0, -0],
  [1.5, 1.5],
  [2 ** 31, '2147483648'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  [Number.MIN_SAFE_INTEGER, '-9007199254740991'],
  [2 ** 53, 2 ** 53],
  [NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [true, true],
  [false, false],
  [null, null],
  [5n, '5'],
  [-(2n ** 63n), '-9223372036854775808'],
  [2n ** 63n - 1n, '9223372036854775807'],
  [2n ** 63n, '9223372036854775808'],
  [new Uint8Array([0, 127, 128, 255]), 'AH+A/w=='],
  [new Uint8Array([1, 2]).buffer, 'AQI='],
  [Buffer.from('hi'), 'aGk='],
  [new Float32Array([0.5, 2]), [0.5, '2']],
  [[], []],
  [[1, [2, ['x']], {}], ['1', ['2', ['x']], {}]],
  [{ a: { b: [true] } }, { a: { b: [true] } }],
  [Object.assign(Object.create(null), { a: 1 }), { a: '1' }],
  [new Map([['a', 1], ['b', { c: 2 }]]), { a: '1', b: { c: '2' } }],
  [new Set([1, 'x']), ['1', 'x']],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [new Date(NaN), null],
  [new URL('https://a.example/b?c'), 'https://a.example/b?c'],
  [/x+/g, '/x+/g'],
  [new TypeError('no'), 'TypeError: no'],
  [Symbol('s'), 'Symbol(s)'],
  [Object('boxed'), 'boxed'],
  [{ toJSON: () => ({ a: 1 }) }, { a: '1' }],
  [new class Point { x = 1; y = 2; }(), { x: '1', y: '2' }],
  [new class Money { toString() { return '5 €'; } }(), '5 €'],
  [Promise.resolve(), '[object Promise]'],
];

for (const [i, [value, expected]] of VALUES.entries()) {
  test(`value ${i}: ${typeof value} ${JSON.stringify(expected)}`, async () => {
    assert.deepEqual(await valueOf(value), expected);
  });
}

test('undefined is no attribute, but a null in a list', async () => {
  assert.deepEqual(await attributesOf({ a: undefined, b: { c: undefined, d: 1 }, e: [undefined] }), { b: { d: '1' }, e: [null] });
  const unreadable = { get no() { throw new Error('no'); } };
  assert.deepEqual(await attributesOf({ a: undefined, b: { c: undefined, d: unreadable } }), { b: { d: { no: '[unreadable]' } } });
});

test('functions become text', async () => {
  assert.match(await valueOf(() => 1), /=> 1/);
});

test('a body may be any value, and no body at all', async () => {
  assert.deepEqual((await sentBy((log) => log.info({ a: [1] }))).value, { a: ['1'] });
  assert.equal((await sentBy((log) => log.info(7))).value, '7');
  assert.equal('body' in await sentBy((log) => log.info(undefined, { a: 1 })), false);
});

test('attributes: inherited, empty and symbol keys are skipped', async () => {
  const inherited = Object.assign(Object.create({ not: 1 }), { '': 2, own: 3, [Symbol('s')]: 4 });
  assert.deepEqual(await attributesOf(inherited), { own: '3' });
});

test('attributes may be a Map; what is no object is no attributes', async () => {
  assert.deepEqual(await attributesOf(new Map([['a', 1]])), { a: '1' });
  for (const wrong of ['text', 5, null, () => 1]) assert.deepEqual(await attributesOf(wrong), {});
});

test('what throws when it is read is unreadable, the rest stays', async () => {
  const bad = {
    get getter() { throw new Error('getter'); },
    json: { toJSON() { throw new Error('json'); } },
    text: new class { toString() { throw new Error('text'); } }(),
    proxy: new Proxy({}, { ownKeys() { throw new Error('keys'); } }),
    revoked: (() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })(),
    deep: { ok: 1, get no() { throw new Error('deep'); } },
    list: [1, { get no() { throw new Error('list'); } }],
    fine: 1,
  };
  const no = '[unreadable]';
  assert.deepEqual(await attributesOf(bad), {
    getter: no, json: no, text: no, proxy: no, revoked: no, deep: { ok: '1', no }, list: ['1', { no }], fine: '1',
  });
});

test('an unreadable body or error still gives a record', async () => {
  const body = await sentBy((log) => log.info({ toJSON() { throw new Error('no'); } }, { a: 1 }));
  assert.equal(body.value, '[unreadable]');
  assert.deepEqual(body.map, { a: '1' });
  const error = await sentBy((log) => log.info('x', {}, { get name() { throw new Error('no'); } }));
  assert.deepEqual(error.map, { 'exception.message': '[unreadable]' });
});

test('circles are cut where they close; the same object twice is no circle', async () => {
  const shared = { s: 1 };
  const circle = { shared, again: shared, list: [shared] };
  circle.self = circle;
  circle.list.push(circle.list);
  assert.deepEqual(await valueOf(circle), {
    shared: { s: '1' }, again: { s: '1' }, list: [{ s: '1' }, '[circular]'], self: '[circular]',
  });
});

test('64 levels are kept, what is deeper is null', async () => {
  const nest = (levels) => { let value = 'core'; for (let i = 0; i < levels; i++) value = [value]; return value; };
  assert.deepEqual(await valueOf(nest(64)), nest(64));
  let value = await valueOf(nest(66));
  for (let i = 0; i < 64; i++) [value] = value;
  assert.equal(value, null);
});

test('an attribute that does not fit is left out and counted', async () => {
  const wide = await sentBy((log) => log.info('x', { a: 1, wide: new Array(5000).fill(0), b: 2 }));
  assert.deepEqual(wide.map, { a: '1', b: '2' });
  assert.equal(wide.droppedAttributesCount, 1);
  const long = await sentBy((log) => log.info('x', { a: 1, long: 'l'.repeat(70000), b: 2 }));
  assert.deepEqual(long.map, { a: '1', b: '2' });
  assert.equal(long.droppedAttributesCount, 1);
});

test('attributes that do not fit once encoded are left out, the message stays', async () => {
  const message = 'm'.repeat(60000);
  const { value, droppedAttributesCount } = await sentBy((log) => log.info(message, { a: 'é'.repeat(5000) }));
  assert.equal(value, message);
  assert.equal(droppedAttributesCount, 1);
});

test('a message that does not fit is refused, the next record is not', async () => {
  const { sonde, log, network, troubles } = open();
  log.info('m'.repeat(70000));
  log.info('é'.repeat(40000));
  log.info('next');
  await sonde.flush();
  assert.deepEqual(bodiesIn(network.requests[0]), ['next']);
  assert.equal(sonde.stats().refused, 2);
  assert.equal(troubles.length, 1);
  assert.match(troubles[0].message, /maxRecordBytes/);
});

test('strings that would be longer than any string do not throw', async () => {
  const half = 'x'.repeat(2 ** 28);
  const { map, droppedAttributesCount } = await sentBy((log) => log.info('x', { a: [half, half, half], b: 1 }));
  assert.deepEqual(map, { b: '1' });
  assert.equal(droppedAttributesCount, 1);
});

test('lone surrogates are replaced, also where two would fuse', async () => {
  const { map } = await sentBy((log) => log.info('\ud83d', { '\ude42': '\ud83d', b: '\ude42', c: 'x\ude42y', d: '🙂' }));
  assert.deepEqual(map, { '\ufffd': '\ufffd', b: '\ufffd', c: 'x\ufffdy', d: '🙂' });
});

test('more keys and scopes than the tables hold', async () => {
  const { sonde, log, network } = open();
  for (let i = 0; i < 300; i++) log.info('key', { [`key${i}`]: i, [`${'k'.repeat(80)}${i}`]: 'é' });
  for (let i = 0; i < 300; i++) sonde.logger(`scope${i}`, `${i}`).info('scope', { i });
  await sonde.flush();
  const records = network.requests.flatMap(recordsIn);
  const keys = records.filter(({ body }) => body.stringValue === 'key');
  assert.deepEqual(keys.map(({ attributes }) => attributes[0].key), keys.map((_, i) => `key${i}`));
  const scopes = records.filter(({ body }) => body.stringValue === 'scope').map(({ scope, attributes }) => {
    const map = toObject(attributes);
    return [map.i, scope?.name ?? map['otel.scope.name'], scope?.version ?? map['otel.scope.version']];
  });
  const byNumber = scopes.sort(([a], [b]) => a - b);
  assert.deepEqual(byNumber, byNumber.map((_, i) => [`${i}`, `scope${i}`, `${i}`]));
  assert.equal(byNumber.length, 300);
});

test('errors: as the third argument, as message, in the place of attributes', async () => {
  const error = new RangeError('too far');
  const { map } = await sentBy((log) => log.error('x', { a: 1 }, error));
  assert.equal(map['exception.type'], 'RangeError');
  assert.equal(map['exception.message'], 'too far');
  assert.equal(map['exception.stacktrace'], error.stack);
  assert.equal(map.a, '1');
  const message = await sentBy((log) => log.error(error));
  assert.equal(message.value, 'too far');
  assert.equal(message.map['exception.type'], 'RangeError');
  const place = await sentBy((log) => log.error('x', error));
  assert.equal(place.value, 'x');
  assert.equal(place.map['exception.message'], 'too far');
});

test('errors: whatever was thrown, causes, own attributes win', async () => {
  assert.deepEqual((await sentBy((log) => log.error('x', {}, 'thrown'))).map, { 'exception.message': 'thrown' });
  assert.deepEqual((await sentBy((log) => log.error('x', {}, null))).map, { 'exception.message': 'null' });
  const error = new Error('outer', { cause: new TypeError('inner', { cause: 'root' }) });
  const { map } = await sentBy((log) => log.error('x', { 'exception.type': 'mine' }, error));
  assert.match(map['exception.stacktrace'], /outer[^]*Caused by: TypeError: inner[^]*Caused by: root$/);
  assert.equal(map['exception.type'], 'mine');
});

test('errors: circles of causes and endless stacks are bounded', async () => {
  const error = new Error('circle');
  error.cause = error;
  error.stack = 's'.repeat(2000);
  const { map } = await sentBy((log) => log.error('x', {}, error));
  assert.equal(map['exception.stacktrace'].length, 8192);
});

test('emit: a LogRecord of the OpenTelemetry API', async () => {
  const record = await sentBy((log) => log.emit({
    eventName: 'checkout',
    timestamp: [1700000000, 5],
    observedTimestamp: new Date(1700000001002),
    severityNumber: 10,
    severityText: 'Notice',
    body: { cart: 3 },
    attributes: { a: 1 },
    exception: new Error('x'),
  }));
  assert.equal(record.eventName, 'checkout');
  assert.equal(record.timeUnixNano, '1700000000000000005');
  assert.equal(record.observedTimeUnixNano, '1700000001002000000');
  assert.equal(record.severityNumber, 10);
  assert.equal(record.severityText, 'Notice');
  assert.deepEqual(record.value, { cart: '3' });
  assert.equal(record.map['exception.message'], 'x');
});

test('emit: nothing is needed, nothing is made up', async () => {
  const record = await sentBy((log) => log.emit({}));
  assert.equal(record.timeUnixNano, `${START}000000`);
  for (const name of ['severityText', 'traceId', 'spanId', 'flags', 'eventName', 'body']) {
    assert.equal(name in record, false, name);
  }
});

test('emit: times that are none are unknown, performance.now() is understood', async () => {
  const time = async (timestamp) => (await sentBy((log) => log.emit({ timestamp }))).timeUnixNano;
  for (const wrong of [NaN, -1e13, 'soon', {}, [1], [1, 1e9], [-1, 0], new Date(NaN), 2 ** 60]) {
    assert.equal(await time(wrong), undefined, String(wrong));
  }
  const since = Number(await time(performance.now())) / 1e6;
  assert.ok(Math.abs(since - Date.now()) < 1000);
});

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

test('emit: ids of a real span, from where they may be', async () => {
  const context = {
    getValue: (key) => (key === Symbol.for('OpenTelemetry Context Key SPAN')
      ? { spanContext: () => ({ traceId: TRACE, spanId: SPAN, traceFlags: 1 }) } : undefined),
  };
  const places = [
    { traceContext: { traceId: TRACE, spanId: SPAN, traceFlags: 1 } },
    { traceId: TRACE.toUpperCase(), spanId: SPAN, traceFlags: 257 },
    { context },
  ];
  for (const place of places) {
    const { traceId, spanId, flags } = await sentBy((log) => log.emit({ body: 'é', ...place }));
    assert.deepEqual([traceId, spanId, flags], [TRACE, SPAN, 1]);
  }
});

test('emit: other ids are left out', async () => {
  const wrong = [
    { traceId: '0'.repeat(32), spanId: SPAN }, { traceId: TRACE, spanId: '0'.repeat(16) },
    { traceId: TRACE }, { traceId: 'x'.repeat(32), spanId: SPAN }, { traceId: 5, spanId: 6 },
    { context: {} }, { traceContext: 'text' },
  ];
  for (const ids of wrong) {
    const record = await sentBy((log) => log.emit({ body: 'x', ...ids }));
    assert.equal('traceId' in record, false, JSON.stringify(ids));
  }
});

test('emit: a record that is none is counted and does not throw', () => {
  const { sonde, log } = open();
  for (const wrong of [undefined, null, { get body() { throw new Error('no'); } }]) log.emit(wrong);
  assert.equal(sonde.stats().refused, 3);
});

test('reading a value may log: that comes after, but not for ever', async () => {
  const { sonde, log, network } = open();
  const chatty = { toJSON() { log.debug('inner', { chatty }); return 'value'; } };
  log.info('outer', { chatty });
  await sonde.flush();
  assert.deepEqual(bodiesIn(network.requests[0]), ['outer', 'inner']);
  assert.deepEqual(toObject(recordsIn(network.requests[0])[0].attributes), { chatty: 'value' });
  assert.equal(sonde.stats().refused, 1);
  assert.ok(balanced(sonde.stats()));
});

test('the core bounds attributes and their length', async () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, i]));
  const { map, droppedAttributesCount } = await sentBy((log) => log.info('x', many));
  assert.equal(Object.keys(map).length, 128);
  assert.equal(droppedAttributesCount, 72);
  assert.equal(await valueOf('longer', { maxValueLength: 4 }), 'long');
});

test('the layout is as record.js takes it: both times side by side', () => {
  assert.equal(layout.HEADER_OBSERVED, layout.HEADER_TIME + 2);
});
