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
  dropped: LAYOUT.HEADER_DROPPED,
};
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

function parse({ lines }) {
  const c = { header: {}, nodes: [], text: Buffer.alloc(0), options: {}, status: '' };
  for (const text of lines) {
    const line = new Line(text);
    switch (line.word()) {
      case 'header': headerLine(line, c.header); break;
      case 'node': c.nodes.push(nodeLine(line)); break;
      case 'text': c.text = textLine(line); break;
      case 'option': c.options[line.word()] = line.number(); break;
      case 'nested': c.nodes = nested(line.number()); c.text = one; break;
      case 'many': c.nodes = many(line.number()); c.text = one; break;
      case 'status': c.status = line.word(); break;
      default: throw new Error(text);
    }
  }
  return c;
}

function run(artefact, vector) {
  const c = parse(vector);
  const host = new Host(artefact).start(c.options, NOW);
  assert.equal(host.scope('scope', '1'), 1);
  assert.equal(host.key('known'), 1);
  assert.equal(host.key('größe'), 2);
  host.text.fill(0);
  host.words.fill(0);
  const header = new Uint32Array(LAYOUT.HEADER_WORDS);
  header[LAYOUT.HEADER_NODES] = c.nodes.length;
  header[LAYOUT.HEADER_TEXT] = c.text.length;
  for (const [word, value] of Object.entries(c.header)) header[word] = value;
  host.record(header, c.nodes.flat(), c.text.subarray(0, host.text.length));
  assert.equal(host.wasm.wasm_emit(0, NOW), RESULTS[c.status]);
  const refused = RESULTS[c.status] < 0 && c.status !== 'BAD_CUT';
  assert.equal(host.law().refused, Number(refused));
  checkFollower(host, RESULTS[c.status] >= 0);
}

/** A good record behind it is all that a new request holds. */
function checkFollower(host, accepted) {
  assert.equal(host.law().queued, Number(accepted));
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
