/**
 * The ledger of each signal as metrics, by the names of OpenTelemetry's
 * semantic conventions where these have one; metrics.md lists them.
 */
import { DROPS, SIGNAL_LOGS, SIGNAL_METRICS } from './generated/layout.js';
import { LEVELS } from './src/stats.js';
import { VERSION } from './src/version.js';

/** Of the signals: in the names of metrics; the units. */
const NOUNS = ['log', 'span', 'metric_data_point'];
const UNITS = ['log_record', 'span', 'data_point'];

const PROCESSED = 'processed';
const EXPORTED = 'exported';

/**
 * For the option `extensions` of `create`.
 *
 * @param {any} hub what signals share; gets `exported`, which is called after each request
 * @param {(scope: any) => any} meterOf
 */
export function observe(hub, meterOf) {
  const meter = meterOf({ name: 'sonde', version: VERSION });
  const duration = meter.createHistogram('otel.sdk.exporter.operation.duration', { unit: 's', exponential: true });
  const total = meter.createObservableCounter('otel.logs.dropped_count', { unit: '{log_record}', valueType: 0 });

  /** @param {number} signal */
  function observe(signal) {
    const [, accepted, delivered, queued, inFlight, , , , , ...drops] = hub.core().ledger(signal);
    const processor = signal === SIGNAL_METRICS ? 'sonde.processor.' : 'otel.sdk.processor.';
    const exporter = 'otel.sdk.exporter.';
    // What is in flight may come back to the queue, and a counter never falls.
    let handed = accepted - queued - inFlight;
    let lost = 0;

    /** @param {string} part @param {string} name @param {number} value @param {string} [kind] @param {object} [attributes] */
    function put(part, name, value, kind = 'Counter', attributes) {
      meter[`createObservable${kind}`](`${part + NOUNS[signal]}.${name}`, { unit: `{${UNITS[signal]}}`, valueType: 0 }).add(value, attributes);
    }

    for (const reason of DROPS) {
      const isSent = !/queue|closed/.test(reason);
      for (const severity of [...LEVELS, 'unknown']) {
        const count = drops.shift();
        lost += count;
        if (!isSent) handed -= count;
        if (count > 0) {
          put(isSent ? exporter : processor, isSent ? EXPORTED : PROCESSED, count, undefined, { 'error.type': reason, 'sonde.severity': severity });
        }
      }
    }
    put(processor, PROCESSED, handed);
    put(exporter, EXPORTED, delivered);
    put(processor, 'queue.size', queued, 'UpDownCounter');
    put(exporter, 'inflight', inFlight, 'UpDownCounter');
    if (signal === SIGNAL_LOGS) {
      put('otel.sdk.', 'created', accepted);
      total.add(lost);
    }
  }

  total.addCallback(() => NOUNS.forEach((_, signal) => observe(signal)));

  /** @param {number} signal @param {number} ms @param {number} status of HTTP, 0 without an answer */
  hub.exported = (signal, ms, status) => duration.record(ms / 1000, {
    'otel.component.type': `otlp_http_${NOUNS[signal].split('_')[0]}_exporter`,
    ...status && { 'http.response.status_code': status },
    ...(status < 200 || status > 299) && { 'error.type': `${status || 'network'}` },
  });
}
