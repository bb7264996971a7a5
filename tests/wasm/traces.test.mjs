// tests/vectors/traces: the step loop, line by line.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ARTEFACTS, LAYOUT, REASONS, statusName, vectorPath } from './lib/facts.mjs';
import { Fill } from './lib/fill.mjs';
import { Host } from './lib/host.mjs';
import { Meters, showMetrics } from './lib/meters.mjs';
import { readResponse } from './lib/response.mjs';
import { Line } from './lib/vector.mjs';

const START = 1700000000000;
const BANDS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'unknown'];
const STATES = ['open', 'disabled', 'breaker', 'closed'];
const SIGNALS = ['logs', 'traces', 'metrics'];
const IDS = '0af7651916cd43dd8448eb211c80319cb7ad6b7169203331';
const EMITTED = ['QUEUED', 'DUE', 'DROPPED'];
const name = (result) => (result === 0 ? 'OK' : statusName(result));
/** Past the arrow of a line, if there is one. */
const ended = (line) => line.atEnd() || line.text[line.at] === '→';

class Runner {
  constructor(artefact) {
    this.artefact = artefact;
    this.options = {};
    this.seed = 1;
    this.emitted = 0;
    this.signal = LAYOUT.SIGNAL_LOGS;
    this.meters = new Meters();
  }

  open() {
    if (this.host) return;
    this.host = new Host(this.artefact).start(this.options, START, this.seed);
    assert.equal(this.host.scope('one', '1'), 1);
    assert.equal(this.host.scope('two', '2'), 2);
  }

  /** The log's body, or the span's name. */
  fill(band, body) {
    const fill = new Fill({ bytes: false });
    const text = { text: body, bytes: Buffer.from(body) };
    if (this.signal === LAYOUT.SIGNAL_TRACES) {
      fill.put({ text: IDS, bytes: Buffer.from(IDS) });
      fill.header[LAYOUT.HEADER_NAME] = fill.put(text);
      fill.header[LAYOUT.HEADER_KIND] = BANDS[band] === 'error' ? 2 << LAYOUT.STATUS_SHIFT : 0;
    } else {
      fill.header[LAYOUT.HEADER_SEVERITY] = 4 * band + 1;
      fill.header[LAYOUT.HEADER_FLAGS] = LAYOUT.FLAG_NOW | LAYOUT.FLAG_SEVERITY_NAME;
      fill.value(undefined, { type: 'STRING', text });
    }
    return fill;
  }

  emitOne(band, size, scope) {
    this.fill(band, `#${++this.emitted};`.padEnd(size, '.')).write(this.host, scope);
    const result = this.host.wasm.wasm_emit(this.signal, this.now);
    this.host.law();
    return EMITTED[result] ?? statusName(result);
  }

  emit(line) {
    const band = BANDS.indexOf(line.word());
    let times = 1;
    const given = { size: 0, scope: 0 };
    while (!ended(line)) {
      const word = line.word();
      if (line.take(/=/)) given[word] = line.number();
      else times = Number(word.slice(1));
    }
    const runs = [];
    for (let i = 0; i < times; i++) {
      const result = this.emitOne(band, given.size, given.scope);
      if (runs.at(-1)?.result === result) runs.at(-1).count++;
      else runs.push({ result, count: 1 });
    }
    return runs.map(({ result, count }) => (count > 1 ? `${result} x${count}` : result)).join(', ');
  }

  next() {
    const { host, now } = this;
    const action = host.next(now);
    host.law();
    const waits = action.type === LAYOUT.ACTION_WAIT && action.until > now;
    if (action.type !== LAYOUT.ACTION_WAIT || waits) assert.deepEqual(host.next(now), action);
    if (action.type === LAYOUT.ACTION_IDLE) return 'IDLE';
    if (action.type === LAYOUT.ACTION_COLLECT) return 'COLLECT';
    if (action.type === LAYOUT.ACTION_WAIT) return `WAIT ${action.until - START}`;
    this.size = action.body.length;
    return `SEND ${action.id} [${this.show(action)}] queued=${action.queued}`;
  }

  show(action) {
    if (this.signal === LAYOUT.SIGNAL_METRICS) return showMetrics(action.body);
    const text = Buffer.from(action.body).toString('latin1');
    const numbers = [...text.matchAll(/#(\d+);/g)].map(([, n]) => Number(n));
    assert.equal(numbers.length, action.records);
    return ranges(numbers);
  }

  done(line) {
    const id = line.number();
    const status = line.number();
    let after = -1;
    let rejected = 0;
    while (!ended(line)) {
      const word = line.word();
      line.need(/=/);
      if (word === 'after') after = retryAfter(line.string().text, this.now);
      else rejected = readResponse(bodyOf(line), this.options.encoding === 1, status);
    }
    return name(this.host.done(this.now, id, status, after, rejected));
  }

  resource(line) {
    const fill = new Fill({ bytes: false });
    fill.entries(line.entries());
    fill.write(this.host, 0);
    return name(this.host.wasm.wasm_resource());
  }

  call(line) {
    const { wasm } = this.host;
    switch (line.word()) {
      case 'emit': return this.emit(line);
      case 'next': return this.next();
      case 'done': return this.done(line);
      case 'meter': return this.meter(line);
      case 'add': return name(this.meters.add(this.host, this.now, line));
      case 'collect': return name(wasm.wasm_collect(this.now));
      case 'flush': return String(wasm.wasm_flush(this.signal, this.now, ended(line) ? 0 : line.number()));
      case 'enable': return name(wasm.wasm_enable(this.now));
      case 'close': return String(wasm.wasm_close(this.now));
      case 'abandon': return String(wasm.wasm_abandon());
      case 'size': return String(this.size);
      case 'resource': return this.resource(line);
      default: throw new Error(line.text);
    }
  }

  meter(line) {
    const id = this.meters.make(this.host, this.now, line);
    return id < 0 ? statusName(id) : String(id);
  }

  stats(line) {
    const s = this.host.stats();
    while (!line.atEnd()) {
      const what = line.word();
      line.need(/=/);
      const want = line.word();
      assert.equal(String(counter(s, what)), want, what);
    }
  }

  line(text) {
    const line = new Line(text);
    if (line.atEnd()) return;
    const word = line.word();
    if (word === 'option') {
      this.options[line.word()] = line.number();
    } else if (word === 'seed') {
      this.seed = line.number();
    } else if (word === 'signal') {
      this.open();
      this.signal = this.host.signal = SIGNALS.indexOf(line.word());
    } else if (word === 'stats') {
      this.stats(line);
    } else {
      this.open();
      line.need(/=/);
      this.now = START + line.number();
      const want = text.split('→ ')[1];
      assert.equal(this.call(line), want);
      this.host.law();
    }
  }
}

function ranges(numbers) {
  const out = [];
  for (const n of numbers) {
    if (out.length && out.at(-1)[1] === n - 1) out.at(-1)[1] = n;
    else out.push([n, n]);
  }
  return out.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(',');
}

function retryAfter(text, now) {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? -1 : Math.max(at - now, 0);
}

function bodyOf(line) {
  if (!line.take(/</)) return line.string().bytes;
  const bytes = line.hex();
  line.need(/>/);
  return bytes;
}

function counter(s, what) {
  const [first, reason, band] = what.split('.');
  if (first === 'state') return STATES[s.state];
  if (first !== 'dropped') return s[first.replace(/_(.)/, (_, c) => c.toUpperCase())];
  if (!reason) return s.allDropped;
  const row = s.dropped.slice(7 * REASONS.indexOf(reason), 7 * REASONS.indexOf(reason) + 7);
  return band ? row[BANDS.indexOf(band)] : row.reduce((a, b) => a + b, 0);
}

for (const artefact of ARTEFACTS) {
  describe(`traces, sonde-${artefact}.wasm`, () => {
    for (const file of readdirSync(vectorPath('traces')).filter((one) => one.endsWith('.txt'))) {
      test(file, () => {
        const runner = new Runner(artefact);
        const lines = readFileSync(vectorPath(`traces/${file}`), 'utf8').split('\n');
        for (const [i, text] of lines.entries()) {
          try {
            runner.line(text);
          } catch (error) {
            error.message = `${file}:${i + 1}: ${text}\n${error.message}`;
            throw error;
          }
        }
      });
    }
  });
}
