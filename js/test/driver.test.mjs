// When requests start, what they are, and what becomes of answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanced, bodiesIn, open, recordsIn, settle } from './harness.mjs';

const status = (code, headers = {}, body = null) => new Response(body, { status: code, headers });
const manyOf = (log, count, text = 'x') => { for (let i = 0; i < count; i++) log.info(text); };

test('a request: address, headers, what fetch is told', async () => {
  const { sonde, log, network } = open({ headers: { 'X-Tenant': 'a' } });
  log.info('hello');
  await sonde.flush();
  const [{ url, method, headers, redirect, referrerPolicy, keepalive, credentials }] = network.requests;
  assert.equal(url, 'https://otlp.example/v1/logs');
  assert.equal(method, 'POST');
  assert.deepEqual(headers, { authorization: 'Bearer secret-token', 'content-type': 'application/json', 'x-tenant': 'a' });
  assert.deepEqual({ redirect, referrerPolicy, keepalive, credentials }, {
    redirect: 'error', referrerPolicy: 'strict-origin', keepalive: false, credentials: undefined,
  });
});

test('protobuf is the default', async () => {
  const { sonde, log, network } = open({ encoding: undefined });
  log.info('hello');
  await sonde.flush();
  assert.equal(network.requests[0].headers['content-type'], 'application/x-protobuf');
  assert.equal(network.requests[0].sent[0], 0x0a);
});

test('the resource', async () => {
  const { sonde, log, network } = open({
    serviceName: 'shop', serviceVersion: '2', environment: 'test', sessionId: 'session',
    resource: { 'service.name': 'override', 'shop.id': 7, 'service.version': undefined },
    navigator: {
      userAgent: 'Agent/1', language: 'de', userAgentData: { brands: [{ brand: 'B', version: '9' }], platform: 'P', mobile: false },
    },
  });
  log.info('x');
  await sonde.flush();
  const { resource } = JSON.parse(new TextDecoder().decode(network.requests[0].sent)).resourceLogs[0];
  const map = Object.fromEntries(resource.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
  assert.deepEqual(map, {
    'service.name': 'override', 'deployment.environment.name': 'test', 'session.id': 'session',
    'browser.brands': { values: [{ stringValue: 'B 9' }] }, 'browser.platform': 'P', 'browser.mobile': false,
    'browser.language': 'de', 'user_agent.original': 'Agent/1', 'telemetry.sdk.name': 'sonde',
    'telemetry.sdk.language': 'webjs', 'telemetry.sdk.version': '0.1.0', 'shop.id': '7',
  });
});

test('a session has an id of its own wherever it runs', async () => {
  const ids = new Set();
  for (const crypto of [globalThis.crypto, { getRandomValues: (a) => globalThis.crypto.getRandomValues(a) }, null]) {
    const { sonde, log, network } = open({ crypto });
    log.info('x');
    await sonde.flush();
    ids.add(/"session.id","value":\{"stringValue":"([^"]+)"/.exec(new TextDecoder().decode(network.requests[0].sent))[1]);
  }
  assert.equal(ids.size, 3);
});

test('records wait for the batch delay, and one timer is enough', async () => {
  const { log, clock, network } = open();
  log.info('a');
  await clock.pass(10000);
  log.info('b');
  assert.deepEqual(clock.pending, [20000]);
  await clock.pass(19999);
  assert.equal(network.requests.length, 0);
  await clock.pass(1);
  assert.deepEqual(bodiesIn(network.requests[0]), ['a', 'b']);
  assert.deepEqual(clock.pending, []);
});

test('an ERROR goes at once, with what its task logs', async () => {
  const { log, network } = open();
  log.info('before');
  log.error('error');
  log.info('after');
  assert.equal(network.requests.length, 0);
  await settle();
  assert.deepEqual(bodiesIn(network.requests[0]), ['before', 'error', 'after']);
});

test('a full batch goes at once; never two requests at a time; order is kept', async () => {
  const { sonde, log, clock, network } = open({ maxBatchRecords: 10 });
  network.answer = () => undefined;
  for (let i = 0; i < 35; i++) log.info(`${i}`);
  await settle();
  assert.equal(network.requests.length, 1);
  network.answer = () => status(200);
  network.requests[0].respond(status(200));
  await clock.pass(30000);
  assert.equal(network.mostOpen, 1);
  assert.deepEqual(network.requests.flatMap(bodiesIn), Array.from({ length: 35 }, (_, i) => `${i}`));
  assert.ok(balanced(sonde.stats()));
});

test('503 is tried again after a back-off, with the same records', async () => {
  const { sonde, log, clock, network, troubles } = open();
  network.answer = (_, count) => status(count === 1 ? 503 : 200);
  log.error('x');
  await settle();
  assert.equal(network.requests.length, 1);
  assert.equal(sonde.stats().inFlight, 1);
  await clock.pass(1000);
  assert.deepEqual(bodiesIn(network.requests[1]), ['x']);
  assert.equal(sonde.stats().delivered, 1);
  assert.deepEqual(troubles.map(({ code, status: it }) => [code, it]), [['export', 503]]);
});

test('Retry-After: seconds and dates', async () => {
  for (const text of ['120', 'Fri, 20 Nov 2026 00:02:00 GMT', 'Friday, 20-Nov-26 00:02:00 GMT', 'Fri Nov 20 00:02:00 2026']) {
    const { log, clock, network } = open();
    network.answer = (_, count) => status(count === 1 ? 429 : 200, { 'retry-after': text });
    log.error('x');
    await clock.pass(119000);
    assert.equal(network.requests.length, 1, text);
    await clock.pass(1000 + 32000);
    assert.equal(network.requests.length, 2, text);
  }
});

test('an answer that does not come is given up, and tried again', async () => {
  const { log, clock, network, troubles } = open({ timeout: 5000 });
  network.answer = (_, count) => (count === 1 ? undefined : status(200));
  log.error('x');
  await clock.pass(4999);
  assert.equal(network.requests[0].signal.aborted, false);
  await clock.pass(1);
  assert.equal(network.requests[0].signal.aborted, true);
  await clock.pass(1000);
  assert.equal(network.requests.length, 2);
  assert.match(troubles[0].message, /abort/i);
});

test('a fetch that fails or throws is a network failure', async () => {
  for (const fetch of [() => { throw new TypeError('sync'); }, async () => { throw new TypeError('async'); }, () => undefined]) {
    const { sonde, log, clock, troubles } = open({ fetch });
    log.error('x');
    await clock.pass(10000);
    assert.equal(sonde.stats().inFlight, 1);
    assert.equal(troubles[0].status, 0);
    assert.ok(balanced(sonde.stats()));
  }
});

test('what cannot be a text may come from fetch: it is told, and flush() does not wait', async () => {
  for (const thrown of [Symbol('odd'), Object.create(null), { toString() { throw this; } }]) {
    const { sonde, log, clock, troubles } = open({ fetch: async () => { throw thrown; } });
    log.info('x');
    let done = false;
    sonde.flush().then(() => { done = true; });
    await clock.pass(0);
    assert.ok(done);
    assert.deepEqual(troubles, [{ code: 'export', message: 'HTTP 0: unreadable', signal: 'logs', status: 0, rejected: 0 }]);
    assert.equal(sonde.stats().inFlight, 1);
    // It is tried again.
    await clock.pass(10000);
    assert.ok(sonde.stats().requests > 1);
  }
});

test('401 stops, configure() with a new token goes on', async () => {
  const { sonde, log, clock, network, troubles } = open();
  network.answer = ({ headers }) => status(headers.authorization === 'Bearer new' ? 200 : 401);
  log.error('a');
  await clock.pass(600000);
  log.error('b');
  await clock.pass(600000);
  assert.equal(network.requests.length, 1);
  assert.equal(sonde.stats().state, 'disabled');
  assert.match(troubles[0].message, /401.*configure/);
  sonde.configure({ token: 'new' });
  await clock.pass(0);
  assert.equal(sonde.stats().state, 'open');
  assert.equal(sonde.stats().queued, 0);
  assert.ok(balanced(sonde.stats()));
});

test('final failures in a row open the breaker, configure() closes it', async () => {
  const { sonde, log, clock, network } = open();
  network.answer = () => status(400);
  for (let i = 0; i < 5; i++) {
    log.error('x');
    await clock.pass(1000);
  }
  assert.equal(network.requests.length, 3);
  assert.equal(sonde.stats().state, 'breaker');
  network.answer = () => status(200);
  sonde.configure({});
  await clock.pass(1000);
  assert.equal(sonde.stats().state, 'open');
  assert.equal(sonde.stats().delivered, 2);
});

test('413 splits', async () => {
  const { sonde, log, clock, network } = open();
  network.answer = (request) => status(recordsIn(request).length > 3 ? 413 : 200);
  manyOf(log, 10);
  sonde.flush();
  await clock.pass(60000);
  assert.equal(sonde.stats().delivered, 10);
});

test('partial success is told and counted, not tried again', async () => {
  const { sonde, log, clock, network, troubles } = open();
  const body = JSON.stringify({ partialSuccess: { rejectedLogRecords: '2', errorMessage: 'too old' } });
  network.answer = () => status(200, {}, body);
  manyOf(log, 5);
  await sonde.flush();
  await clock.pass(600000);
  const { delivered, dropped, droppedTotal } = sonde.stats();
  assert.deepEqual([delivered, dropped.partial.unknown, droppedTotal, network.requests.length], [3, 2, 2, 1]);
  assert.equal(troubles[0].rejected, 2);
  assert.match(troubles[0].message, /too old/);
});

test('a broken answer to a success counts as success', async () => {
  for (const encoding of ['json', 'protobuf']) {
    const { sonde, log, network } = open({ encoding });
    network.answer = () => status(200, {}, '<html>');
    log.info('x');
    await sonde.flush();
    assert.deepEqual([sonde.stats().delivered, sonde.stats().badResponses], [1, 1]);
  }
});

test('a body that breaks off or does not end is bounded', async () => {
  let pulled = 0;
  let cancelled = false;
  const endless = new ReadableStream({
    pull(controller) { pulled += 16384; controller.enqueue(new Uint8Array(16384)); },
    cancel() { cancelled = true; },
  });
  const broken = new ReadableStream({ pull(controller) { controller.error(new Error('cut')); } });
  for (const body of [endless, broken]) {
    const { sonde, log, clock, network } = open();
    network.answer = () => status(400, {}, body);
    log.error('x');
    await clock.pass(0);
    assert.equal(sonde.stats().dropped.rejected.error, 1);
  }
  assert.ok(pulled <= 10 * 16384);
  assert.ok(cancelled);
});

test('offline holds, costs no attempt, and goes on by the event or by asking', async () => {
  let online = false;
  const { sonde, log, clock, page, network } = open({ online: () => online });
  log.error('x');
  await clock.pass(3600000);
  assert.equal(network.requests.length, 0);
  assert.equal(sonde.stats().requests, 0);
  online = true;
  page.window.dispatchEvent(new Event('online'));
  await settle();
  assert.equal(network.requests.length, 1);
  online = false;
  log.error('y');
  await clock.pass(1000);
  online = true;
  await clock.pass(5000);
  assert.equal(network.requests.length, 2);
});

test('an online() that throws is told, holds, and is asked again', async () => {
  let broken = true;
  const online = () => {
    if (broken) throw new Error('no idea');
    return true;
  };
  const { sonde, log, clock, network, troubles } = open({ online });
  log.info('x');
  await sonde.flush();
  assert.deepEqual(troubles, [{ code: 'internal', message: 'Error: no idea' }]);
  assert.deepEqual([network.requests.length, sonde.stats().requests], [0, 0]);
  broken = false;
  await clock.pass(5000);
  assert.deepEqual(network.requests.map(bodiesIn), [['x']]);
});

test('an online() that logs makes no second request of a batch', async () => {
  let asked = 0;
  const { sonde, log, network } = open({ online: () => { if (++asked < 4) log.info('asked'); return true; } });
  log.info('x');
  await sonde.flush();
  const bodies = network.requests.flatMap(bodiesIn);
  assert.equal(new Set(network.requests.map(({ sent }) => sent)).size, network.requests.length);
  assert.equal(bodies.filter((body) => body === 'x').length, 1);
  await sonde.close();
  const { accepted, delivered, requests } = sonde.stats();
  assert.deepEqual([delivered, requests], [accepted, network.requests.length]);
});

test('an answer without ok, or without a message', async () => {
  const plain = open({ fetch: async () => ({ status: 200, headers: new Headers() }) });
  plain.log.info('x');
  await plain.sonde.flush();
  assert.deepEqual([plain.troubles, plain.sonde.stats().delivered], [[], 1]);
  const refusing = open();
  refusing.network.answer = () => new Response(null, { status: 401 });
  refusing.log.info('x');
  await refusing.sonde.flush();
  assert.equal(refusing.troubles[0].message, 'HTTP 401; stopped until configure()');
});

test('navigator.onLine is asked by default', async () => {
  const navigator = { onLine: false };
  const { log, clock, network } = open({ navigator });
  log.error('x');
  await clock.pass(60000);
  assert.equal(network.requests.length, 0);
  navigator.onLine = true;
  await clock.pass(5000);
  assert.equal(network.requests.length, 1);
});

test('a callback that throws or an onError that logs does no harm', async () => {
  const made = open({
    onError: () => {
      made.log.error('from onError');
      throw new Error('no');
    },
  });
  made.network.answer = () => status(500);
  made.log.error('x');
  await made.clock.pass(60000);
  assert.equal(made.network.requests.length, 1);
  assert.equal(made.sonde.stats().accepted, 1);
});

test('the resource may be a Map', async () => {
  const { sonde, log, network } = open({ resource: new Map([['shop.id', 7]]) });
  log.info('x');
  await sonde.flush();
  const { resource } = JSON.parse(new TextDecoder().decode(network.requests[0].sent)).resourceLogs[0];
  assert.equal(resource.attributes.find(({ key }) => key === 'shop.id')?.value.intValue, '7');
});

test('what cannot be a text may be thrown', async () => {
  const odd = [Symbol('odd'), Object.create(null), { toString() { throw this; } }];
  for (const thrown of odd) {
    const { sonde, clock, log, network, troubles } = open();
    const gauge = sonde.meter('m').createObservableGauge('g');
    const fail = () => { throw thrown; };
    gauge.addCallback(fail);
    gauge.addCallback(async () => fail());
    gauge.addCallback((result) => result.observe(1));
    sonde.meter('m').createCounter('c').add(1, { get a() { return fail(); } });
    log.emit({ get body() { return fail(); } });
    await clock.pass(120000);
    assert.equal(network.of('metrics').length, 2);
    assert.equal(sonde.stats().refused, 6);
    assert.deepEqual(troubles, [{ code: 'refused', message: 'record refused: unreadable' }]);
  }
});

for (const code of [401, 403]) {
  test(`${code} for a token that was replaced meanwhile: tried again with the new one`, async () => {
    const { sonde, clock, network, log } = open();
    network.answer = ({ headers }) => (headers.authorization === 'Bearer new' ? status(200) : undefined);
    log.error('a');
    await settle();
    sonde.configure({ token: 'new' });
    network.requests[0].respond(status(code));
    await clock.pass(1000);
    assert.equal(network.requests.length, 2);
    const { state, delivered } = sonde.stats();
    assert.deepEqual([state, delivered], ['open', 1]);
  });
}

for (const answer of [400, 401, 413, 429, 503]) {
  test(`a fetch that configures before each request, and ${answer}: no faster than without`, async () => {
    const world = open({
      fetch(...given) {
        world.sonde.configure({ token: `token ${world.network.requests.length}` });
        return world.network.fetch(...given);
      },
    });
    world.network.answer = () => status(answer);
    world.log.error('a');
    await settle();
    assert.equal(world.network.requests.length, 1);
    await world.clock.pass(600_000);
    assert.ok(world.network.requests.length < 40, `${world.network.requests.length}`);
    const { queued, droppedTotal } = world.sonde.stats();
    assert.deepEqual([queued, droppedTotal], [0, 1]);
  });
}

test('what the old target took is delivered', async () => {
  const { sonde, network, log } = open();
  network.answer = () => undefined;
  log.error('a');
  await settle();
  sonde.configure({ token: 'new' });
  network.requests[0].respond(status(200));
  await settle();
  assert.deepEqual([network.requests.length, sonde.stats().delivered], [1, 1]);
});

test('no rejection is left unhandled', async (t) => {
  const unhandled = [];
  const note = (problem) => unhandled.push(problem);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const many = new Uint8Array(70_000);
  const bodies = [
    { pull(it) { it.enqueue(many); }, cancel() { throw new Error('cancel'); } },
    { pull(it) { it.enqueue(many); queueMicrotask(() => it.error(new Error('reset'))); } },
  ];
  for (const body of bodies) {
    const { log, network } = open({ onError: async () => { throw new Error('own affair'); } });
    network.answer = () => status(400, {}, new ReadableStream(body));
    log.error('x');
    await settle();
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
  assert.deepEqual(unhandled, []);
});

test('what onError logs after it was called again meanwhile is not recorded', async () => {
  const world = open({
    onError({ code }) {
      if (code !== 'export') return;
      large.end();
      world.log.info('from onError');
    },
  });
  const large = world.tracer.startSpan('x'.repeat(70_000));
  world.network.answer = () => status(400);
  world.log.error('a');
  await settle();
  world.network.answer = () => status(200);
  await world.sonde.flush();
  assert.deepEqual(world.network.of('logs').flatMap(bodiesIn), ['a']);
});
