// Compiled, never run: what applications may write, and what they may not.
import { create } from '../index.js';
import { observe } from '../self.js';
import { views } from '../views.js';
import type { Attributes, Diagnostic, Logger, LogRecord, Meter, Sonde, Stats } from '../index.js';

declare const bytes: Uint8Array<ArrayBuffer>;
declare const module: WebAssembly.Module;

export const sonde: Sonde = create({
  wasm: fetch('/sonde-web.wasm'),
  endpoint: 'https://example.com',
  token: 'secret',
  headers: { 'x-tenant': 'a' },
  serviceName: 'shop',
  serviceVersion: '1.2.3',
  environment: 'test',
  resource: { 'shop.id': 7 },
  maxQueueRecords: 2048,
  retryServerErrors: true,
  encoding: 'json',
  onError: ({ code, message, status }: Diagnostic) => console.warn(code, message, status),
});

create();
create({ wasm: module, endpoint: '/otlp', token: false });
create({ wasm: bytes, now: () => 0, document: null });
// @ts-expect-error misspelt
create({ maxQueueRecord: 1 });
// @ts-expect-error no such encoding
create({ encoding: 'xml' });
// @ts-expect-error true is no token
create({ token: true });

const log: Logger = sonde.logger('shop.cart', '1.0.0');
const attributes: Attributes = { id: 1, price: 9.5, ok: true, tags: ['a', null], user: { plan: 'pro' }, big: 1n };
log.info('added', attributes);
log.error('failed', { id: 1 }, new Error('no'));
log.error(new Error('no'));
log.warn('failed', new TypeError('no'));
log.debug({ any: ['value'] }, new Map([['key', 1]]));
// @ts-expect-error attributes are an object
log.info('added', 'price');

const record: LogRecord = {
  eventName: 'click',
  timestamp: [1, 2],
  observedTimestamp: new Date(),
  severityNumber: 9,
  body: { x: 1 },
  traceContext: { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 1 },
};
log.emit(record);
export const on: boolean = log.enabled();

const stats: Stats = sonde.stats();
export const lost: number = stats.dropped.queue_full.error + stats.droppedTotal;
// @ts-expect-error no such reason
stats.dropped.lost;

sonde.configure({ token: 'new' });
// @ts-expect-error only the target
sonde.configure({ timeout: 1 });

create({ views: views([{ instrument: 'http.*', attributeKeys: ['http.route'], aggregation: 'exponential' }]), extensions: [observe] });
// @ts-expect-error no such aggregation
create({ views: views([{ instrument: '*', aggregation: 'sum' }]) });
// @ts-expect-error a view is of instruments
create({ views: views([{ name: 'x' }]) });

const meter: Meter = sonde.meter('shop.cart');
meter.createCounter('items', { unit: '{item}', valueType: 0 }).add(1, { 'item.kind': 'book' });
meter.createCounter('items').bind({ 'item.kind': 'book' }).add(1n);
meter.createHistogram('latency', { advice: { explicitBucketBoundaries: [1, 2] } }).record(3);
meter.createObservableGauge('heap').addCallback((result) => result.observe(1, { of: 'x' }));
// @ts-expect-error counters add
meter.createCounter('items').record(1);
// @ts-expect-error no number
meter.createCounter('items').add('1');

/** An adapter hands it out as it is. */
export const asApi: import('@opentelemetry/api').Meter = meter;

export async function leave() {
  await sonde.ready;
  await sonde.flush();
  await sonde.close({ timeout: 1000 });
}
