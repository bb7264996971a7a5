// tests/vectors/boundary.txt: raw host records and the status that each gets.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ARTEFACTS, LAYOUT, OPTIONS, STATUS } from './lib/facts.mjs';
import { Host } from './lib/host.mjs';
import { Line, cases } from './lib/vector.mjs';

const NOW = 1700000000000;
const RESULTS = { QUEUED: 0, DUE: 1, DROPPED: 2, ...STATUS };
const HEADERS = {
  nodes: LAYOUT.HEADER_NODES, text: LAYOUT.HEADER_TEXT, flags: LAYOUT.HEADER_FLAGS,
  severity: LAYOUT.HEADER_SEVERITY, time0: LAYOUT.HEADER_TIME, time1: LAYOUT.HEADER_TIME + 1,
  observed0: LAYOUT.HEADER_OBSERVED, observed1: LAYOUT.HEADER_OBSERVED + 1,
  scope: LAYOUT.HEADER_SCOPE, severity_text: LAYOUT.HEADER_SEVERITY_TEXT,
  event_name: LAYOUT.HEADER_EVENT_NAME, trace_flags: LAYOUT.HEADER_TRACE_FLAGS,
  dropped: LAYOUT.HEADER_DROPPED, kind: LAYOUT.HEADER_KIND,
  start0: LAYOUT.HEADER_START, start1: LAYOUT.HEADER_START + 1,
  end0: LAYOUT.HEADER_END, end1: LAYOUT.HEADER_END + 1,
  name: LAYOUT.HEADER_NAME, status_message: LAYOUT.HEADER_STATUS_MESSAGE,
  trace_state: LAYOUT.HEADER_TRACE_STATE,
  dropped_events: LAYOUT.HEADER_DROPPED_EVENTS, dropped_links: LAYOUT.HEADER_DROPPED_LINKS,
};
const CALLS = ['signal', 'series', 'meter', 'measure', 'span'];
const one = Uint8Array.of(0x6B); // k

function headerLine(line, header) {
  while (!line.atEnd()) {
    const name = line.word();
    line.need(/=/);
    const value = line.word();
    header[HEADERS[name]] = LAYOUT[`FLAG_${value}`] ?? Number(value);
  }
}

function nodeLine(line) {
  const type = line.word();
  const node = new Uint32Array(4);
  let at = 2;
  node[0] = LAYOUT[`TYPE_${type}`] ?? Number(type);
  while (!line.atEnd()) {
    const word = line.word();
    if (!line.take(/=/)) node[at++] = Number(word);
    else if (word === 'id') node[0] |= line.number() << LAYOUT.KEY_SHIFT;
    else if (word === 'key') node[1] = line.number();
    else if (word === 'children') node[0] |= line.number() << LAYOUT.COUNT_SHIFT;
    else node.set(new Uint32Array(Float64Array.of(Number(line.need(/\S+/))).buffer), 2);
  }
  return [...node];
}

function textLine(line) {
  const { bytes } = line.string();
  const fill = line.take(/fill=/) ? line.number() : 0;
  return Buffer.concat([bytes, Buffer.alloc(fill, 'x')]);
}

const nested = (depth) => [[LAYOUT.TYPE_NULL, 0, 0, 0],
  ...Array.from({ length: depth }, (_, i) => [LAYOUT.TYPE_ARRAY, Number(i + 1 === depth), 1, 0])];
const many = (count) => [...Array.from({ length: count }, () => [LAYOUT.TYPE_DOUBLE, 0, 0, 0]),
  [LAYOUT.TYPE_ARRAY, 1, count, 0]];

function numbersOf(line) {
  const numbers = [];
  while (!line.atEnd()) numbers.push(line.number());
  return numbers;
}

function parse({ lines }) {
  const c = { call: 'signal', numbers: [0], header: {}, nodes: [], bounds: [], text: Buffer.alloc(0), options: {} };
  for (const text of lines) {
    const line = new Line(text);
    const word = line.word();
    switch (word) {
      case 'header': headerLine(line, c.header); break;
      case 'node': c.nodes.push(nodeLine(line)); break;
      case 'text': c.text = textLine(line); break;
      case 'option': c.options[line.word()] = line.number(); break;
      case 'nested': c.nodes = nested(line.number()); c.text = one; break;
      case 'many': c.nodes = many(line.number()); c.text = one; break;
      case 'bound': c.bounds.push(Number(line.need(/\S+/))); break;
      case 'wasm': break;
      case 'status': c.status = line.word(); break;
      default:
        assert.ok(CALLS.includes(word), text);
        c.call = word;
        c.numbers = numbersOf(line);
    }
  }
  return c;
}

function call({ wasm }, c) {
  const [first, second, ...more] = c.numbers;
  switch (c.call) {
    case 'series': return wasm.wasm_series(NOW, first);
    case 'measure': return wasm.wasm_measure(first, second);
    case 'span': return wasm.wasm_span(NOW, 1);
    case 'meter': {
      const [description, unit, bounds = c.bounds.length] = more;
      return wasm.wasm_meter(NOW, first, second, description, unit, bounds);
    }
    default: return wasm.wasm_emit(first, NOW);
  }
}

function open(artefact, options) {
  const host = new Host(artefact).start(options, NOW);
  assert.equal(host.scope('scope', '1'), 1);
  assert.equal(host.key('known'), 1);
  assert.equal(host.key('größe'), 2);
  assert.equal(host.wasm.wasm_meter(NOW, 0, host.put('made')[0], 0, 0, 0), 0);
  host.text.fill(0);
  host.words.fill(0);
  return host;
}

function checkResult(want, result) {
  if (want === 'HANDLE') assert.ok(result >= 0, String(result));
  else assert.equal(result, RESULTS[want] ?? Number(want));
}

function run(artefact, vector) {
  const c = parse(vector);
  const host = open(artefact, c.options);
  const header = new Uint32Array(LAYOUT.HEADER_WORDS);
  header[LAYOUT.HEADER_NODES] = c.nodes.length;
  header[LAYOUT.HEADER_TEXT] = c.text.length;
  for (const [word, value] of Object.entries(c.header)) header[word] = value;
  const bounds = new Uint32Array(Float64Array.from(c.bounds).buffer);
  host.record(header, c.bounds.length > 0 ? bounds : c.nodes.flat(), c.text.subarray(0, host.text.length));
  checkResult(c.status, call(host, c));
  if (c.call === 'signal' && c.numbers[0] <= LAYOUT.SIGNAL_TRACES) checkLedger(host, c);
  checkFollower(host);
}

function checkLedger(host, { numbers, status }) {
  host.signal = numbers[0];
  const refused = RESULTS[status] < 0 && status !== 'BAD_CUT';
  assert.equal(host.law().refused, Number(refused));
  assert.equal(host.law().queued, Number(RESULTS[status] >= 0));
}

/** A good record behind it is all that a new request holds. */
function checkFollower(host) {
  host.signal = LAYOUT.SIGNAL_LOGS;
  host.wasm.wasm_abandon();
  assert.ok(host.log(NOW, 9, 'next') >= 0);
  host.wasm.wasm_flush(0, NOW, 0);
  const { records, body } = host.next(NOW);
  assert.equal(records, 1);
  assert.equal(Buffer.from(body).toString('hex'),
    '0a2a0a0012260a0012220900002a36fe9c971710091a04494e464f2a060a046e6578745900002a36fe9c9717');
}

for (const artefact of ARTEFACTS) {
  describe(`boundary, sonde-${artefact}.wasm`, () => {
    test('options are known', () => assert.ok(Object.keys(OPTIONS).length >= 14));
    for (const vector of cases('boundary.txt')) test(vector.name, () => run(artefact, vector));
  });
}
