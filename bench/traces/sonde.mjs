// Spans through Sonde's own API, and through that of OpenTelemetry with the
// adapter. Each has a copy of the script, as each app has one.
import { otel3 } from '../lib/otel.mjs';
import { SIGNAL, launch, nextBody } from '../lib/sonde.mjs';
import { apiCalls, ownCalls } from './calls.mjs';
import { COUNT, RESOURCE, SCOPE } from './data.mjs';

const OPTIONS = { resource: RESOURCE, maxBatchRecords: COUNT, maxSpanBytes: 2 ** 20, maxBatchBytes: 2 ** 20 };

const tracerOf = (provider) => provider.getTracer(SCOPE.name, SCOPE.version);

/** @param {any} where @param {string} copy which one, of a script that is the same */
const open = ({ script, wasm }, copy, more) =>
  launch({ script: `${script}?${copy}`, wasm }, { ...OPTIONS, ...more });

function cases(impl, { client, core }, all) {
  const empty = async () => { await client.flush(); };
  const full = async () => { await empty(); all(); };
  const row = (name, prepare, batch) => ({ case: name, impl, prepare, batch });
  return [
    row('call_to_encoded', empty, all),
    row('batch_to_body', full, () => nextBody(core, SIGNAL.traces)),
    row('call_to_body', empty, () => {
      all();
      return nextBody(core, SIGNAL.traces);
    }),
  ];
}

const unsampled = (impl, batch) => ({ case: 'unsampled', impl, batch });

async function own(list, where) {
  const on = await open(where, 'own');
  const off = await open(where, 'own-off', { sampleRate: 0 });
  const [tracer, none] = [on, off].map(({ client }) => client.tracer(SCOPE.name, SCOPE.version));
  const [all, skipped] = [ownCalls(), ownCalls()];
  return [
    ...cases('sonde', on, () => all(tracer, list)),
    unsampled('sonde', () => skipped(none, list)),
  ];
}

async function throughApi(list, where) {
  const on = await open(where, 'api');
  const off = await open(where, 'api-off', { sampleRate: 0 });
  const adapters = await Promise.all(['', '?off'].map((copy) => import(where.adapter + copy)));
  const [tracer, none] = [on, off].map(({ client }, i) => tracerOf(adapters[i].tracerProvider(client)));
  const [all, skipped] = [apiCalls(), apiCalls()];
  return [
    ...cases('sonde_otel', on, () => all(tracer, list, otel3)),
    unsampled('sonde_otel', () => skipped(none, list, otel3)),
  ];
}

/**
 * @param {import('./data.mjs').Item[]} list
 * @param {{script: string, wasm: string, adapter?: string}} where the adapter: without it, none of its cases
 * @returns the cases, as `peers` gives them, with what to do before each
 */
export const sonde = async (list, where) =>
  [...await own(list, where), ...where.adapter ? await throughApi(list, where) : []];
