// Doubles as the JSON bodies have them, against JSON.stringify.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ARTEFACTS, LAYOUT } from './lib/facts.mjs';
import { Host } from './lib/host.mjs';
import { mulberry } from './lib/random.mjs';

const NOW = 1700000000000;
const COUNT = 2000;

/** The texts of up to 2,000 doubles, in one record. */
function write(host, values) {
  const nodes = new Uint32Array(4 * (values.length + 1));
  for (const [i, value] of values.entries()) {
    nodes[4 * i] = LAYOUT.TYPE_DOUBLE;
    nodes.set(new Uint32Array(Float64Array.of(value).buffer), 4 * i + 2);
  }
  nodes.set([LAYOUT.TYPE_ARRAY, 1, values.length, 0], 4 * values.length);
  const header = new Uint32Array(LAYOUT.HEADER_WORDS);
  header.set([values.length + 1, 1, LAYOUT.FLAG_BYTES, 9]);
  host.record(header, nodes, Uint8Array.of(0x6B));
  assert.ok(host.wasm.wasm_emit(0, NOW) >= 0);
  host.wasm.wasm_flush(0, NOW, 0);
  const action = host.next(NOW);
  assert.equal(host.done(NOW, action.id, 200), 0);
  return [...Buffer.from(action.body).toString().matchAll(/"doubleValue":([^}]*)/g)].map(([, text]) => text);
}

function check(artefact, values) {
  const host = new Host(artefact).start({ encoding: 1 }, NOW);
  for (let at = 0; at < values.length; at += COUNT) {
    const part = values.slice(at, at + COUNT);
    const texts = write(host, part);
    const wrong = part.findIndex((value, i) => texts[i] !== expected(value));
    assert.equal(wrong, -1, `${part[wrong]} is ${texts[wrong]}`);
  }
}

/** JSON.stringify loses the sign of zero; OTLP has text for what is no number. */
function expected(value) {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? JSON.stringify(value) : JSON.stringify(String(value));
}

function randomBits(count) {
  const random = mulberry(3);
  return Array.from({ length: count }, () => {
    const words = Uint32Array.of(random(2 ** 32), random(2 ** 32));
    return new Float64Array(words.buffer)[0];
  }).filter((value) => !Number.isNaN(value));
}

/** What people log: few decimals, thousandths, large whole numbers. */
function everyday(count) {
  const random = mulberry(4);
  return Array.from({ length: count }, (_, i) => {
    const digits = random(2 ** 32) * (i % 3 ? 1 : 2 ** 21);
    return digits / 10 ** random(12) * (random(2) ? 1 : -1);
  });
}

function edges() {
  const out = [0, -0, NaN, Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE, Number.EPSILON];
  for (let e = -1074; e < 1024; e++) {
    const value = 2 ** e;
    out.push(value, value * (1 + Number.EPSILON), value * (1 - Number.EPSILON / 2));
  }
  for (let e = -323; e < 309; e++) {
    out.push(Number(`1e${e}`), Number(`-9.5e${e - 1}`), Number(`9007199254740993e${Math.min(e, 292)}`));
  }
  return out;
}

for (const artefact of ARTEFACTS) {
  describe(`doubles, sonde-${artefact}.wasm`, () => {
    test('powers and their neighbours', () => check(artefact, edges()));
    test('100,000 random patterns of bits', () => check(artefact, randomBits(100000)));
    test('30,000 of the kind people log', () => check(artefact, everyday(30000)));
  });
}
