// Metrics through Sonde's own API, and through that of OpenTelemetry with the
// adapter, whose instruments are Sonde's own; what differs is how the active
// span is found. Each has a copy of the script, as each app has one.
import { metrics } from '@opentelemetry/api';
import { SIGNAL, allBodies, launch } from '../lib/sonde.mjs';
import { calls, measuring } from './calls.mjs';
import { COUNT, INSTRUMENTS, RESOURCE, SCOPE } from './data.mjs';

/** Room for all series; nothing is collected by itself. */
const OPTIONS = { resource: RESOURCE, maxMetricBytes: 2 ** 22, metricInterval: 86400000 };

const makeAll = (meter) => ({
  counter: meter.createCounter(...INSTRUMENTS.counter),
  histogram: meter.createHistogram(...INSTRUMENTS.histogram),
  gauge: meter.createGauge(...INSTRUMENTS.gauge),
});

/** @param {any} where @param {string} copy which one, of a script that is the same */
const open = ({ script, wasm }, copy) => launch({ script: `${script}?${copy}`, wasm }, OPTIONS);

/** What the driver does when the interval is over; one collection may be several requests. */
function collected(core) {
  core.wasm_collect(Date.now());
  return allBodies(core, SIGNAL.metrics);
}

/** Requests one after the other are one as well. */
const joined = async (bodies) => new Uint8Array(await new Blob(bodies).arrayBuffer());

function collecting(impl, { client, core }, list) {
  const { counter, histogram } = makeAll(client.meter(SCOPE.name, SCOPE.version));
  const { addKept, recordKept } = calls();
  const prepare = async () => {
    addKept(counter, list);
    recordKept(histogram, list);
  };
  const batch = () => collected(core);
  return { case: 'collect_to_body', impl, items: 2 * COUNT, prepare, batch, proof: () => joined(batch()) };
}

/**
 * @param {import('./data.mjs').Item[]} list
 * @param {{script: string, wasm: string, adapter?: string}} where the adapter: without it, none of its cases
 */
export async function sonde(list, where) {
  const own = await open(where, 'own');
  const all = [
    ...measuring('sonde', list, makeAll(own.client.meter(SCOPE.name, SCOPE.version)), () => joined(collected(own.core))),
    collecting('sonde', await open(where, 'collect'), list),
  ];
  if (!where.adapter) return all;
  const { register } = await import(where.adapter);
  const api = await open(where, 'api');
  register(api.client, { contextManager: null, propagator: null });
  const instruments = makeAll(metrics.getMeter(SCOPE.name, SCOPE.version));
  return [...all, ...measuring('sonde_otel', list, instruments, () => joined(collected(api.core)))];
}
