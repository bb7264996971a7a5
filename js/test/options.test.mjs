// Options that are wrong are told at once, without secrets; without a target
// nothing happens at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPTIONS } from '../generated/layout.js';
import { create } from '../src/index.js';
import { bodiesIn, MODULE, open, settle } from './harness.mjs';

const GOOD = { wasm: MODULE, endpoint: 'https://otlp.example', token: 't' };
const message = (options) => {
  try {
    create({ ...GOOD, ...options });
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof RangeError, error.stack);
    return error.message;
  }
  return 'no error';
};

test('each option of the core: its bounds are allowed, what is beyond is not', () => {
  for (const [name, [least, most]] of Object.entries(OPTIONS).filter(([, rule]) => rule[1] > 1)) {
    for (const value of [least, null, undefined]) create({ [name]: value });
    for (const value of [least - 1, most + 1, 1.5, NaN, Infinity, '7', true, {}]) {
      const text = message({ [name]: value });
      assert.ok(text.includes(name) && text.includes(`from ${least} to ${most}`), text);
      if (typeof value === 'number' && Number.isFinite(value)) assert.ok(text.includes(String(value)), text);
    }
  }
});

test('choices', () => {
  for (const options of [{ encoding: 'json' }, { encoding: 'protobuf' }, { retryServerErrors: true }, { retryServerErrors: false }]) {
    create({ ...GOOD, ...options });
  }
  for (const value of ['xml', 'JSON', 1, true]) assert.match(message({ encoding: value }), /encoding.*protobuf or json/);
  for (const value of [1, 'true', 'json']) assert.match(message({ retryServerErrors: value }), /retryServerErrors.*false or true/);
  assert.match(message({ encoding: 'xml' }), /"xml"/);
  assert.match(message({ timeout: 0 }), /timeout.*1 to 600000.*not 0/);
});

test('functions', () => {
  for (const name of ['onError', 'online', 'now', 'random', 'fetch', 'setTimeout', 'clearTimeout']) {
    assert.match(message({ [name]: 'text' }), new RegExp(`${name} must be a function`));
  }
});

test('undefined is as if it was not given', async () => {
  const names = ['online', 'timeout', 'maxQueueRecords', 'encoding', 'serviceName', 'resource', 'headers', 'logsEndpoint', 'crypto'];
  const { sonde, log, network } = open(Object.fromEntries(names.map((name) => [name, undefined])));
  log.info('x');
  await sonde.flush();
  sonde.configure({ token: undefined, endpoint: undefined });
  log.info('y');
  await sonde.flush();
  assert.equal(network.requests.length, 2);
  assert.equal(network.requests[1].headers.authorization, 'Bearer secret-token');
});

test('a name that is misspelt: those that there are', () => {
  for (const slip of ['maxQueueRecord', 'maxqueuerecords', 'endPoint', 'tokn', 'service_name', 'onerror', '']) {
    const text = message({ [slip]: 1 });
    assert.ok(text.startsWith(`sonde: no option ${slip}; there are endpoint, logsEndpoint, `), text);
    for (const name of ['token', 'headers', 'wasm', 'serviceName', 'maxQueueRecords', 'onError']) assert.match(text, RegExp(`[ ,]${name}\\b`));
  }
  assert.throws(() => create({}).configure({ serviceName: 'x' }), {
    message: 'sonde: no option serviceName; there are endpoint, logsEndpoint, tracesEndpoint, metricsEndpoint, token, headers',
  });
});

test('endpoints', async () => {
  const good = {
    'https://a.example': 'https://a.example/v1/logs',
    'https://a.example/': 'https://a.example/v1/logs',
    'https://a.example/otlp//': 'https://a.example/otlp/v1/logs',
    'https://a.example/v1/logs': 'https://a.example/v1/logs',
    'http://a.example:4318/x?k=v#f': 'http://a.example:4318/x/v1/logs?k=v',
    '/otlp': 'https://shop.example/otlp/v1/logs',
  };
  for (const [endpoint, url] of Object.entries(good)) {
    const { sonde, log, network } = open({ endpoint });
    log.info('x');
    await sonde.flush();
    assert.equal(network.requests[0].url.replace(/#.*/, ''), url);
  }
  const { sonde, log, network } = open({ logsEndpoint: 'https://b.example/own' });
  log.info('x');
  await sonde.flush();
  assert.equal(network.requests[0].url, 'https://b.example/own');
});

test('endpoints that are none', () => {
  for (const endpoint of ['ftp://a.example', 'javascript:1', 'no url', 'https://', 'file:///x', 'httpx://a', 5, {}]) {
    for (const name of ['endpoint', 'logsEndpoint']) {
      const text = message({ [name]: endpoint });
      assert.match(text, RegExp(`option ${name} must be an http\\(s\\) URL`));
    }
  }
  for (const endpoint of ['https://user@a.example', 'https://user:hunter2@a.example', 'https://:hunter2@a.example']) {
    const text = message({ endpoint });
    assert.match(text, /endpoint.*user/);
    assert.ok(!text.includes('hunter2'), text);
  }
});

test('secrets are in no message', () => {
  const secret = 's3cret';
  const wrong = [
    { token: `${secret}\nx` }, { token: `${secret}é日` }, { headers: { authorization: `${secret}\nx` } },
    { headers: { [`${secret} `]: 'x' } }, { headers: secret }, { token: { secret } }, { endpoint: `ftp://${secret}` },
    { logsEndpoint: `ftp://${secret}` }, { token: 7 }, { token: true },
  ];
  for (const options of wrong) {
    const text = message(options);
    assert.match(text, /token|headers|endpoint/i);
    assert.ok(!text.includes(secret), text);
  }
});

test('an own authorization wins over the token', async () => {
  for (const headers of [{ Authorization: 'raw' }, new Headers({ authorization: 'raw' })]) {
    for (const token of ['t', null, false]) {
      const { sonde, log, network } = open({ headers, token });
      log.info('x');
      await sonde.flush();
      assert.equal(network.requests[0].headers.authorization, 'raw');
    }
  }
});

test('token false: the endpoint needs none', async () => {
  const { sonde, log, network } = open({ token: false });
  log.info('x');
  await sonde.flush();
  assert.equal('authorization' in network.requests[0].headers, false);
});

test('the module is asked for when it is needed', () => {
  for (const wasm of [undefined, '/sonde-web.wasm', 5]) {
    assert.match(message({ wasm }), /wasm.*WebAssembly\.Module/);
  }
});

test('no endpoint or no token: nothing happens', async () => {
  const none = [{ endpoint: '' }, { endpoint: null }, { endpoint: undefined }, { token: '' }, { token: null }, { token: undefined }];
  for (const options of none) {
    const { sonde, log, clock, page, network, troubles } = open({ ...options, wasm: undefined });
    await sonde.ready;
    log.error('x', { a: 1 }, new Error('x'));
    log.emit({ body: 'x' });
    const gauge = sonde.meter('m').createObservableGauge('g');
    for (let i = 0; i < 600; i++) gauge.addCallback(() => {});
    page.hide();
    page.leave();
    await sonde.flush();
    assert.equal(log.enabled(), false);
    const { state, accepted, refused } = sonde.stats();
    assert.deepEqual([state, accepted, refused, network.requests.length, troubles.length], ['noop', 0, 0, 0, 0]);
    assert.deepEqual(clock.pending, []);
    await sonde.close();
  }
  create();
  create({ wasm: Promise.reject(new Error('not needed')) });
  await settle();
});

test('configure: starts what had no target, and changes it', async () => {
  const { sonde, log, network } = open({ token: null });
  log.info('lost');
  sonde.configure({ token: 'later' });
  log.info('a');
  await sonde.flush();
  assert.equal(network.requests[0].headers.authorization, 'Bearer later');
  sonde.configure({ endpoint: 'https://other.example', headers: { 'x-a': 'b' } });
  log.info('b');
  await sonde.flush();
  assert.equal(network.requests[1].url, 'https://other.example/v1/logs');
  assert.equal(network.requests[1].headers.authorization, 'Bearer later');
  assert.equal(network.requests[1].headers['x-a'], 'b');
  assert.equal(sonde.stats().delivered, 2);
});

test('configure: without a token records are held', async () => {
  const { sonde, log, clock, network } = open();
  sonde.configure({ token: null });
  log.error('a');
  await clock.pass(60000);
  assert.equal(network.requests.length, 0);
  sonde.configure({ token: 'again' });
  await clock.pass(0);
  assert.equal(sonde.stats().delivered, 1);
});

test('configure: what is wrong changes nothing', async () => {
  const { sonde, log, network } = open();
  for (const wrong of [{ endpoint: 'ftp://x' }, { timeout: 5 }, { tokn: 'x' }, { token: 'a\nb' }]) {
    assert.throws(() => sonde.configure(wrong), /sonde: .*(endpoint|timeout|tokn|token)/);
  }
  log.info('x');
  await sonde.flush();
  assert.equal(network.requests[0].url, 'https://otlp.example/v1/logs');
  assert.equal(network.requests[0].headers.authorization, 'Bearer secret-token');
});

test('configure() that throws because there is no module changes nothing', () => {
  const sonde = create({});
  assert.throws(() => sonde.configure({ endpoint: 'https://a.example', token: false }), /option wasm/);
  sonde.logger('x').info('nowhere to go');
  assert.equal(sonde.logger('x').enabled(), false);
  assert.equal(sonde.stats().accepted, 0);
});

test('configure: without an endpoint nothing more is recorded, and what is held stays', async () => {
  const { sonde, clock, network, log, tracer } = open();
  log.info('held');
  sonde.configure({ endpoint: null });
  log.error('not recorded');
  tracer.startSpan('nor this').end();
  assert.deepEqual([log.enabled(), tracer.startSpan('x').isRecording()], [false, false]);
  await clock.pass(600_000);
  assert.equal(network.requests.length, 0);
  sonde.configure({ endpoint: 'https://other.example' });
  await sonde.flush();
  assert.deepEqual(network.requests.flatMap(bodiesIn), ['held']);
  assert.equal(sonde.stats().traces.accepted, 0);
});
