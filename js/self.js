/**
 * The ledger of each signal as metrics, by the names of OpenTelemetry's
 * semantic conventions where these have one; metrics.md lists them.
 */
import { DROPS, SIGNAL_LOGS, SIGNAL_METRICS } from './generated/layout.js';
import { LEVELS } from './src/stats.js';
import { VERSION } from './src/version.js';

/** Of the signals, in the names of metrics, and their units. */
const NOUNS = ['log', 'span', 'metric_data_point'];
const UNITS = ['{log_record}', '{span}', '{data_point}'];
const SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * What option `selfObservation` of `create` takes.
 *
 * @param {any} hub what signals share; gets `exported`, which is called after each request
 * @param {(scope: any) => any} meterOf
 */
export function observe(hub, meterOf) {
  const meter = meterOf({ name: 'sonde', version: VERSION });
  const duration = meter.createHistogram('otel.sdk.exporter.operation.duration', {
    unit: 's',
    advice: { explicitBucketBoundaries: SECONDS },
  });
  const total = meter.createObservableCounter('otel.logs.dropped_count', { unit: UNITS[SIGNAL_LOGS], valueType: 0 });

  /** @param {number} signal */
  function observe(signal) {
    const [, accepted, delivered, queued, inFlight, , , , , ...drops] = hub.core().ledger(signal);
    const noun = NOUNS[signal];
    const processor = `${signal === SIGNAL_METRICS ? 'sonde' : 'otel.sdk'}.processor.${noun}.`;
    const exporter = `otel.sdk.exporter.${noun}.`;
    let handed = accepted - queued;
    let lost = 0;

    /** @param {string} kind @param {string} name @param {number} value @param {object} [attributes] */
    function put(kind, name, value, attributes) {
      meter[`createObservable${kind}`](name, { unit: UNITS[signal], valueType: 0 }).add(value, attributes);
    }

    DROPS.forEach((reason) => {
      const isSent = !/queue|closed/.test(reason);
      for (const severity of [...LEVELS, 'unknown']) {
        const count = drops.shift();
        lost += count;
        if (!isSent) handed -= count;
        if (count > 0) {
          const attributes = { 'error.type': reason, 'sonde.severity': severity };
          put('Counter', isSent ? `${exporter}exported` : `${processor}processed`, count, attributes);
        }
      }
    });
    put('Counter', `${processor}processed`, handed);
    put('Counter', `${exporter}exported`, delivered);
    put('UpDownCounter', `${processor}queue.size`, queued);
    put('UpDownCounter', `${exporter}inflight`, inFlight);
    if (signal === SIGNAL_LOGS) {
      put('Counter', 'otel.sdk.log.created', accepted);
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
