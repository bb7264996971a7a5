// Types of the package `sonde`. README.md is the manual.
import type { CoreOptions } from './generated/options.js';

/** What an attribute or a body may be. Other values are coerced to text, and never thrown on. */
export type AnyValue =
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | Uint8Array
  | ArrayBuffer
  | Date
  | Error
  | readonly AnyValue[]
  | ReadonlyMap<string, AnyValue>
  | { readonly [key: string]: AnyValue }
  | object;

/** Attributes by name. Names that are empty are skipped. */
export type Attributes = { readonly [key: string]: AnyValue } | ReadonlyMap<string, AnyValue>;

/**
 * `[seconds, nanoseconds]` since 1970, a Date, or milliseconds: since 1970, or
 * since the page's time origin as `performance.now()` gives them.
 */
export type TimeInput = readonly [number, number] | Date | number;

/** A span's ids. They are left out unless they have 32 and 16 hex digits that are not all 0. */
export interface SpanContext {
  traceId: string;
  spanId: string;
  /** 1: sampled, 2: the trace id is random. Default 0. */
  traceFlags?: number;
  /** Text of a W3C tracestate, or an object that serializes itself. */
  traceState?: string | { serialize(): string };
  /** Whether it came from elsewhere. */
  isRemote?: boolean;
}

export interface Link {
  context: SpanContext;
  attributes?: Attributes;
}

export interface SpanOptions {
  /** As in `@opentelemetry/api`: 0 internal, the default, 1 server, 2 client, 3 producer, 4 consumer. */
  kind?: number;
  attributes?: Attributes;
  links?: readonly Link[];
  /** Default: now. */
  startTime?: TimeInput;
  /** Starts a new trace, whatever is active. */
  root?: boolean;
}

/** The shape of `Span` of `@opentelemetry/api`. After `end()`, and when it is not recorded, all calls do nothing. */
export interface Span {
  spanContext(): SpanContext & { traceFlags: number };
  /** Whether it will be sent: sampled, not ended, and there is somewhere to send it. */
  isRecording(): boolean;
  /** null and undefined are skipped. */
  setAttribute(key: string, value: AnyValue): this;
  setAttributes(attributes: Attributes): this;
  /** Of more than 128 events the oldest go. */
  addEvent(name: string, attributes?: Attributes | TimeInput, time?: TimeInput): this;
  /** Of more than 128 links the oldest go; one without valid ids is skipped. */
  addLink(link: Link): this;
  addLinks(links: readonly Link[]): this;
  /** `code` 1 is OK and final, 2 is an error, which may have a message. */
  setStatus(status: { code: number; message?: string }): this;
  updateName(name: string): this;
  /** An event `exception`; the status stays. */
  recordException(error: unknown, time?: TimeInput): void;
  end(time?: TimeInput): void;
}

export interface Tracer {
  /** `parent`: a span, or the context of one; null for none. Default: the active span. */
  startSpan(name: string, options?: SpanOptions, parent?: Span | SpanContext | null): Span;
}

/** How to know which span is active: for other ways of it than `withSpan`'s own stack. */
export interface SpanStack {
  active(): Span | undefined;
  with<T>(span: Span | undefined, call: () => T): T;
}

/** The LogRecord of `@opentelemetry/api-logs`, and other places for a span's ids. */
export interface LogRecord {
  /** Makes it an event. */
  eventName?: string;
  /** Default: now. */
  timestamp?: TimeInput;
  /** Default: now. */
  observedTimestamp?: TimeInput;
  /** 1 … 24; 0, the default, is unknown. */
  severityNumber?: number;
  severityText?: string;
  body?: AnyValue;
  attributes?: Attributes;
  /** An error or whatever else was thrown. */
  exception?: unknown;
  /** A Context of `@opentelemetry/api`; its span's ids are taken. */
  context?: unknown;
  /** Ids, before those of `context`. */
  traceContext?: SpanContext;
  traceId?: string;
  spanId?: string;
  traceFlags?: number;
}

/**
 * What a log call takes. An Error as message gives its message and its
 * exception attributes; so does an Error in the place of the attributes.
 */
export type Log = (message: unknown, attributes?: Attributes | Error, error?: unknown) => void;

export interface Logger {
  trace: Log;
  debug: Log;
  info: Log;
  warn: Log;
  error: Log;
  fatal: Log;
  emit(record: LogRecord): void;
  /** Whether a record would be taken at all. */
  enabled(options?: unknown): boolean;
}

/** Where requests go. */
export interface Target {
  /** OTLP base address, http or https; `/v1/logs`, `/v1/traces` and `/v1/metrics` are appended. Relative ones are relative to the page. */
  endpoint?: string | null;
  /** The whole address of one signal, instead of what `endpoint` gives. */
  logsEndpoint?: string | null;
  tracesEndpoint?: string | null;
  metricsEndpoint?: string | null;
  /** Sent as `Authorization: Bearer …`. `false`: the endpoint needs none. */
  token?: string | false | null;
  /** Further headers; an own `authorization` wins over `token`. */
  headers?: HeadersInit | null;
}

/** What a page has; tests give their own. */
export interface Host {
  /** Unix time in milliseconds. */
  now?: () => number;
  /** Milliseconds of a clock that never jumps; for durations. */
  monotonic?: () => number;
  /** 0 up to 1. */
  random?: () => number;
  fetch?: typeof fetch;
  setTimeout?: (call: () => void, ms: number) => any;
  clearTimeout?: (timer: any) => void;
  document?: any;
  window?: any;
  navigator?: any;
  crypto?: any;
}

/** Something that went wrong on the way. */
export interface Diagnostic {
  /**
   * `export`: a request failed, or the server has something to say;
   * `refused`: a record was not taken, or an observer of metrics threw, told
   * the first time only, `stats().refused` counts;
   * `resource`: the resource was not taken; `wasm`: the module does not start;
   * `internal`: a defect of this package, or `online` throws.
   */
  code: 'export' | 'refused' | 'resource' | 'wasm' | 'internal';
  /** For people; it never holds the token. */
  message: string;
  signal?: 'logs' | 'traces' | 'metrics';
  /** HTTP status of a failed request, 0 without an answer. */
  status?: number;
  /** Records that the server rejected; -1 if its answer was broken. */
  rejected?: number;
}

// ---- Metrics: metrics.md is the manual ----------------------------------

/** Attributes of a measurement, of any kind, but few different ones: each set is a series. */
export type MetricAttributes = { readonly [key: string]: unknown };

/** As in `@opentelemetry/api`. */
export interface MetricOptions {
  description?: string;
  /** Of UCUM: `ms`, `By`, `{request}`. */
  unit?: string;
  /** 0: integers, 1 (default): doubles. `ValueType` of `@opentelemetry/api`. */
  valueType?: 0 | 1;
  advice?: {
    /** Of a histogram: at most 256 numbers that rise. */
    explicitBucketBoundaries?: number[];
  };
  /** A histogram whose buckets find their own boundaries; not in `@opentelemetry/api`. */
  exponential?: boolean;
}

/** `add` never throws: what may not be is ignored and counted. */
export interface Counter {
  /** At least 0. */
  add(value: number | bigint, attributes?: MetricAttributes): void;
  /** With these attributes for good: the fastest way. */
  bind(attributes: MetricAttributes): Counter;
}

export interface UpDownCounter {
  add(value: number | bigint, attributes?: MetricAttributes): void;
  bind(attributes: MetricAttributes): UpDownCounter;
}

export interface Gauge {
  record(value: number | bigint, attributes?: MetricAttributes): void;
  bind(attributes: MetricAttributes): Gauge;
}

export interface Histogram {
  record(value: number | bigint, attributes?: MetricAttributes): void;
  bind(attributes: MetricAttributes): Histogram;
}

export interface ObservableResult {
  observe(value: number | bigint, attributes?: MetricAttributes): void;
}

export interface BatchObservableResult {
  /** Of another instrument than those of the callback: ignored. */
  observe(instrument: Observable, value: number | bigint, attributes?: MetricAttributes): void;
}

/** Called at each collection. What it observes after a wait is of the next one. */
export type ObservableCallback = (result: ObservableResult) => void | Promise<void>;
export type BatchObservableCallback = (result: BatchObservableResult) => void | Promise<void>;

export interface Observable {
  /** Not a second time. */
  addCallback(callback: ObservableCallback): void;
  removeCallback(callback: ObservableCallback): void;
}

/** The Meter of `@opentelemetry/api`. */
export interface Meter {
  createCounter(name: string, options?: MetricOptions): Counter;
  createUpDownCounter(name: string, options?: MetricOptions): UpDownCounter;
  createGauge(name: string, options?: MetricOptions): Gauge;
  createHistogram(name: string, options?: MetricOptions): Histogram;
  createObservableCounter(name: string, options?: MetricOptions): Observable;
  createObservableUpDownCounter(name: string, options?: MetricOptions): Observable;
  createObservableGauge(name: string, options?: MetricOptions): Observable;
  addBatchObservableCallback(callback: BatchObservableCallback, observables: readonly Observable[]): void;
  removeBatchObservableCallback(callback: BatchObservableCallback, observables: readonly Observable[]): void;
}

/** What becomes of instruments; the first view that matches. */
export interface View {
  /** Name, in which * stands for anything. */
  instrument: string;
  /** Only those of this meter. */
  meter?: string;
  /** Another name. */
  name?: string;
  description?: string;
  /** The only attributes that stay. */
  attributeKeys?: readonly string[];
  /** Of a histogram; at most 256 numbers that rise. */
  boundaries?: readonly number[];
  aggregation?: 'drop' | 'exponential' | 'default';
}

/** Made by packages of Sonde: what it is given is not part of the public interface. */
export type Extension = (hub: any, meterOf: (scope: any) => Meter, collect: () => void) => void;

export interface MetricsOptions {
  /** `views(…)` of `sonde/views`; default: none. */
  views?: ((meter: string, instrument: string) => View | undefined) | null;
  /**
   * What is to be added to this exporter: `observe` of `sonde/self`, which makes metrics of what becomes of the records;
   * a scraper's `extend` of `sonde-edge/prometheus`. Default: nothing.
   */
  extensions?: readonly Extension[] | null;
}

// --------------------------------------------------------------------------

export interface CreateOptions extends Target, Host, CoreOptions, MetricsOptions {
  /** The module `sonde-web.wasm`. */
  wasm?: WebAssembly.Module | Response | BufferSource
    | Promise<WebAssembly.Module | Response | BufferSource>;
  /** `service.name`; default `unknown_service`. */
  serviceName?: string;
  /** `service.version`. */
  serviceVersion?: string;
  /** `deployment.environment.name`. */
  environment?: string;
  /** `session.id`; default: random, for this page load. */
  sessionId?: string;
  /** Further attributes of the resource; they win over the others. */
  resource?: Attributes;
  /** Probability that a trace that starts here is sampled; default 1, 0 to 1. What others started is sampled as they say. */
  sampleRate?: number;
  /** Of a request, and of `close`; default 30000, 1 to 600000 ms. */
  timeout?: number;
  onError?: (diagnostic: Diagnostic) => void;
  /** Asked before each request; false holds it. Default: `navigator.onLine`. */
  online?: () => boolean;
}

export type Severity = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'unknown';

export type DropReason =
  | 'queue_full'
  | 'too_large'
  | 'rejected'
  | 'partial'
  | 'retry_exhausted'
  | 'closed';

/** Of one signal, in log records, spans or data points. Always: accepted = delivered + droppedTotal + queued + inFlight. */
export interface Ledger {
  state: 'open' | 'disabled' | 'breaker' | 'closed' | 'pending' | 'noop';
  accepted: number;
  delivered: number;
  queued: number;
  /** In the batch that is being sent or retried. */
  inFlight: number;
  /** Never accepted: too large, after `close`, more than could wait for the module. */
  refused: number;
  /** Ill-formed UTF-8 that was replaced. */
  replaced: number;
  /** Answers that could not be decoded. */
  badResponses: number;
  requests: number;
  dropped: Record<DropReason, Record<Severity, number>>;
  /** The value of `otel.logs.dropped_count`. */
  droppedTotal: number;
}

/** Of logs, and beside them the other signals. */
export interface Stats extends Ledger {
  traces: Ledger;
  metrics: Ledger;
}

export interface Sonde {
  /** Resolves when the module is there, or never will be. */
  readonly ready: Promise<unknown>;
  /** The same object for the same name and version. */
  logger(name: string, version?: string): Logger;
  /** The same object for the same name and version. */
  tracer(name: string, version?: string): Tracer;
  /** Calls with this span active: the parent of those that start meanwhile, and its ids are on what is logged. */
  withSpan<T>(span: Span | undefined, call: () => T): T;
  activeSpan(): Span | undefined;
  /** A header of that name for a span, by default the active one; '' without one. */
  traceparent(span?: Span): string;
  /** Without an argument: the own way again. */
  useContext(stack?: SpanStack): void;
  meter(name: string, version?: string): Meter;
  /** Resolves when all that is due is sent, or when that is impossible for now. */
  flush(): Promise<unknown>;
  /** Sends what is queued and takes no more; gives up what is left after `timeout` ms, at most 600,000. */
  close(options?: { timeout?: number }): Promise<unknown>;
  stats(): Stats;
  /** Changes where requests go, and exports again after a 401, a 403 or an open breaker. Throws if an option is wrong. */
  configure(target: Target): void;
}

/** Throws a TypeError or RangeError that names the option if one is wrong. */
export function create(options?: CreateOptions): Sonde;
