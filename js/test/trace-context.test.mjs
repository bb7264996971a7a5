// Spans: which are sampled, and the active one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodiesIn, open, recordsIn, spansBy, spansIn } from './harness.mjs';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const REMOTE = { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true };

test('sampleRate 0: nothing is recorded, and everything is passed on', async () => {
  const { sonde, tracer, log, network } = open({ sampleRate: 0 });
  const unread = { get a() { throw new Error('read'); } };
  const span = tracer.startSpan('x', { attributes: unread });
  assert.equal(span.isRecording(), false);
  span.setAttributes(unread).addEvent('e', unread).setStatus({ code: 2 }).end();
  assert.match(sonde.traceparent(span), /^00-[\da-f]{32}-[\da-f]{16}-02$/);
  const child = sonde.withSpan(span, () => {
    log.info('inside');
    return tracer.startSpan('child');
  });
  assert.equal(child.isRecording(), false);
  assert.equal(child.spanContext().traceId, span.spanContext().traceId);
  assert.notEqual(child.spanContext().spanId, span.spanContext().spanId);
  child.end();
  await sonde.flush();
  assert.equal(network.of('traces').length, 0);
  assert.deepEqual([sonde.stats().traces.accepted, sonde.stats().refused], [0, 0]);
  const [record] = recordsIn(network.of('logs')[0]);
  assert.deepEqual([record.traceId, record.spanId, record.flags], [span.spanContext().traceId, span.spanContext().spanId, 2]);
});

const rateOf = (tracer, count) => {
  let kept = 0;
  for (let i = 0; i < count; i++) kept += tracer.startSpan('x').isRecording();
  return kept / count;
};

for (const sampleRate of [1, 0.5, 0.01]) {
  test(`sampleRate ${sampleRate}: its share of the traces`, async () => {
    const count = 100000;
    const { tracer } = open({ sampleRate });
    const share = rateOf(tracer, count);
    const error = 5 * Math.sqrt(sampleRate * (1 - sampleRate) / count);
    assert.ok(Math.abs(share - sampleRate) <= error, `${share}`);
    const early = open({ sampleRate, wasm: new Promise(() => {}) });
    assert.ok(Math.abs(rateOf(early.tracer, count) - sampleRate) <= error);
  });
}

test('sampling: the same traces before the module is there and after', async () => {
  const crypto = () => {
    let last = 1;
    return { getRandomValues: (words) => words.forEach((_, i) => { words[i] = (last = last * 16807 % 2147483647) * 2; }) };
  };
  const decide = (tracer) => Array.from({ length: 2000 }, () => {
    const it = tracer.startSpan('x');
    return [it.spanContext().traceId, it.isRecording()];
  });
  const now = decide(open({ sampleRate: 0.3, crypto: crypto(), sessionId: 'none' }).tracer);
  const early = decide(open({ sampleRate: 0.3, crypto: crypto(), sessionId: 'none', wasm: new Promise(() => {}) }).tracer);
  assert.deepEqual(now, early);
});

test('sampling: children follow, and the threshold is in the trace state', async () => {
  const spans = await spansBy((tracer, { sonde }) => {
    for (let i = 0; i < 200; i++) {
      const parent = tracer.startSpan('parent');
      const child = sonde.withSpan(parent, () => tracer.startSpan('child'));
      assert.equal(child.isRecording(), parent.isRecording());
      assert.equal(child.spanContext().traceFlags, parent.spanContext().traceFlags);
      child.end();
      parent.end();
    }
  }, { sampleRate: 0.5, maxBatchRecords: 1000 });
  assert.ok(spans.length > 100 && spans.length < 300);
  for (const { traceState, flags } of spans) assert.deepEqual([traceState, flags], ['ot=th:8', 0x103]);
});

// At the precision that is recommended, 4.
// The first of them are those of tracestate-probability-sampling.md.
for (const [sampleRate, th] of [
  [1 / 2, '8'], [1 / 3, 'aaab'], [1 / 4, 'c'], [1 / 5, 'cccd'], [1 / 8, 'e'], [1 / 10, 'e666'], [1 / 16, 'f'], [1 / 100, 'fd70a'], [1 / 1000, 'ffbe77'],
  [1e-4, 'fff9724'], [1e-5, 'ffff583a'], [1e-6, 'ffffef39'], [0.75, '4'], [2 ** -53, 'fffffffffffff8'],
]) {
  test(`sampling: the threshold of ${sampleRate}`, () => {
    const digits = (rest) => {
      const bytes = Buffer.from('0'.repeat(18) + rest.padEnd(14, '0') + '1'.padEnd(16, '0'), 'hex');
      return { getRandomValues: ({ buffer }) => Buffer.from(buffer).set(bytes) };
    };
    const at = open({ sampleRate, crypto: digits(th), sessionId: 'none' }).tracer.startSpan('x');
    assert.equal(at.isRecording(), true);
    assert.equal(at.spanContext().traceState, `ot=th:${th}`);
    const below = (BigInt(`0x${th.padEnd(14, '0')}`) - 1n).toString(16).padStart(14, '0');
    assert.equal(open({ sampleRate, crypto: digits(below), sessionId: 'none' }).tracer.startSpan('x').isRecording(), false);
  });
}

test('sampling: what another decided wins', async () => {
  for (const sampleRate of [0, 0.5, 1]) {
    const { tracer } = open({ sampleRate });
    for (let i = 0; i < 20; i++) {
      assert.equal(tracer.startSpan('x', {}, REMOTE).isRecording(), true);
      const not = tracer.startSpan('x', {}, { ...REMOTE, traceFlags: 2, traceState: 'a=1' });
      assert.equal(not.isRecording(), false);
      assert.deepEqual([not.spanContext().traceId, not.spanContext().traceFlags, not.spanContext().traceState], [TRACE, 2, 'a=1']);
    }
  }
});

test('sampleRate is checked', () => {
  for (const wrong of [-0.1, 1.1, NaN, '1', Infinity]) assert.throws(() => open({ sampleRate: wrong }), /sampleRate/);
});

// The active span

test('logs inside a span carry its ids, those outside do not', async () => {
  const { sonde, tracer, log, network } = open();
  const span = tracer.startSpan('x');
  log.info('before');
  const result = sonde.withSpan(span, () => {
    assert.equal(sonde.activeSpan(), span);
    log.info('inside');
    log.emit({ body: 'emitted' });
    log.emit({ body: 'own', traceContext: REMOTE });
    sonde.logger('other').warn('other', new Error('no'));
    return 'result';
  });
  log.info('after');
  assert.equal(sonde.activeSpan(), undefined);
  assert.equal(result, 'result');
  await sonde.flush();
  const { traceId, spanId } = span.spanContext();
  const found = Object.fromEntries(recordsIn(network.of('logs')[0]).map((it) => [it.body.stringValue, [it.traceId, it.spanId, it.flags]]));
  assert.deepEqual(found, {
    before: [undefined, undefined, undefined], after: [undefined, undefined, undefined],
    inside: [traceId, spanId, 3], emitted: [traceId, spanId, 3], other: [traceId, spanId, 3], own: [TRACE, SPAN, 1],
  });
});

test('withSpan: nested, with throws, with nothing', () => {
  const { sonde, tracer } = open();
  const [a, b] = [tracer.startSpan('a'), tracer.startSpan('b')];
  sonde.withSpan(a, () => {
    assert.throws(() => sonde.withSpan(b, () => {
      assert.equal(sonde.activeSpan(), b);
      throw new Error('mine');
    }), /mine/);
    assert.equal(sonde.activeSpan(), a);
    sonde.withSpan(undefined, () => assert.equal(sonde.activeSpan(), undefined));
    assert.equal(sonde.activeSpan(), a);
  });
  assert.equal(sonde.activeSpan(), undefined);
});

test('an ended span may be active and a parent', async () => {
  const [first, second] = await spansBy((tracer, { sonde }) => {
    const it = tracer.startSpan('first');
    it.end();
    sonde.withSpan(it, () => tracer.startSpan('second').end());
  });
  assert.deepEqual([second.traceId, second.parentSpanId], [first.traceId, first.spanId]);
});

test('useContext: another way to know the active span', async () => {
  const { sonde, tracer, log, network } = open();
  let active;
  const calls = [];
  sonde.useContext({
    active: () => active,
    with(span, call) {
      calls.push(span);
      return call();
    },
  });
  active = tracer.startSpan('x');
  log.info('hello');
  const child = tracer.startSpan('child');
  assert.equal(sonde.activeSpan(), active);
  assert.equal(sonde.withSpan(child, () => 7), 7);
  assert.deepEqual(calls, [child]);
  child.end();
  // Not ours, and not even a span.
  active = { spanContext: () => REMOTE };
  tracer.startSpan('of another').end();
  active = {};
  log.info('still');
  tracer.startSpan('alone').end();
  assert.equal(sonde.traceparent(), '');
  await sonde.flush();
  const spans = network.of('traces').flatMap(spansIn);
  assert.deepEqual(spans.map(({ parentSpanId }) => parentSpanId), [child.spanContext() && recordsIn(network.of('logs')[0])[0].spanId, SPAN, undefined]);
  assert.deepEqual(bodiesIn(network.of('logs')[0]), ['hello', 'still']);
  assert.equal(sonde.stats().refused, 0);
});

test('logs never carry ids that are none', async () => {
  const { sonde, log, network } = open();
  const none = { spanContext: () => ({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }) };
  for (const span of [none, {}, { spanContext: () => undefined }, { spanContext: () => ({}) }, 5]) sonde.withSpan(span, () => log.info('x'));
  await sonde.flush();
  const records = recordsIn(network.of('logs')[0]);
  assert.equal(records.length, 5);
  for (const record of records) assert.equal('traceId' in record, false);
});

test('a log of a context without a span is not of the active span', async () => {
  const { sonde, tracer, network } = open();
  const span = tracer.startSpan('active');
  const context = { getValue: () => undefined };
  sonde.withSpan(span, () => {
    sonde.logger('x').emit({ body: 'of none', context });
    sonde.logger('x').emit({ body: 'of the active one' });
    sonde.logger('x').emit({ body: 'of another', context: { getValue: () => ({ spanContext: () => REMOTE }) } });
  });
  await sonde.flush();
  const ids = network.of('logs').flatMap(recordsIn).map(({ traceId }) => traceId);
  assert.deepEqual(ids, [undefined, span.spanContext().traceId, TRACE]);
});
