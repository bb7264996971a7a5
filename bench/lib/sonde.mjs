// Sonde as a page has it: one instance, the public API, and a `fetch` that
// answers at once, so that the queue is empty again before the next batch.
//
// `wasm_next` is called by the driver, never by an app; to time it alone, the
// instance that `create` makes is caught, and its `wasm_next` called first. It
// changes nothing when it is asked twice, so the driver goes on undisturbed.
export const SIGNAL = { logs: 0, traces: 1, metrics: 2 };

const ACTION_SEND = 2;
/** Region table: which of its words is the address of `out`. */
const REGION_OUT = 4;
/** Words of `out`: the batch, length and address of its body. */
const ID = 2;
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
    endpoint: 'http://127.0.0.1:9/',
    token: false,
    fetch: async () => new Response(null, { status: 200 }),
    onError: ({ code, message }) => { throw Error(`${code}: ${message}`); },
    ...more,
  };
}

/**
 * @param {{script: string, wasm: string}} where address of the ES module;
 *   the artefact in base64
 * @param {object} [more] options of `create`
 */
export async function launch({ script, wasm }, more) {
  const { create } = await import(script);
  const bytes = Uint8Array.from(atob(wasm), (char) => char.charCodeAt(0));
  const module = await WebAssembly.compile(bytes);
  const { client, core } = caught(() => create(options(module, more)));
  if (!core.table) throw new Error('create() made no instance at once');
  return { client, core };
}

/** The body of an action, copied as the driver must, and what batch it is. */
function bodyAt({ memory, table }) {
  const view = new DataView(memory.buffer);
  const out = view.getUint32(table + 4 * REGION_OUT, true);
  const at = view.getUint32(out + 4 * BODY, true);
  const body = new Uint8Array(memory.buffer, at, view.getUint32(out + 4 * LENGTH, true)).slice();
  return { id: view.getUint32(out + 4 * ID, true), body };
}

/** The body that `wasm_next` builds. @param {any} core @param {number} signal */
export function nextBody(core, signal) {
  const action = core.wasm_next(signal, Date.now());
  if (action !== ACTION_SEND) throw new Error(`wasm_next: ${action}, not SEND`);
  return bodyAt(core).body;
}

/** Everything that is due, delivered as the driver does it. @param {any} core @param {number} signal */
export function allBodies(core, signal) {
  const bodies = [];
  while (core.wasm_next(signal, Date.now()) === ACTION_SEND) {
    const { id, body } = bodyAt(core);
    bodies.push(body);
    core.wasm_done(signal, Date.now(), id, 200, -1, 0);
  }
  return bodies;
}
