// Log calls that use all that a record can hold, and the records that must come
// out at the other end, written by hand in OTLP/JSON.
import assert from 'node:assert/strict';
import { plainMap } from '../../examples/demo/lib/otlp.mjs';

const LEVELS = [['TRACE', 1], ['DEBUG', 5], ['INFO', 9], ['WARN', 13], ['ERROR', 17], ['FATAL', 21]];
const MOST_ATTRIBUTES = 128;

/**
 * Uses the global `sonde`. It runs in pages too, so it refers to nothing else
 * out here.
 */
export function logEverything() {
  const logger = sonde.logger('shop.checkout', '1.2.3');
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) logger[level](`at ${level}`, { level });
  logger.info('values', {
    text: 'Żółw 🚀', empty: '', long: 'ab'.repeat(5000), control: 'a\u0000b\n\u001b[31m\u2028',
    yes: true, no: false,
    zero: 0, int: -42, safe: Number.MIN_SAFE_INTEGER, big: 9007199254740993n, least: -(2n ** 63n), bigger: 2n ** 63n,
    double: 0.1, negativeZero: -0, tiny: 5e-324, huge: 1.7976931348623157e308,
    nan: NaN, inf: Infinity, minusInf: -Infinity,
    none: null, bytes: new Uint8Array([0, 127, 128, 255]), noBytes: new Uint8Array(),
    list: ['a', 1, [true, null]], noList: [], map: { deep: { er: [1.5] } }, noMap: {},
    'schlüssel.🔑': 'key',
  });
  logger.error('failed', { order: 7 }, new TypeError('no such thing'));
  sonde.logger('').info('no scope name');
  sonde.logger('plain').info('');
  const crowd = Object.fromEntries(Array.from({ length: 131 }, (_, i) => [`key.${i}`, i]));
  sonde.logger('crowded').warn('too many attributes', crowd);
  sonde.logger('otel', '9').emit({
    severityNumber: 10, severityText: 'NOTICE', eventName: 'shop.bought',
    timestamp: [1700000000, 123456789], observedTimestamp: [1700000001, 1],
    body: { items: [1, 'two', { three: 3 }], total: 12.5 },
    attributes: { a: 1 },
    traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1,
  });
  sonde.logger('otel', '9').emit({ body: 'nothing else' });
  return sonde.flush();
}

const string = (stringValue) => ({ stringValue });
const int = (digits) => ({ intValue: String(digits) });
const double = (doubleValue) => ({ doubleValue });
const list = (...values) => ({ arrayValue: { values } });
const map = (entries) => ({ kvlistValue: { values: pairs(entries) } });

function pairs(entries) {
  return Object.entries(entries).map(([key, value]) => ({ key, value }));
}

const VALUES = {
  text: string('Żółw 🚀'), empty: string(''), long: string('ab'.repeat(5000)),
  control: string('a\u0000b\n\u001b[31m\u2028'),
  yes: { boolValue: true }, no: { boolValue: false },
  zero: int(0), int: int(-42), safe: int('-9007199254740991'), big: int('9007199254740993'),
  least: int('-9223372036854775808'), bigger: string('9223372036854775808'),
  double: double(0.1), negativeZero: double(-0), tiny: double(5e-324), huge: double(1.7976931348623157e308),
  nan: double('NaN'), inf: double('Infinity'), minusInf: double('-Infinity'),
  none: {}, bytes: { bytesValue: 'AH+A/w==' }, noBytes: { bytesValue: '' },
  list: list(string('a'), int(1), list({ boolValue: true }, {})), noList: list(),
  map: map({ deep: map({ er: list(double(1.5)) }) }), noMap: map({}),
  'schlüssel.🔑': string('key'),
};

/** A record with its defaults; times and ids where they are not. */
function record(fields) {
  return {
    severityNumber: 9, severityText: 'INFO', attributes: [], droppedAttributesCount: 0,
    flags: 0, traceId: '', spanId: '', eventName: '', ...fields,
  };
}

const scope = (name, version = '') => ({ name, version, schemaUrl: '' });
const SHOP = scope('shop.checkout', '1.2.3');

export const EXPECTED = [
  ...LEVELS.map(([severityText, severityNumber]) => record({
    severityText, severityNumber, scope: SHOP, body: string(`at ${severityText.toLowerCase()}`),
    attributes: pairs({ level: string(severityText.toLowerCase()) }),
  })),
  record({ scope: SHOP, body: string('values'), attributes: pairs(VALUES) }),
  record({ scope: SHOP, severityNumber: 17, severityText: 'ERROR', body: string('failed'), attributes: 'exception' }),
  record({ scope: scope(''), body: string('no scope name') }),
  record({ scope: scope('plain'), body: string('') }),
  record({
    scope: scope('crowded'), severityNumber: 13, severityText: 'WARN', body: string('too many attributes'),
    attributes: Array.from({ length: MOST_ATTRIBUTES }, (_, i) => ({ key: `key.${i}`, value: int(i) })),
    droppedAttributesCount: 3,
  }),
  record({
    scope: scope('otel', '9'), severityNumber: 10, severityText: 'NOTICE', eventName: 'shop.bought',
    timeUnixNano: '1700000000123456789', observedTimeUnixNano: '1700000001000000001',
    body: map({ items: list(int(1), string('two'), map({ three: int(3) })), total: double(12.5) }),
    attributes: pairs({ a: int(1) }), flags: 1,
    traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331',
  }),
  record({ scope: scope('otel', '9'), severityNumber: 0, severityText: '', body: string('nothing else') }),
];

function checkException(attributes) {
  const { order, ...exception } = plainMap(attributes);
  assert.equal(order, 7);
  assert.equal(exception['exception.type'], 'TypeError');
  assert.equal(exception['exception.message'], 'no such thing');
  assert.match(exception['exception.stacktrace'], /logEverything/);
}

/** A time that the test did not choose is that of the call. */
function checkTime(nanos, since) {
  const ms = Number(BigInt(nanos) / 1_000_000n);
  assert.ok(ms >= since - 5 && ms <= Date.now() + 5, `${nanos} is not now`);
}

/**
 * A request holds its records by scope, so the order is that of the calls
 * only within a scope.
 *
 * @param {import('../../examples/demo/lib/otlp.mjs').LogRecord[]} records
 */
function inOrder(records) {
  const scopeOf = ({ scope: { name } }) => name;
  const names = [...new Set(EXPECTED.map(scopeOf))];
  return names.flatMap((name) => records.filter((one) => scopeOf(one) === name));
}

/**
 * Compares all fields.
 *
 * @param {import('../../examples/demo/lib/otlp.mjs').LogRecord[]} records
 * @param {number} since Unix milliseconds before the calls
 */
export function checkEverything(records, since) {
  assert.equal(records.length, EXPECTED.length);
  for (const [index, wanted] of inOrder(EXPECTED).entries()) {
    const { resource, ...got } = inOrder(records)[index];
    for (const name of ['timeUnixNano', 'observedTimeUnixNano']) {
      if (wanted[name] === undefined) {
        checkTime(got[name], since);
        delete got[name];
      }
    }
    if (wanted.attributes === 'exception') {
      checkException(got.attributes);
      got.attributes = 'exception';
    }
    assert.deepEqual(got, wanted);
    assert.deepEqual(resource, records[0].resource);
  }
}

/** @param {Record<string, unknown>} wanted by attribute; regular expressions match */
export function checkResource({ resource }, wanted) {
  const got = plainMap(resource);
  for (const [key, value] of Object.entries(wanted)) {
    if (value instanceof RegExp) assert.match(String(got[key]), value, key);
    else assert.deepEqual(got[key], value, key);
  }
}
