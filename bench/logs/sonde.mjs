// Sonde as a page has it: one instance, the public API, and a `fetch` that
// answers at once, so that the queue is empty again before the next batch.
//
// `wasm_next` is called by the driver, never by an app; to time it alone, the
// instance that `create` makes is caught, and its `wasm_next` called first. It
// changes nothing when it is asked twice, so the driver goes on undisturbed.
import { COUNT, RESOURCE, SCOPES } from './data.mjs';

const ACTION_SEND = 2;
/** Region table: which of its words is the address of `out`. */
const REGION_OUT = 4;
/** Words of `out`: length and address of the body. */
const LENGTH = 3;
const BODY = 4;

/** Runs `make` and gives what it instantiated besides what it returned. */
function caught(make) {
  const { Instance } = WebAssembly;
  const core = {};
  WebAssembly.Instance = class extends Instance {
    constructor(...given) {
      super(...given);
      const { wasm_start } = this.exports;
      const exports = Object.assign(core, this.exports);
      core.wasm_start = (...rest) => (core.table = wasm_start(...rest));
      Object.defineProperty(this, 'exports', { value: exports });
    }
  };
  try {
    return { client: make(), core };
  } finally {
    WebAssembly.Instance = Instance;
  }
}

function options(module, more) {
  return {
    wasm: module,
    endpoint: 'http://127.0.0.1:9/v1/logs',
    token: false,
    resource: RESOURCE,
    fetch: async () => new Response(null, { status: 200 }),
    onError: (error) => { throw error; },
    ...more,
  };
}

/**
 * @param {{script: string, wasm: string}} where address of the ES module;
 *   the artefact in base64
 * @param {object} [more] options of `create`
 */
export async function start({ script, wasm }, more) {
  const { create } = await import(script);
  const bytes = Uint8Array.from(atob(wasm), (char) => char.charCodeAt(0));
  const module = await WebAssembly.compile(bytes);
  const { client, core } = caught(() => create(options(module, more)));
  if (!core.table) throw new Error('create() made no instance at once');
  const loggers = SCOPES.map(({ name, version }) => client.logger(name, version));
  return { client, core, loggers };
}

/** The body that `wasm_next` builds, copied as the driver must. */
export function nextBody({ memory, wasm_next, table }) {
  const action = wasm_next(0, Date.now());
  if (action !== ACTION_SEND) throw new Error(`wasm_next: ${action}, not SEND`);
  const view = new DataView(memory.buffer);
  const out = view.getUint32(table + 4 * REGION_OUT, true);
  const at = view.getUint32(out + 4 * BODY, true);
  return new Uint8Array(memory.buffer, at, view.getUint32(out + 4 * LENGTH, true)).slice();
}

/** Logs all; each method is called by its name, as in an app. */
export function callAll(loggers, list) {
  for (const { scope, level, body, attributes } of list) {
    const logger = loggers[scope];
    if (level.number === 5) logger.debug(body, attributes);
    else if (level.number === 9) logger.info(body, attributes);
    else logger.warn(body, attributes);
  }
  return list;
}

/** @returns the cases, as `peers` gives them, with what to do before each */
export async function sonde(list, where) {
  const { client, core, loggers } = await start(where, { maxBatchRecords: COUNT });
  const empty = async () => { await client.flush(); };
  const full = async () => { await empty(); callAll(loggers, list); };
  const row = (name, prepare, batch) => ({ case: name, impl: 'sonde', prepare, batch });
  return [
    row('call_to_encoded', empty, () => callAll(loggers, list)),
    row('batch_to_body', full, () => nextBody(core)),
    row('call_to_body', empty, () => {
      callAll(loggers, list);
      return nextBody(core);
    }),
  ];
}
