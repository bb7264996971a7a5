// Compiled with both lines of `@opentelemetry/api`, never run: that the adapter
// is what the API wants, and what set-ups may write.
import type { ContextManager, Meter, MeterProvider, TextMapPropagator, Tracer, TracerProvider } from '@opentelemetry/api';
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { AsyncLocalStorage } from './otel/storage.js';
import { create } from '../index.js';
import { contextManager, loggerProvider, meterProvider, propagator, register, tracerProvider, untraced } from '../otel.js';

const sonde = create({ endpoint: '/otlp', token: false, fetch: untraced(fetch) });

export const traces: TracerProvider = tracerProvider(sonde);
export const meters: MeterProvider = meterProvider(sonde);
export const manager: ContextManager = contextManager(AsyncLocalStorage);
export const headers: TextMapPropagator = propagator();
export const tracer: Tracer = tracerProvider(sonde).getTracer('app', '1', { schemaUrl: 'https://example.com' });
export const meter: Meter = meterProvider(sonde).getMeter('app');
logs.setGlobalLoggerProvider(loggerProvider(sonde));
trace.setGlobalTracerProvider(traces);
metrics.setGlobalMeterProvider(meters);
context.setGlobalContextManager(contextManager());
propagation.setGlobalPropagator(headers);

const registered = register(sonde);
register(sonde, { logs, AsyncLocalStorage });
register(sonde, { contextManager: null, propagator: null });
register(sonde, { contextManager: manager, propagator: headers });
export const done: Promise<unknown> = registered.tracerProvider.forceFlush().then(() => registered.meterProvider.shutdown());
registered.unregister();
// @ts-expect-error misspelt
register(sonde, { log: logs });
// @ts-expect-error no exporter
register({});
