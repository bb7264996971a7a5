// The exporter of this page. What an application would write is the call of
// `create`; the rest keeps the page's switches working.
import { create } from '/sonde/sonde.js';

/** Short, so that one sees something. The default is 30 s. */
const BATCH_DELAY = 2000;
const TIMEOUT = 5000;

function open(encoding, onError) {
  return create({
    wasm: fetch('/sonde/sonde-web.wasm'),
    endpoint: location.origin,
    token: 'demo',
    serviceName: 'sonde-demo',
    serviceVersion: '0.1.0',
    environment: 'demo',
    batchDelay: BATCH_DELAY,
    metricInterval: BATCH_DELAY,
    timeout: TIMEOUT,
    encoding,
    onError,
  });
}

/** @param {{json: boolean}} options */
export function start({ json }) {
  const encoding = json ? 'json' : 'protobuf';
  /** What went wrong last, and how many records were delivered by then. */
  const troubles = { last: '', delivered: 0 };
  const sonde = open(encoding, ({ message }) => {
    Object.assign(troubles, { last: message, delivered: sonde.stats().delivered });
  });
  return {
    sonde,
    encoding,
    troubles,

    /** Export goes on after a 401 or an open breaker. */
    enable() {
      sonde.configure({ token: 'demo' });
      troubles.last = '';
      return 'Export is enabled.';
    },

    /**
     * An exporter keeps its encoding, so the page starts anew with another.
     * What is queued leaves with the old page.
     */
    encode(name) {
      location.search = `?encoding=${name}`;
    },
  };
}
