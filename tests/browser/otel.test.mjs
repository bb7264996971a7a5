// Upstream's instrumentations on Sonde in a real page, and on the SDK that they
// are made for: the same spans. With both lines of the API.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { bundle } from '../lib/bundle.mjs';
import { until } from '../lib/inbox.mjs';
import { Signals } from '../lib/signals.mjs';
import { listen, startSite } from '../lib/site.mjs';
import { useChromium } from '../lib/world.mjs';

const holder = useChromium();
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const SONDE = `
  import { create } from 'sonde/inline';
  import { register } from 'sonde/otel';
  globalThis.sonde = create({ endpoint: '/otlp', token: false, serviceName: 'page', fetch: globalThis.given?.(fetch) });
  register(sonde);
  globalThis.flush = () => sonde.flush();
`;
const exporter = `
  import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
  const exporter = {
    export(spans, done) {
      fetch('/otlp/v1/traces', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JsonTraceSerializer.serializeRequest(spans) })
        .then(() => done({ code: 0 }));
    },
    shutdown: async () => {},
  };
`;
const SDK = {
  '1.9': `
    import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web';
    ${exporter}
    const provider = new WebTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
    provider.register();
    globalThis.flush = () => provider.forceFlush();
  `,
  '1.10': `
    import { context, propagation, trace } from '@opentelemetry/api';
    import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
    import { BatchSpanProcessor, StackContextManager, TracerProvider } from '@opentelemetry/sdk-trace';
    ${exporter}
    const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
    trace.setGlobalTracerProvider(provider);
    context.setGlobalContextManager(new StackContextManager().enable());
    propagation.setGlobalPropagator(new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }));
    globalThis.flush = () => provider.forceFlush();
  `,
};
/** What the pages do in the same way, whatever the SDK. */
const FETCH = `
  import { trace as traces } from '@opentelemetry/api';
  import { registerInstrumentations } from '@opentelemetry/instrumentation';
  import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
  registerInstrumentations({ instrumentations: [new FetchInstrumentation({
    ignoreUrls: [/otlp/], propagateTraceHeaderCorsUrls: [/other/], clearTimingResources: true,
    applyCustomAttributesOnSpan: (span) => { span.setAttribute('custom', true); },
  })] });
  globalThis.tracer = traces.getTracer('page');
`;

/** Answers paths of an API, and remembers what the requests said of their trace. */
function apiServer() {
  const parents = [];
  const answer = (request, response) => {
    parents.push([request.method, request.url, request.headers.traceparent]);
    request.resume();
    const headers = { 'content-type': 'application/json', 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
    response.writeHead(/missing/.test(request.url) ? 404 : 200, headers);
    response.end('{"some": "answer"}');
  };
  return { parents, answer };
}

/** A page that runs such a bundle; the receiver has what it sends. */
async function open(t, { text, warnings }, { body = '', before } = {}) {
  assert.deepEqual(warnings, []);
  const signals = new Signals();
  const api = apiServer();
  const other = await listen(api.answer);
  const site = await startSite({
    files: { '/main.js': text, '/page': `<!doctype html><meta name="traceparent" content="${PARENT}"><title>page</title>${body}<script type="module" src="/main.js"></script>` },
    posts: { '/otlp/': signals.backend, '/api/': api.answer },
  });
  const page = await holder.browser.newPage();
  t.after(async () => {
    await page.close();
    await Promise.all([site.close(), other.close()]);
  });
  const errors = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  if (before) await page.addInitScript(before);
  await page.goto(`${site.origin}/page`);
  await page.waitForFunction(() => globalThis.flush);
  const arrived = async (count) => {
    await until(`${count} spans`, async () => {
      await page.evaluate(() => globalThis.flush());
      return signals.spans.length >= count;
    }).catch((error) => {
      throw new Error(`${error.message}; there are ${signals.spans.map(({ name }) => name)}; ${errors}`);
    });
    assert.deepEqual(errors, []);
    return signals.spans;
  };
  return { page, signals, api, origin: site.origin, other: other.origin, arrived };
}

/** Requests of all kinds, in turn. */
function makeRequests(page, { other }) {
  return page.evaluate(async (foreign) => {
    const settle = (request) => request.then((response) => response.text(), () => {});
    const requests = [
      () => fetch('/api/item?id=1#here', { method: 'POST' }),
      () => fetch('/api/missing', { method: 'POST', body: 'text' }),
      () => fetch(`${foreign}/other/data`),
      () => fetch(new Request('/api/request', { method: 'POST', body: 'x' })),
      () => fetch('http://127.0.0.1:1/refused'),
    ];
    for (const request of requests) {
      const span = tracer.startSpan('outer');
      await settle(tracer.startActiveSpan('inner', {}, (inner) => {
        const made = request();
        inner.end();
        return made;
      }));
      span.end();
    }
  }, other);
}

/** Without ids and times; addresses without ports, which differ. */
function comparable(spans) {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  // Whether it has been painted yet, when the load event comes, is up to chance.
  return spans.map(({ name, kind, scope, attributes, events, links, status, parentSpanId }) => JSON.stringify({
    name, kind, scope, links: links.length, status, parent: names.get(parentSpanId), events: events.map((event) => event.name).filter((event) => !/Paint$/.test(event)),
    attributes: Object.fromEntries(Object.entries(attributes).sort()),
  }).replaceAll(/127\.0\.0\.1:\d+/g, 'host').replaceAll(/(server.port|content_length)\":\d+/g, '$1')).sort();
}

for (const line of ['1.9', '1.10']) {
  test(`${line}: the fetch instrumentation makes the same spans on Sonde and on the SDK`, async (t) => {
    const found = [];
    for (const setup of [SONDE, SDK[line]]) {
      const world = await open(t, await bundle(line, { source: setup + FETCH }));
      await makeRequests(world.page, world);
      await delay(700);
      const spans = await world.arrived(15);
      const byId = new Map(spans.map((span) => [span.spanId, span]));
      const sent = world.api.parents.filter(([method]) => method !== 'OPTIONS');
      assert.equal(sent.length, 4);
      for (const [, , traceparent = ''] of sent) {
        const [, traceId, spanId] = traceparent.split('-');
        assert.deepEqual([byId.get(spanId)?.traceId, byId.get(spanId)?.kind], [traceId, 'CLIENT'], 'headers carry the span of the request');
      }
      found.push(comparable(spans));
    }
    assert.deepEqual(found[0], found[1]);
    assert.equal(found[0].filter((span) => /"name":"(POST|GET)","kind":"CLIENT".*"parent":"inner".*"custom":true/.test(span)).length, 5, found[0].join('\n'));
  });
}

const ALL = `
  import { context, trace } from '@opentelemetry/api';
  import { registerInstrumentations } from '@opentelemetry/instrumentation';
  import { DocumentLoadInstrumentation } from '@opentelemetry/instrumentation-document-load';
  import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
  import { UserInteractionInstrumentation } from '@opentelemetry/instrumentation-user-interaction';
  import { XMLHttpRequestInstrumentation } from '@opentelemetry/instrumentation-xml-http-request';
  registerInstrumentations({ instrumentations: [
    new DocumentLoadInstrumentation(), new FetchInstrumentation(), new UserInteractionInstrumentation(), new XMLHttpRequestInstrumentation(),
  ] });
  document.querySelector('button').addEventListener('click', () => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/xhr');
    request.send('x');
    fetch('/api/fetch', { method: 'POST' });
    globalThis.sonde?.logger('page').info('clicked');
  });
`;

/** Loads the page, and clicks. */
async function useAll(t, setup) {
  const world = await open(t, await bundle('1.9', { source: setup + ALL }), { body: '<button id="buy">Buy</button>' });
  await world.page.click('button');
  await delay(700);
  return { ...world, spans: await world.arrived(7) };
}

test('1.9: all web instrumentations on Sonde, and the same spans on the SDK', async (t) => {
  const { page, signals, api, spans } = await useAll(t, SONDE);
  const named = (name) => spans.find((span) => span.name === name) ?? assert.fail(`no ${name} in ${spans.map((span) => span.name)}`);
  const load = named('documentLoad');
  assert.deepEqual([load.traceId, load.parentSpanId], [PARENT.slice(3, 35), PARENT.slice(36, 52)], 'the page continues the trace of its server');
  assert.ok(load.events.some(({ name }) => name === 'loadEventEnd'));
  assert.equal(named('documentFetch').parentSpanId, load.spanId);
  assert.equal(named('resourceFetch').parentSpanId, load.spanId);
  const requests = spans.filter(({ kind }) => kind === 'CLIENT');
  assert.equal(requests.length, 2);
  const click = spans.find(({ spanId }) => spanId === requests[0].parentSpanId);
  assert.deepEqual([click.name, click.attributes.target_element], ['click', 'BUTTON']);
  for (const { traceId, parentSpanId } of requests) assert.deepEqual([traceId, parentSpanId], [click.traceId, click.spanId]);
  assert.deepEqual(api.parents.map(([, , traceparent]) => traceparent.slice(36, 52)).sort(), requests.map(({ spanId }) => spanId).sort());
  const [log] = signals.logs;
  assert.deepEqual([log.body, log.traceId, log.spanId], ['clicked', click.traceId, click.spanId]);
  await delay(500);
  await page.evaluate(() => globalThis.flush());
  assert.equal(signals.spans.length, spans.length, 'its own requests are not traced');

  const sdk = await useAll(t, SDK['1.9']);
  assert.deepEqual(comparable(spans), comparable(sdk.spans));
});

test('1.10: what is instrumented before Sonde is made does not trace its requests, if told so', async (t) => {
  const source = `
    import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
    import { trace } from '@opentelemetry/api';
    import { create } from 'sonde/inline';
    import { register, untraced } from 'sonde/otel';
    new FetchInstrumentation();
    const sonde = create({ endpoint: '/otlp', token: false, fetch: untraced(fetch) });
    register(sonde);
    globalThis.tracer = trace.getTracer('page');
    globalThis.flush = () => sonde.flush();
  `;
  const { page, signals, arrived } = await open(t, await bundle('1.10', { source }));
  await page.evaluate(async () => {
    tracer.startActiveSpan('own', (span) => span.end());
    await fetch('/api/x', { method: 'POST' });
  });
  await delay(700);
  const spans = await arrived(2);
  await delay(700);
  await page.evaluate(() => globalThis.flush());
  assert.deepEqual(signals.spans.map(({ name }) => name).sort(), ['POST', 'own'].sort(), spans.length);
});
