// What Sonde is compared with: both lines of OTel JS, with a reader that only
// collects, and the temporality that Sonde has.
import { otel2, otel3 } from '../lib/otel.mjs';
import { calls, measuring } from './calls.mjs';
import { COUNT, INSTRUMENTS, RESOURCE, SCOPE } from './data.mjs';

function otel(api) {
  class Reader extends api.MetricReader {
    async onShutdown() {}
    async onForceFlush() {}
  }
  const reader = new Reader({ aggregationTemporalitySelector: () => api.AggregationTemporality.DELTA });
  const provider = new api.MeterProvider({ resource: api.resourceFromAttributes(RESOURCE), readers: [reader] });
  const meter = provider.getMeter(SCOPE.name, SCOPE.version);
  const instruments = {
    counter: meter.createCounter(...INSTRUMENTS.counter),
    histogram: meter.createHistogram(...INSTRUMENTS.histogram),
    gauge: meter.createGauge(...INSTRUMENTS.gauge),
  };
  async function collect() {
    const { resourceMetrics, errors } = await reader.collect();
    if (errors.length > 0) throw errors[0];
    return api.ProtobufMetricsSerializer.serializeRequest(resourceMetrics);
  }
  return { instruments, collect };
}

function rows(impl, api, list) {
  const { instruments, collect } = otel(api);
  const other = otel(api);
  const { addKept, recordKept } = calls();
  const prepare = async () => {
    addKept(other.instruments.counter, list);
    recordKept(other.instruments.histogram, list);
  };
  return [
    ...measuring(impl, list, instruments, collect),
    { case: 'collect_to_body', impl, items: 2 * COUNT, prepare, later: other.collect },
  ];
}

/** @param {import('./data.mjs').Item[]} list */
export const peers = (list) => [...rows('otel_3.1', otel3, list), ...rows('otel_2.12', otel2, list)];
