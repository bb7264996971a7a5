// Types of `sonde/otel`. otel.md is the manual.
import type { Context, ContextManager, Meter, TextMapPropagator, Tracer } from '@opentelemetry/api';
import type { Logger, Sonde } from './index.js';

/** What providers of the SDK have, too. */
export interface Lifecycle {
  /** `sonde.flush()` */
  forceFlush(): Promise<unknown>;
  /** `sonde.close()` */
  shutdown(): Promise<unknown>;
}

/** A TracerProvider of `@opentelemetry/api`. */
export interface SondeTracerProvider extends Lifecycle {
  getTracer(name: string, version?: string, options?: unknown): Tracer;
}

/** A MeterProvider of `@opentelemetry/api`. */
export interface SondeMeterProvider extends Lifecycle {
  getMeter(name: string, version?: string, options?: unknown): Meter;
}

/** A LoggerProvider of `@opentelemetry/api` from 1.10 on, and of `@opentelemetry/api-logs`. */
export interface SondeLoggerProvider extends Lifecycle {
  getLogger(name: string, version?: string, options?: unknown): Logger;
}

/** A ContextManager of `@opentelemetry/api`, with what 1.10 has added. */
export interface SondeContextManager extends ContextManager {
  attach(context: Context): { dispose(): void };
}

/** The class of `node:async_hooks`, or one like it. */
export type AsyncLocalStorageLike = new () => {
  getStore(): any;
  run(store: any, call: () => any): any;
  enterWith?(store: any): void;
};

export interface RegisterOptions {
  /** `logs` of `@opentelemetry/api-logs`; the API has its own from 1.10 on, which is always registered. */
  logs?: { setGlobalLoggerProvider(provider: any): unknown; disable(): void };
  /** Where contexts are kept; default: what the host has. */
  AsyncLocalStorage?: AsyncLocalStorageLike;
  /** Instead of `contextManager()`; null: none. */
  contextManager?: ContextManager | null;
  /** Instead of `propagator()`; null: none. */
  propagator?: TextMapPropagator | null;
}

export interface Registration {
  tracerProvider: SondeTracerProvider;
  meterProvider: SondeMeterProvider;
  loggerProvider: SondeLoggerProvider;
  contextManager: ContextManager | null;
  propagator: TextMapPropagator | null;
  /** Takes back what `register` has registered, and nothing else. */
  unregister(): void;
}

/** Makes a Sonde what stands behind `@opentelemetry/api`. */
export function register(sonde: Sonde, options?: RegisterOptions): Registration;
export function tracerProvider(sonde: Sonde): SondeTracerProvider;
export function meterProvider(sonde: Sonde): SondeMeterProvider;
export function loggerProvider(sonde: Sonde): SondeLoggerProvider;
/** Contexts follow promises and timers where there is AsyncLocalStorage; elsewhere they end with the call. */
export function contextManager(AsyncLocalStorage?: AsyncLocalStorageLike): SondeContextManager;
/** `traceparent`, `tracestate` and `baggage` of the W3C. */
export function propagator(): TextMapPropagator;
/** The same function, but no instrumentation traces what it does: for the option `fetch` of `create`. */
export function untraced<F extends (...given: any[]) => any>(call: F): F;
