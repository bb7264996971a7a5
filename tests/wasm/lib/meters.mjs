// Counters of a trace: made, added to, and shown as a request has them.
import { Requests } from '../../../proto/otlp.mjs';
import { Fill } from './fill.mjs';

const SHOWN = 8;

/** NAME, or NAME1 ... for xN. */
function namesOf(line) {
  const name = line.word();
  const times = line.take(/x(?=\d)/) ? line.number() : 0;
  return times ? Array.from({ length: times }, (_, i) => `${name}${i + 1}`) : [name];
}

export class Meters {
  constructor() {
    this.ids = new Map();
  }

  /** meter NAME [xN]: the id of the last one. */
  make(host, now, line) {
    let id = 0;
    for (const name of namesOf(line)) {
      id = host.wasm.wasm_meter(now, 0, host.put(name)[0], 0, 0, 0);
      if (id < 0) return id;
      this.ids.set(name, id);
    }
    return id;
  }

  /** add VALUE NAME [xN] [series=N]: the last result. */
  add(host, now, line) {
    const value = line.number();
    const names = namesOf(line);
    const fill = new Fill({ bytes: true });
    if (line.take(/series=/)) {
      const bytes = Buffer.from('k');
      fill.value({ text: 'k', bytes }, { type: 'INT', value: BigInt(line.number()) });
    }
    let result = 0;
    for (const name of names) {
      fill.write(host, 0);
      const handle = host.wasm.wasm_series(now, this.ids.get(name));
      result = handle < 0 ? handle : host.wasm.wasm_measure(handle, value);
    }
    return result;
  }
}

/** The points of a request, or what they come to when they are many. */
export function showMetrics(body) {
  const metrics = Requests.metrics.decode(body).resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const shown = metrics.map(({ name, sum }) => ({ name, values: sum.dataPoints.map((p) => p.asDouble) }));
  if (shown.length <= SHOWN) return shown.map(({ name, values }) => `${name}=${values.join('/')}`).join(',');
  const values = shown.flatMap((one) => one.values);
  return `${shown.length} metrics, ${values.length} points, sum=${values.reduce((a, b) => a + b, 0)}`;
}
