// `@opentelemetry/api` on Sonde, used as its documentation uses it. The same
// tests run with both lines of the API.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { logsOf, metricsOf, spansOf } from '../../../tests/lib/signals.mjs';
import { open, settle } from '../harness.mjs';
import { load } from './line.mjs';


const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const TRACE_ID = PARENT.slice(3, 35);
const SPAN_ID = PARENT.slice(36, 52);
const SUPPRESSED = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** Lines of the table that the C core is tested with. @param {RegExp} pattern */
const vectors = (pattern) => readFileSync(new URL('../../../tests/vectors/tracecontext.txt', import.meta.url), 'utf8')
  .split('\n').map((text) => pattern.exec(text)).filter(Boolean);

/** `"ab"*3 + "c\x00"`, as the table has it. @param {string} source */
const textOf = (source) => source.split(' + ').map((part) => {
  const [, text, times = 1] = /^"(.*)"(?:\*(\d+))?$/.exec(part.trim());
  const escaped = { n: '\n', t: '\t' };
  return text.replace(/\\(x..|.)/g, (_, code) => (code.length > 1 ? String.fromCharCode(parseInt(code.slice(1), 16)) : escaped[code] ?? code)).repeat(Number(times));
}).join('');

/** A host without AsyncLocalStorage: the class that it would be is the adapter's own. */
function withoutStorage(call) {
  const { getBuiltinModule } = process;
  process.getBuiltinModule = undefined;
  try {
    return call();
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
}

/** @param {'1.9' | '1.10'} line */
export async function suite(line) {
  const { otel, api, apiLogs } = await load(line);
  const { context, metrics, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api;
  const logs = line === '1.9' ? apiLogs.logs : api.logs;
  const { SeverityNumber } = line === '1.9' ? apiLogs : api;
  /** @type {any} */
  let registered;

  /** A registered Sonde. */
  function start(options, given = {}) {
    // One encoding for each line.
    const world = open({ encoding: line === '1.9' ? 'json' : 'protobuf', ...options });
    registered = otel.register(world.sonde, { logs: line === '1.9' ? logs : undefined, AsyncLocalStorage, ...given });
    const received = async (read) => {
      await world.sonde.flush();
      return read(world.network.requests.map(({ url, sent, headers }) => ({ url, type: headers['content-type'], body: sent })));
    };
    return { ...world, registered, spans: () => received(spansOf), logs: () => received(logsOf), metrics: () => received(metricsOf), tracer: trace.getTracer('app', '1.2.3') };
  }
  afterEach(() => registered?.unregister());

  const byName = (spans) => Object.fromEntries(spans.map((span) => [span.name, span]));

  describe('traces', () => {
    test('nested active spans, attributes, events, status, kind', async () => {
      const { tracer, spans, troubles } = start();
      const rolls = tracer.startActiveSpan('rollTheDice', { kind: SpanKind.SERVER, attributes: { 'dice.rolls': 2 } }, (parent) => {
        const results = [0, 1].map((i) => tracer.startActiveSpan(`rollOnce:${i}`, (span) => {
          span.setAttribute('dice.rolled', i + 3).setAttributes({ lucky: i === 1, sides: [1, 2], none: undefined });
          span.addEvent('rolled', { i }).addEvent('timed', [1700000000, 5]);
          if (i) span.setStatus({ code: SpanStatusCode.ERROR, message: 'too high' });
          span.end();
          return i + 3;
        }));
        parent.updateName('roll');
        parent.end();
        return results;
      });
      assert.deepEqual(rolls, [3, 4]);
      const all = await spans();
      const { roll, 'rollOnce:0': first, 'rollOnce:1': second } = byName(all);
      assert.equal(all.length, 3);
      assert.deepEqual(troubles, []);
      assert.equal(roll.parentSpanId, '');
      assert.equal(roll.kind, 'SERVER');
      assert.deepEqual([roll.scope, roll.version], ['app', '1.2.3']);
      assert.deepEqual(roll.attributes, { 'dice.rolls': 2 });
      for (const span of [first, second]) {
        assert.equal(span.traceId, roll.traceId);
        assert.equal(span.parentSpanId, roll.spanId);
        assert.equal(span.kind, 'INTERNAL');
        assert.equal(span.flags & 255, 3);
      }
      assert.deepEqual(second.attributes, { 'dice.rolled': 4, lucky: true, sides: [1, 2] });
      assert.deepEqual(second.events.map(({ name, attributes }) => [name, attributes]), [['rolled', { i: 1 }], ['timed', {}]]);
      assert.equal(second.events[1].timeUnixNano, '1700000000000000005');
      assert.deepEqual(first.status, { code: 'UNSET', message: '' });
      assert.deepEqual(second.status, { code: 'ERROR', message: 'too high' });
    });

    test('links and exceptions', async () => {
      const { tracer, spans } = start();
      const one = tracer.startSpan('one');
      const two = tracer.startSpan('two', { links: [{ context: one.spanContext(), attributes: { why: 'queue' } }] });
      const remote = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1, isRemote: true, traceState: api.createTraceState('a=1,b=2') };
      two.addLink({ context: remote });
      two.recordException(new TypeError('no such thing'));
      two.recordException('as text');
      one.end();
      two.end();
      const { two: { links, events }, one: { spanId } } = byName(await spans());
      assert.deepEqual(links.map(({ traceId, spanId: id, traceState, attributes }) => [traceId, id, traceState, attributes]), [
        [one.spanContext().traceId, spanId, '', { why: 'queue' }],
        [TRACE_ID, SPAN_ID, 'a=1,b=2', {}],
      ]);
      assert.deepEqual(events.map(({ name }) => name), ['exception', 'exception']);
      assert.equal(events[0].attributes['exception.type'], 'TypeError');
      assert.equal(events[0].attributes['exception.message'], 'no such thing');
      assert.match(events[0].attributes['exception.stacktrace'], /suite\.mjs/);
      assert.equal(events[1].attributes['exception.message'], 'as text');
    });

    test('startActiveSpan: all overloads, results, exceptions', () => {
      const { tracer } = start();
      const outer = tracer.startSpan('outer');
      const given = trace.setSpan(ROOT_CONTEXT, outer);
      assert.equal(tracer.startActiveSpan('a', (span) => span === trace.getActiveSpan() && 1), 1);
      assert.equal(tracer.startActiveSpan('b', { kind: SpanKind.CLIENT }, (span) => span === trace.getActiveSpan() && 2), 2);
      assert.equal(tracer.startActiveSpan('c', {}, given, (span) => span.spanContext().traceId), outer.spanContext().traceId);
      assert.equal(tracer.startActiveSpan('e', null, null, (span) => span === trace.getActiveSpan() && 3), 3);
      assert.throws(() => tracer.startActiveSpan('d', () => { throw new Error('on'); }), /on/);
      assert.equal(trace.getActiveSpan(), undefined);
    });

    test('parents: of the context, root, none, invalid, remote', async () => {
      const { tracer, spans } = start();
      const outer = tracer.startSpan('outer');
      const inside = trace.setSpan(context.active(), outer);
      context.with(inside, () => {
        tracer.startSpan('child').end();
        tracer.startSpan('root', { root: true }).end();
        tracer.startSpan('other', {}, ROOT_CONTEXT).end();
      });
      const withContext = (spanContext) => trace.setSpanContext(ROOT_CONTEXT, spanContext);
      const remote = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1, isRemote: true, traceState: api.createTraceState('a=1') };
      tracer.startSpan('remote', {}, withContext(remote)).end();
      tracer.startSpan('invalid', {}, withContext(api.INVALID_SPAN_CONTEXT)).end();
      const dropped = tracer.startSpan('dropped', {}, withContext({ ...remote, traceFlags: 0 }));
      assert.deepEqual([dropped.isRecording(), dropped.spanContext().traceId, dropped.spanContext().traceFlags], [false, TRACE_ID, 0]);
      dropped.setAttribute('a', 1).addEvent('b').end();
      outer.end();
      const all = byName(await spans());
      assert.deepEqual(Object.keys(all).sort(), ['child', 'invalid', 'other', 'outer', 'remote', 'root']);
      assert.equal(all.child.parentSpanId, all.outer.spanId);
      for (const name of ['root', 'other', 'invalid']) {
        assert.equal(all[name].parentSpanId, '', name);
        assert.notEqual(all[name].traceId, all.outer.traceId, name);
      }
      assert.deepEqual([all.remote.traceId, all.remote.parentSpanId, all.remote.traceState], [TRACE_ID, SPAN_ID, 'a=1']);
      assert.equal(all.remote.flags, 0x301);
      assert.equal(all.child.flags, 0x103);
    });

    test('suppressed: a span without ids, and the parent stays out of logs', async () => {
      const { tracer, sonde, spans, logs: records } = start();
      context.with(context.active().setValue(SUPPRESSED, true), () => {
        tracer.startActiveSpan('not', (span) => {
          assert.equal(span.isRecording(), false);
          assert.equal(trace.isSpanContextValid(span.spanContext()), false);
          sonde.logger('app').info('plain');
          span.end();
        });
      });
      const headers = {};
      otel.untraced(() => {
        tracer.startSpan('nor this').end();
        propagation.inject(trace.setSpan(context.active(), tracer.startSpan('x')), headers);
      })();
      assert.equal(otel.untraced((...given) => given.join())(1, 2), '1,2');
      tracer.startSpan('this').end();
      assert.deepEqual((await spans()).map(({ name }) => name), ['this']);
      assert.equal((await records())[0].traceId, '');
      const baggage = propagation.createBaggage({ a: { value: '1' } });
      const remote = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1, isRemote: true };
      const full = propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, remote), baggage);
      propagation.inject(full.setValue(SUPPRESSED, true), headers);
      assert.deepEqual(headers, {});
      propagation.inject(full, headers);
      assert.deepEqual(Object.keys(headers), ['traceparent', 'baggage']);
    });

    test('trace states are objects of the API, however they came', async () => {
      const { tracer, sonde, spans } = start({ sampleRate: 0.5, random: () => 0.99, crypto: { getRandomValues: (bytes) => bytes.fill(-1) } });
      const root = tracer.startSpan('root');
      assert.equal(root.spanContext().traceState.serialize(), 'ot=th:8');
      assert.equal(root.spanContext().traceState.get('ot'), 'th:8');
      context.with(trace.setSpan(ROOT_CONTEXT, root), () => sonde.tracer('own').startSpan('child').end());
      root.end();
      const own = sonde.tracer('own').startSpan('own');
      const headers = {};
      propagation.inject(trace.setSpan(ROOT_CONTEXT, own), headers);
      assert.equal(headers.tracestate, 'ot=th:8');
      assert.deepEqual((await spans()).map(({ traceState }) => traceState), ['ot=th:8', 'ot=th:8']);
    });

    test('tracers of before the registration', async () => {
      const early = trace.getTracer('early');
      early.startSpan('lost').end();
      const { spans } = start();
      early.startActiveSpan('kept', (span) => span.end());
      assert.deepEqual((await spans()).map(({ name, scope }) => [name, scope]), [['kept', 'early']]);
    });

    test('without an endpoint nothing costs, and contexts still travel', () => {
      const { tracer, network } = start({ endpoint: undefined });
      const carrier = {};
      context.with(propagation.extract(ROOT_CONTEXT, { traceparent: PARENT }), () => tracer.startActiveSpan('none', (span) => {
        assert.equal(span.isRecording(), false);
        propagation.inject(context.active(), carrier);
      }));
      assert.equal(network.requests.length, 0);
      assert.equal(carrier.traceparent, PARENT);
    });
  });

  describe('logs', () => {
    test('emit, with and without a context, in and out of spans', async () => {
      const { tracer, sonde, logs: records } = start();
      const logger = logs.getLogger('app.log', '2', { schemaUrl: 'https://example.com/1' });
      assert.equal(logger.enabled({ severityNumber: SeverityNumber.INFO }), true);
      const span = tracer.startSpan('span');
      const { traceId, spanId } = span.spanContext();
      const inside = trace.setSpan(ROOT_CONTEXT, span);
      logger.emit({ severityNumber: SeverityNumber.WARN, severityText: 'WARN', body: 'plain', attributes: { a: 1, deep: { b: [true] } } });
      logger.emit({ body: 'context', context: inside });
      context.with(inside, () => {
        logger.emit({ eventName: 'my.event', body: 'active' });
        sonde.logger('own').info('own');
      });
      const all = await records();
      assert.deepEqual(all.map(({ body, traceId: id }) => [body, id]), [['plain', ''], ['context', traceId], ['active', traceId], ['own', traceId]]);
      assert.deepEqual(all.map(({ spanId: id }) => id), ['', spanId, spanId, spanId]);
      const [plain, , event] = all;
      assert.deepEqual([plain.severityNumber, plain.severityText, plain.scope, plain.version], [13, 'WARN', 'app.log', '2']);
      assert.equal(plain.attributes.a, 1);
      assert.deepEqual({ ...plain.attributes.deep }, { b: [true] });
      assert.equal(event.eventName, 'my.event');
    });

    if (line === '1.10') {
      test('both registries: the API and api-logs', async () => {
        const { logs: records } = start({}, { logs: apiLogs.logs });
        api.logs.getLogger('new').emit({ body: 'new' });
        apiLogs.logs.getLogger('old').emit({ body: 'old' });
        assert.deepEqual((await records()).map(({ body }) => body).sort(), ['new', 'old']);
      });

      test('the same logs given again are registered once', () => {
        const errors = [];
        api.diag.setLogger({ error: (text) => errors.push(text), warn() {}, info() {}, debug() {}, verbose() {} });
        start({}, { logs: api.logs });
        api.diag.disable();
        assert.deepEqual(errors, []);
        assert.equal(api.logs.getLoggerProvider(), registered.loggerProvider);
      });
    } else {
      test('without logs given nothing is registered for them', () => {
        start({}, { logs: undefined });
        assert.notEqual(logs.getLoggerProvider(), registered.loggerProvider);
      });
    }
  });

  describe('metrics', () => {
    /** Of one meter, by name, without what is the same for all. */
    const pointsOf = (found) => Object.fromEntries(found.map(({ name, kind, points }) => [name, { kind, points }]));

    test('all instruments, as the documentation uses them', async () => {
      const { metrics: collected, troubles } = start();
      const meter = metrics.getMeter('app.meter', '3', { schemaUrl: 'https://example.com/1' });
      const requests = meter.createCounter('requests', { description: 'Requests', unit: '{request}', valueType: api.ValueType.INT });
      requests.add(1, { route: '/', status: 200 });
      requests.add(2, { status: 200, route: '/' });
      requests.add(5, { route: '/other' });
      const open = meter.createUpDownCounter('open');
      open.add(3);
      open.add(-1);
      const sizes = meter.createHistogram('sizes', { unit: 'By', advice: { explicitBucketBoundaries: [10, 100] } });
      for (const size of [1, 10, 11, 1000]) sizes.record(size, { kind: 'body' });
      meter.createGauge('temperature').record(21.5, { room: 'kitchen' });
      let calls = 0;
      const observe = (result) => result.observe(++calls, { core: 1 });
      meter.createObservableCounter('cpu.time').addCallback(observe);
      meter.createObservableUpDownCounter('cpu.jobs').addCallback((result) => result.observe(-2));
      const gone = meter.createObservableGauge('cpu.gone');
      gone.addCallback(observe);
      gone.removeCallback(observe);
      const heat = meter.createObservableGauge('cpu.heat');
      const fan = meter.createObservableGauge('cpu.fan');
      meter.addBatchObservableCallback((result) => {
        result.observe(heat, 70);
        result.observe(fan, 1200, { side: 'left' });
      }, [heat, fan]);
      const found = await collected();
      assert.deepEqual(troubles, []);
      assert.ok(found.every(({ scope, version }) => scope === 'app.meter' && version === '3'));
      const { requests: sum, sizes: histogram, ...rest } = pointsOf(found);
      assert.deepEqual(sum.points.sort((one, two) => one.value - two.value), [
        { attributes: { route: '/', status: 200 }, value: 3 }, { attributes: { route: '/other' }, value: 5 },
      ]);
      const described = found.find(({ name }) => name === 'requests');
      assert.deepEqual([described.unit, described.description, described.isMonotonic], ['{request}', 'Requests', true]);
      assert.deepEqual(histogram.points, [{
        attributes: { kind: 'body' }, count: 4, sum: 1022, min: 1, max: 1000, bucketCounts: [2, 1, 1], explicitBounds: [10, 100],
      }]);
      const one = (kind, value, attributes = {}) => ({ kind, points: [{ attributes, value }] });
      assert.deepEqual(rest, {
        open: one('sum', 2), temperature: one('gauge', 21.5, { room: 'kitchen' }), 'cpu.time': one('sum', 1, { core: 1 }),
        'cpu.jobs': one('sum', -2), 'cpu.heat': one('gauge', 70), 'cpu.fan': one('gauge', 1200, { side: 'left' }),
      });
    });

    test('the same meter and instrument for the same names', () => {
      start();
      const meter = metrics.getMeter('app.meter', '1');
      assert.equal(metrics.getMeter('app.meter', '1'), meter);
      assert.equal(meter.createCounter('a', { unit: 's' }), meter.createCounter('a', { unit: 's' }));
    });

    test('wrong names and values do not throw', () => {
      const { sonde } = start();
      const meter = metrics.getMeter('app.meter');
      meter.createCounter('').add(1);
      meter.createCounter('1 a').add(1);
      meter.createCounter('fine').add('1');
      assert.ok(sonde.stats().refused > 0);
    });
  });

  describe('context', () => {
    const key = api.createContextKey('a key');
    const one = ROOT_CONTEXT.setValue(key, 1);
    const kinds = { storage: () => otel.contextManager(AsyncLocalStorage), stack: () => withoutStorage(() => otel.contextManager()) };

    for (const [kind, make] of Object.entries(kinds)) {
      test(`${kind}: active, with, disable`, () => {
        const manager = make();
        assert.equal(manager.active(), ROOT_CONTEXT);
        assert.equal(manager.enable(), manager);
        const self = {};
        const result = manager.with(one, function (...given) {
          assert.equal(this, self);
          assert.equal(manager.active(), one);
          manager.with(ROOT_CONTEXT, () => assert.equal(manager.active(), ROOT_CONTEXT));
          assert.throws(() => manager.with(ROOT_CONTEXT, () => { throw new Error('x'); }), /x/);
          assert.equal(manager.active(), one);
          return given;
        }, self, 1, 2);
        assert.deepEqual(result, [1, 2]);
        assert.equal(manager.active(), ROOT_CONTEXT);
        manager.with(one, () => {
          assert.equal(manager.disable(), manager);
          assert.equal(manager.active(), ROOT_CONTEXT);
        });
        manager.with(undefined, () => assert.equal(manager.active(), ROOT_CONTEXT));
      });

      test(`${kind}: attach until disposed`, () => {
        const manager = make();
        manager.with(one, () => {
          const token = manager.attach(ROOT_CONTEXT.setValue(key, 2));
          assert.equal(manager.active().getValue(key), 2);
          token.dispose();
          assert.equal(manager.active(), one);
        });
      });

      test(`${kind}: bound functions`, () => {
        const manager = make();
        const bound = manager.bind(one, function (a, b) { return [this, a, b, manager.active().getValue(key)]; });
        assert.equal(bound.length, 2);
        const self = {};
        assert.deepEqual(bound.call(self, 1, 2), [self, 1, 2, 1]);
        const active = manager.with(one, () => manager.bind(undefined, () => manager.active().getValue(key)));
        assert.equal(active(), 1);
        for (const other of [1, null, undefined, 'text', {}]) assert.equal(manager.bind(one, other), other);
      });

      test(`${kind}: bound emitters`, () => {
        const manager = make();
        const emitter = manager.bind(one, new EventEmitter());
        const { on } = emitter;
        assert.equal(manager.bind(one, emitter), emitter);
        assert.equal(emitter.on, on, 'bound once');
        const seen = [];
        const listener = (value) => seen.push([value, manager.active().getValue(key)]);
        for (const name of ['on', 'addListener', 'prependListener', 'once', 'prependOnceListener']) {
          emitter[name]('event', listener);
          emitter.emit('event', name);
          emitter[name === 'on' ? 'off' : 'removeListener']('event', listener);
          emitter.emit('event', 'gone');
        }
        assert.deepEqual(seen.map(([value]) => value), ['on', 'addListener', 'prependListener', 'once', 'prependOnceListener']);
        assert.ok(seen.every(([, value]) => value === 1));
        emitter.once('never', listener).off('never', listener);
        assert.equal(emitter.listenerCount('never'), 0, 'once can be taken back');
        assert.throws(() => emitter.on('event', 'no function'), TypeError);
        emitter.on('event', listener);
        assert.equal(emitter.listenerCount('event'), 1);
      });

      test(`${kind}: bound event targets`, () => {
        const manager = make();
        const target = manager.bind(one, new EventTarget());
        const seen = [];
        const listener = () => seen.push(manager.active().getValue(key));
        target.addEventListener('x', listener);
        target.addEventListener('x', listener);
        target.addEventListener('x', { handleEvent: () => seen.push('object') });
        target.addEventListener('once', listener, { once: true });
        for (const type of ['x', 'once', 'once']) target.dispatchEvent(new Event(type));
        target.removeEventListener('x', listener);
        target.dispatchEvent(new Event('x'));
        assert.deepEqual(seen, [1, 'object', 1, 'object']);
      });
    }

    test('the stack ends with the call', async () => {
      const manager = kinds.stack();
      await manager.with(one, async () => {
        await null;
        assert.equal(manager.active(), ROOT_CONTEXT);
      });
    });

    test('the storage that the host has', async () => {
      const manager = otel.contextManager();
      await manager.with(one, async () => {
        await null;
        assert.equal(manager.active(), typeof process.getBuiltinModule === 'function' ? one : ROOT_CONTEXT);
      });
      globalThis.AsyncLocalStorage = AsyncLocalStorage;
      const own = otel.contextManager();
      delete globalThis.AsyncLocalStorage;
      await own.with(one, async () => {
        await null;
        assert.equal(own.active(), one);
      });
    });

    test('ids, parents and flags across async functions, timers and promises', async () => {
      const { tracer, sonde, spans, logs: records } = start();
      /** Each request has spans of its own, in turns with all the others. */
      const serve = (id) => tracer.startActiveSpan(`request ${id}`, async (span) => {
        await delay(id % 3);
        await tracer.startActiveSpan(`query ${id}`, async (query) => {
          await Promise.all([0, 1].map(async (part) => {
            await new Promise((resolve) => setTimeout(resolve, (id + part) % 4));
            sonde.logger('db').info(`row ${id}`);
            tracer.startSpan(`row ${id}.${part}`).end();
          }));
          query.end();
        });
        assert.equal(trace.getActiveSpan(), span);
        span.end();
      });
      await Promise.all(Array.from({ length: 8 }, (_, id) => serve(id)));
      await settle();
      const all = byName(await spans());
      assert.equal(Object.keys(all).length, 8 * 4);
      for (let id = 0; id < 8; id++) {
        const [request, query] = [all[`request ${id}`], all[`query ${id}`]];
        assert.equal(request.parentSpanId, '');
        assert.equal(query.parentSpanId, request.spanId);
        for (const part of [0, 1]) assert.equal(all[`row ${id}.${part}`].parentSpanId, query.spanId);
        for (const { traceId, flags } of [query, all[`row ${id}.0`]]) assert.deepEqual([traceId, flags], [request.traceId, 0x103]);
        const rows = (await records()).filter(({ body }) => body === `row ${id}`);
        assert.deepEqual(rows.map(({ traceId, spanId, flags }) => [traceId, spanId, flags]), [0, 1].map(() => [request.traceId, query.spanId, 3]));
      }
      assert.equal(new Set(Object.values(all).map(({ traceId }) => traceId)).size, 8);
    });

    test('withSpan of Sonde and contexts of the API are one', () => {
      const { tracer, sonde } = start();
      const span = sonde.tracer('own').startSpan('own');
      sonde.withSpan(span, () => {
        assert.equal(trace.getActiveSpan(), span);
        const child = tracer.startSpan('child');
        assert.equal(child.spanContext().traceId, span.spanContext().traceId);
      });
      tracer.startActiveSpan('outer', (outer) => {
        assert.equal(sonde.activeSpan(), outer);
        assert.match(sonde.traceparent(), RegExp(outer.spanContext().spanId));
      });
      assert.equal(sonde.activeSpan(), undefined);
    });
  });

  describe('propagation', () => {
    const extracted = (carrier, getter) => propagation.extract(ROOT_CONTEXT, carrier, getter);
    const baggageOf = (header) => propagation.getBaggage(extracted({ baggage: header }))?.getAllEntries()
      .map(([key, { value, metadata }]) => [key, value, ...(metadata ? [`${metadata}`] : [])]);

    test('fields', () => {
      start();
      assert.deepEqual(propagation.fields(), ['traceparent', 'tracestate', 'baggage']);
    });

    test('round trip', () => {
      const { tracer } = start();
      const span = tracer.startSpan('span');
      const baggage = propagation.createBaggage({ user: { value: 'Zoë, 1=2;' }, 'a key': { value: '2', metadata: api.baggageEntryMetadataFromString('ttl=1') } });
      const carrier = {};
      propagation.inject(propagation.setBaggage(trace.setSpan(ROOT_CONTEXT, span), baggage), carrier);
      const { traceId, spanId } = span.spanContext();
      assert.deepEqual(carrier, {
        traceparent: `00-${traceId}-${spanId}-03`,
        baggage: 'user=Zo%C3%AB%2C%201%3D2%3B,a%20key=2;ttl=1',
      });
      const back = extracted(carrier);
      assert.deepEqual({ ...trace.getSpanContext(back) }, { traceId, spanId, traceFlags: 3, isRemote: true });
      assert.deepEqual(baggageOf(carrier.baggage), [['user', 'Zoë, 1=2;'], ['a key', '2', 'ttl=1']]);
      const again = {};
      propagation.inject(back, again);
      assert.deepEqual(again, carrier);
    });

    test('getters and setters; several headers', () => {
      start();
      const headers = new Map([['traceparent', [PARENT]], ['tracestate', ['a=1', 'b=2']], ['baggage', ['c=3', 'd=4']]]);
      const found = extracted(headers, { get: (map, name) => map.get(name), keys: (map) => [...map.keys()] });
      const { traceId, spanId, traceFlags, isRemote, traceState } = trace.getSpanContext(found);
      assert.deepEqual([traceId, spanId, traceFlags, isRemote], [TRACE_ID, SPAN_ID, 1, true]);
      assert.deepEqual([traceState.serialize(), traceState.get('b')], ['a=1,b=2', '2']);
      assert.equal(propagation.getBaggage(found).getEntry('d').value, '4');
      const out = new Map();
      propagation.inject(found, out, { set: (map, name, value) => map.set(name, value) });
      assert.deepEqual([...out], [['traceparent', PARENT], ['tracestate', 'a=1,b=2'], ['baggage', 'c=3,d=4']]);
    });

    const BROKEN = {
      empty: '', short: PARENT.slice(0, -1), 'zero trace id': `00-${'0'.repeat(32)}-${SPAN_ID}-01`,
      'zero span id': `00-${TRACE_ID}-${'0'.repeat(16)}-01`, 'upper case': PARENT.toUpperCase(), 'version ff': `ff${PARENT.slice(2)}`,
      'longer version 00': `${PARENT}-00`, 'no hex': PARENT.replace('0a', '0g'), two: [PARENT, PARENT], 'not ASCII': PARENT.replace('0a', 'ſa'),
      number: 17, object: {}, spaces: ` ${PARENT.slice(1)}`,
    };
    for (const [name, traceparent] of Object.entries(BROKEN)) {
      test(`malformed traceparent: ${name}`, () => {
        start();
        assert.equal(trace.getSpanContext(extracted({ traceparent, tracestate: 'a=1' })), undefined);
      });
    }

    test('traceparent of a later version, and a malformed tracestate', () => {
      start();
      assert.equal(trace.getSpanContext(extracted({ traceparent: `cc${PARENT.slice(2)}-more` })).traceId, TRACE_ID);
      const { traceState, traceId } = trace.getSpanContext(extracted({ traceparent: PARENT, tracestate: 'A=1,,=' }));
      assert.deepEqual([traceId, traceState?.serialize() ?? ''], [TRACE_ID, '']);
    });

    const extractedBy = (one, carrier) => trace.getSpanContext(one.extract(ROOT_CONTEXT, carrier, api.defaultTextMapGetter));

    test('traceparent: the vectors of the C core', () => {
      let count = 0;
      for (const [, given, expected] of vectors(/^parent (.*) -> (.*)$/)) {
        const { traceId, spanId, traceFlags } = extractedBy(otel.propagator(), { traceparent: textOf(given) }) ?? {};
        assert.equal(traceId ? `0${traceFlags} ${traceId} ${spanId}` : 'BAD_INPUT', expected, given);
        count++;
      }
      assert.ok(count > 100);
    });

    test('tracestate: the vectors of the C core', () => {
      let traceparent;
      let count = 0;
      for (const [, call, given, expected = ''] of vectors(/^(with|state) (.*?)(?: -> (.*))?$/)) {
        if (call === 'with') {
          traceparent = textOf(given);
          continue;
        }
        const { traceState } = extractedBy(otel.propagator(), { traceparent, tracestate: textOf(given) });
        assert.equal(traceState?.serialize(), expected === 'BAD_INPUT' || expected === '""' ? undefined : textOf(expected), given);
        count++;
      }
      assert.ok(count > 180, `${count}`);
    });

    test('trace states change as the API has it', () => {
      const { traceState } = extractedBy(otel.propagator(), { traceparent: PARENT, tracestate: 'a=1,ab=2' });
      assert.deepEqual([traceState.get('a'), traceState.get('ab'), traceState.get('b')], ['1', '2', undefined]);
      assert.equal(traceState.set('ab', '3').serialize(), 'ab=3,a=1');
      assert.equal(traceState.set('c', '3').unset('a').serialize(), 'c=3,ab=2');
      for (const [key, value] of [['A', '1'], ['', '1'], ['c', ''], ['c', '1,d=2'], ['c', '='], ['c', 'v'.repeat(257)]]) {
        assert.equal(traceState.set(key, value), traceState, `${key}=${value}`);
      }
      let full = traceState;
      for (let i = 0; i < 40; i++) full = full.set(`k${i}`, '1');
      assert.equal(full.serialize().split(',').length, 32);
      const long = traceState.set('c', 'v'.repeat(256)).set('d', 'v'.repeat(242));
      assert.equal(long.serialize().length, 512);
      assert.equal(long.set('e', '1'), long);
      assert.equal(traceState.serialize(), 'a=1,ab=2', 'it is another object each time');
    });

    test('nothing to inject', () => {
      start();
      const carrier = {};
      propagation.inject(ROOT_CONTEXT, carrier);
      propagation.inject(trace.setSpanContext(ROOT_CONTEXT, api.INVALID_SPAN_CONTEXT), carrier);
      propagation.inject(propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage()), carrier);
      assert.deepEqual(carrier, {});
    });

    test('headers that are no texts are left out', () => {
      start();
      for (const value of [{ toString: 0 }, Object.create(null), Symbol('s'), [Symbol('s')], { toString() { throw Error('no'); } }]) {
        const carrier = { traceparent: value, tracestate: value, baggage: value };
        assert.equal(trace.getSpanContext(extracted(carrier)), undefined);
      }
    });

    test('baggage: what is malformed is left out', () => {
      start();
      for (const header of ['', ',', '=', '=1', 'a', 'a=', 'a=%', '%=1', ';', 'a;b=1', ' = ']) assert.equal(baggageOf(header), undefined, header);
      assert.deepEqual(baggageOf(' a = 1 , b=%20 ;m;n , =x, c=d=e,__proto__=p'), [['a', '1'], ['b', ' ', 'm;n '], ['c', 'd=e'], ['__proto__', 'p']]);
      const carrier = {};
      const broken = propagation.createBaggage({ good: { value: '1' }, bad: { value: '\ud800' } });
      propagation.inject(propagation.setBaggage(ROOT_CONTEXT, broken), carrier);
      assert.deepEqual(carrier, { baggage: 'good=1' });
    });

    test('baggage: limits', () => {
      start();
      const many = Array.from({ length: 200 }, (_, i) => `k${i}=v`);
      assert.equal(baggageOf(many.join()).length, 180);
      const entry = (length) => `k=${'v'.repeat(length - 2)}`;
      assert.equal(baggageOf(entry(4096)).length, 1);
      assert.equal(baggageOf(entry(4097)), undefined);
      const exact = [entry(4096), `l=${'v'.repeat(4093)}`];
      assert.equal(exact.join().length, 8192);
      assert.equal(baggageOf(exact.join()).length, 2);
      assert.equal(baggageOf([exact[0], `${exact[1]}v`].join()).length, 1);
      const carrier = {};
      const entries = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`key${i}`, { value: 'v'.repeat(3000) }]));
      propagation.inject(propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage(entries)), carrier);
      assert.deepEqual(carrier.baggage.split(',').map((one) => one.slice(0, 4)), ['key0', 'key1']);
    });
  });

  describe('register', () => {
    test('a registration that was refused takes nothing back', () => {
      const { sonde } = open();
      const first = otel.register(sonde, { logs: apiLogs.logs });
      const second = otel.register(sonde, { logs: apiLogs.logs });
      second.unregister();
      api.trace.getTracer('x').startActiveSpan('x', (span) => {
        assert.equal(sonde.activeSpan(), span);
        span.end();
      });
      first.unregister();
    });

    test('takes back what it has registered, and nothing else', async () => {
      const first = start();
      const { registered: one, sonde } = first;
      assert.equal(api.trace.getTracerProvider().getDelegate(), one.tracerProvider);
      assert.equal(metrics.getMeterProvider(), one.meterProvider);
      assert.equal(logs.getLoggerProvider(), one.loggerProvider);
      const second = otel.register(open().sonde, { logs: line === '1.9' ? logs : undefined });
      second.unregister();
      assert.equal(metrics.getMeterProvider(), one.meterProvider, 'the first one stays');
      one.unregister();
      assert.notEqual(metrics.getMeterProvider(), one.meterProvider);
      assert.notEqual(logs.getLoggerProvider(), one.loggerProvider);
      assert.equal(context.active(), ROOT_CONTEXT);
      const span = sonde.tracer('own').startSpan('own');
      sonde.withSpan(span, () => assert.equal(sonde.activeSpan(), span, 'its own contexts are back'));
      const third = start();
      third.tracer.startSpan('again').end();
      one.unregister();
      assert.equal(metrics.getMeterProvider(), third.registered.meterProvider, 'it has nothing to take back any more');
      assert.equal((await third.spans())[0].name, 'again');
    });

    test('a context manager and a propagator of others, or none', () => {
      const calls = [];
      const contextManager = Object.assign(otel.contextManager(), { enable: () => calls.push('enabled') });
      const propagator = { fields: () => ['x'], inject() {}, extract: (given) => given };
      const { registered: own } = start({}, { contextManager, propagator });
      assert.deepEqual([own.contextManager, own.propagator, calls], [contextManager, propagator, ['enabled']]);
      assert.deepEqual(propagation.fields(), ['x']);
      own.unregister();
      start({}, { contextManager: null, propagator: null });
      assert.deepEqual(propagation.fields(), []);
      context.with(ROOT_CONTEXT.setValue(Symbol.for('x'), 1), () => assert.equal(context.active(), ROOT_CONTEXT));
    });

    test('providers flush and shut down', async () => {
      const { registered: { tracerProvider, meterProvider, loggerProvider }, tracer, network, sonde } = start();
      tracer.startSpan('span').end();
      await Promise.all([tracerProvider.forceFlush(), meterProvider.forceFlush(), loggerProvider.forceFlush()]);
      assert.match(network.requests[0].url, /traces/);
      await tracerProvider.shutdown();
      assert.equal(sonde.stats().state, 'closed');
    });
  });
}
