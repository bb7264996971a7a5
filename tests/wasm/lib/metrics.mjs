// The cases of metrics.txt through a wasm file.
import assert from 'node:assert/strict';
import { LAYOUT } from './facts.mjs';
import { Fill } from './fill.mjs';
import { Host } from './host.mjs';
import { Line } from './vector.mjs';

const START = 1700000000000;
const SCOPE = 16;
const FLAGS = { integer: 16, min_max: 32 };
const KINDS = {
  counter: 0, updown: 1, gauge: 2, histogram: 3, exponential: 4,
  observable_counter: 8, observable_updown: 9, observable_gauge: 10,
};

class Runner {
  constructor(host, way) {
    this.host = host;
    this.way = way;
    this.scope = 0;
    this.now = START;
    this.bodies = [];
  }

  /** Writes attributes as a record. */
  record(entries) {
    const fill = new Fill(this.way);
    fill.entries(entries);
    fill.write(this.host, 0);
  }

  instrument(line) {
    let what = KINDS[line.word()] + (this.scope << SCOPE);
    while (line.text[line.at] === ' ' && !line.text.slice(line.at).startsWith(' "')) what |= FLAGS[line.word()];
    const texts = [line.string(), line.string(), line.string()];
    const bounds = line.atEnd() ? [] : line.array().map(({ value }) => Number(value));
    const { host } = this;
    host.words.set(new Uint32Array(Float64Array.from(bounds).buffer), LAYOUT.HEADER_WORDS);
    const sizes = host.put(...texts.map(({ bytes }) => bytes));
    assert.ok(host.wasm.wasm_meter(this.now, what, ...sizes, bounds.length) >= 0);
  }

  put(line) {
    const instrument = line.number();
    const value = Number(line.need(/\S+/));
    this.record(line.atEnd() ? [] : line.entries());
    const handle = this.host.wasm.wasm_series(this.now, instrument);
    assert.ok(handle >= 0, String(handle));
    assert.equal(this.host.wasm.wasm_measure(handle, value), 0);
  }

  span(line) {
    const traceId = line.word();
    if (traceId !== 'none') this.host.put(traceId + line.word());
    assert.equal(this.host.wasm.wasm_span(this.now, Number(traceId !== 'none')), 0);
  }

  /** Collects, and takes the request there is. */
  collect() {
    const { host, now } = this;
    assert.equal(host.wasm.wasm_collect(now), 0);
    const action = host.next(now);
    if (action.type === LAYOUT.ACTION_WAIT) {
      this.bodies.push(undefined);
      return;
    }
    assert.equal(action.type, LAYOUT.ACTION_SEND);
    this.bodies.push(Buffer.from(action.body));
    assert.equal(host.done(now, action.id, 200), 0);
    host.law();
  }

  line(word, line) {
    switch (word) {
      case 'resource':
        this.record(line.entries());
        assert.equal(this.host.wasm.wasm_resource(), 0);
        break;
      case 'scope': this.scope = this.host.scope(line.string().bytes, line.string().bytes); break;
      case 'at': this.now = START + line.number(); break;
      case 'instrument': this.instrument(line); break;
      case 'put': this.put(line); break;
      case 'span': this.span(line); break;
      case 'ignored': assert.equal(this.host.stats().refused, line.number()); break;
      case 'collect': this.collect(); break;
      default: assert.match(word, /^(option|pb|json|nothing)$/);
    }
  }
}

/** The body of each collection; undefined where there was nothing. */
export function metricBodies(artefact, { lines }, encoding, way) {
  const options = { encoding };
  const parsed = lines.map((text) => new Line(text)).map((line) => [line.word(), line]);
  for (const [word, line] of parsed) if (word === 'option') options[line.word()] = line.number();
  const host = new Host(artefact).start(options, START);
  host.signal = LAYOUT.SIGNAL_METRICS;
  const runner = new Runner(host, way);
  for (const [word, line] of parsed) runner.line(word, line);
  return runner.bodies;
}

/** What the lines behind each `collect` say: { pb, json }, or undefined. */
export function expectedBodies({ lines }) {
  const out = [];
  for (const line of lines) {
    if (line === 'collect') out.push({ pb: '', json: '' });
    else if (line.startsWith('pb ')) out.at(-1).pb += line.slice(3);
    else if (line.startsWith('json ')) out.at(-1).json = line.slice(5);
    else if (line === 'nothing') out[out.length - 1] = undefined;
  }
  return out;
}
