// The same calls on a tracer of Sonde and on one of OTel JS: what is sent is the
// same, in both encodings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT, trace, createTraceState } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { decode } from '../../examples/demo/lib/otlp.mjs';
import { open } from './harness.mjs';

const TEXTS = ['', 'a', 'naïve', '日本語', '😀👍🏽', 'a "quoted" \\ text', '\u2028\n\t\0', 'x'.repeat(300)];
const SPANS = 40;

/** Numbers below a bound; the same for the same seed. */
function numbers(seed) {
  let state = seed;
  return (bound) => (state = state * 16807 % 2147483647) % bound;
}

const digits = (random, size) => Array.from({ length: size }, () => (1 + random(15)).toString(16)).join('');

function valueOf(random) {
  const values = [TEXTS[random(8)], random(2) === 1, random(1e9), -random(1e9) / 7, [TEXTS[random(8)], 'b'], [1, random(9)], [true, false], [], 0, 2 ** 40];
  return values[random(values.length)];
}

const attributesOf = (random) => Object.fromEntries(Array.from({ length: random(6) }, (_, i) => [`${TEXTS[1 + random(7)]}.${i}`, valueOf(random)]));
const timeOf = (random) => [1700000000 + random(1000), random(1e9)];

/** What a context is for either. */
function contextOf(random, isRemote) {
  return { traceId: digits(random, 32), spanId: digits(random, 16), traceFlags: 1, isRemote, traceState: random(2) ? createTraceState('a=1,b=2') : undefined };
}

/** Makes spans by calls that both know. @param {(name: string, options: any, parent: any) => any} start */
function play(seed, start) {
  const random = numbers(seed);
  for (let i = 0; i < SPANS; i++) {
    const parent = random(2) ? contextOf(random, random(2) === 1) : undefined;
    const links = Array.from({ length: random(3) }, () => ({ context: contextOf(random, random(2) === 1), attributes: attributesOf(random) }));
    const span = start(`${TEXTS[random(8)]} ${i}`, { kind: random(5), attributes: attributesOf(random), links, startTime: [1600000000, random(1e9)] }, parent);
    span.setAttributes(attributesOf(random)).setAttribute('n', i);
    for (let k = random(4); k > 0; k--) span.addEvent(`e${TEXTS[random(8)]}`, attributesOf(random), timeOf(random));
    if (random(3) === 0) span.addLink({ context: contextOf(random, false) });
    if (random(3) === 0) span.recordException(Object.assign(new TypeError(TEXTS[1 + random(7)]), { stack: 'at x' }), timeOf(random));
    if (random(8) === 0) for (let k = 0; k < 140; k++) span.setAttribute(`k${k}`, k).addEvent('e', timeOf(random));
    span.setStatus([{ code: 0 }, { code: 1 }, { code: 2 }, { code: 2, message: TEXTS[random(8)] }][random(4)]);
    if (random(5) === 0) span.updateName('other');
    span.end([1700000000 + random(1000), random(1e9)]);
  }
}

async function ours(seed, encoding) {
  const { sonde, network } = open({ encoding, resource: { a: 1 } });
  const tracer = sonde.tracer('oracle', '1');
  const ids = [];
  play(seed, (name, options, parent) => {
    const span = tracer.startSpan(name, options, parent ?? null);
    ids.push(span.spanContext());
    return span;
  });
  await sonde.flush();
  return { ids, spans: network.of('traces').flatMap(({ sent }) => decode('traces', sent, encoding === 'json')) };
}

function theirs(seed, ids) {
  const exporter = new InMemorySpanExporter();
  let at = -1;
  const idGenerator = { generateTraceId: () => ids[at].traceId, generateSpanId: () => ids[at].spanId };
  const provider = new TracerProvider({ idGenerator, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('oracle', '1');
  play(seed, (name, options, parent) => {
    at++;
    return tracer.startSpan(name, options, parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT);
  });
  const spans = exporter.getFinishedSpans();
  return [
    decode('traces', JsonTraceSerializer.serializeRequest(spans), true),
    decode('traces', ProtobufTraceSerializer.serializeRequest(spans), false),
  ];
}

/** In an order of their own; resources differ, and only Sonde says that ids are random. */
function alike(spans, ids) {
  const at = new Map(ids.map(({ spanId }, i) => [spanId, i]));
  return spans.map(({ resource, flags, ...span }) => ({ ...span, flags: flags & ~2 })).sort((a, b) => at.get(a.spanId) - at.get(b.spanId));
}

for (let seed = 1; seed <= 10; seed++) {
  test(`spans of seed ${seed} are those of OTel JS`, async () => {
    for (const encoding of ['json', 'protobuf']) {
      const { ids, spans } = await ours(seed, encoding);
      assert.equal(spans.length, SPANS);
      for (const other of theirs(seed, ids)) assert.deepEqual(alike(spans, ids), alike(other, ids));
    }
  });
}
