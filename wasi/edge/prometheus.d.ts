// Prometheus text and OpenMetrics by sonde-edge.wasm: in Node, workerd, Deno,
// Bun and browsers. README.md is the manual.

export interface ExpositionOptions {
  /** sonde-edge.wasm, compiled. Each exposition has an instance of its own. */
  module: WebAssembly.Module;
  /** How names are translated. Default: `UnderscoreEscapingWithSuffixes`. */
  strategy?: 'UnderscoreEscapingWithSuffixes' | 'UnderscoreEscapingWithoutSuffixes' | 'NoUTF8EscapingWithSuffixes' | 'NoTranslation';
  /** Labels of the instrumentation scope on each sample. Default: true. */
  scope?: boolean;
  /** `target_info` with the resource's attributes. Default: true. */
  targetInfo?: boolean;
  /** OpenMetrics: `_created` samples. Default: true. */
  created?: boolean;
  /** Labels `job` and `instance` on each sample; in any case if the request has several services or instances. Default: false. */
  job?: boolean;
  /** Bytes of a request at most: 4,096 … 67,108,864, default 4,194,304. */
  maxInput?: number;
}

/** What became of a request; what the format cannot hold is left out. */
export interface ExpositionStats {
  families: number;
  samples: number;
  points: number;
  /** Metrics that are not cumulative. */
  delta: number;
  /** Metrics of another type than one of their name before them. */
  conflicts: number;
  /** Metrics without a name. */
  unnamed: number;
  /** Points without a value. */
  unrecorded: number;
  /** Points that the format cannot hold. */
  badPoints: number;
}

export interface Exposition {
  /**
   * The answer to a scrape: an ExportMetricsServiceRequest in protobuf, of cumulative temporality, in the format
   * that the Accept header asks for (text 0.0.4 if there is none). Throws an Error with code `BAD_INPUT` for what
   * is no such request, `NO_SPACE` if its scopes, which come again with each point, are by far too large for it, a
   * RangeError for one over `maxInput`.
   */
  metricsText(request: Uint8Array | ArrayBuffer, scrape?: { accept?: string | null }): { contentType: string; body: Uint8Array<ArrayBuffer>; stats: ExpositionStats };
}

/**
 * Takes what an exporter measures, for an exposition. The exporter's options: `wasm` is `sonde-edge.wasm`, `temporality`
 * is `cumulative`, and metrics have somewhere to go: `endpoint` or `metricsEndpoint`, an address with a scheme outside of
 * pages, and `token`, which may be `false`. Without these nothing is measured. `online: () => false` keeps metrics from
 * being sent there as well.
 */
export interface Scraper {
  /** For the option `extensions` of `create`. */
  extend(hub: any, meterOf: any, collect: () => void): void;
  /**
   * Asks the observers, and returns all that is measured as an ExportMetricsServiceRequest: what `metricsText` takes. Empty
   * if nothing was measured, and before the module is there, which never starts without an endpoint and token. Throws if
   * the exporter has another module or temporality, or more than fits `maxBatchBytes`.
   */
  take(): Uint8Array<ArrayBuffer>;
}

export function createScraper(): Scraper;

/** Throws a TypeError or RangeError that names the option, its range and what it got. */
export function createExposition(options: ExpositionOptions): Exposition;
