// Measures the boundary; runs in Node and in a page alike.
import { measure, consumed } from '../lib/rounds.mjs';
import { NODES, TEXTS, WALK, compile } from './methods.mjs';
import { records } from './records.mjs';
import { TEXT, instantiate } from './wasm.mjs';

const NOW = 1_795_000_000_000;
const INSIDE = 'f64 in 16-byte nodes';
const JOIN = 'join (+=), encodeInto';

/** All ways to write text with one node layout, and the joins with the other. */
function methods() {
  const list = Object.keys(TEXTS)
    .filter((text) => text !== WALK.text)
    .map((text) => ({ text, nodes: INSIDE }));
  const separate = Object.keys(NODES).find((it) => it.startsWith('separate'));
  return [...list, { text: JOIN, nodes: separate }, WALK];
}

function combinations() {
  const list = [];
  for (const attributes of [12, 6])
    for (const text of ['ascii', 'mixed'])
      for (const keys of ['id', 'text'])
        for (const method of methods())
          list.push({ attributes, data: text, keys, method });
  return list;
}

/** The bytes that a way leaves in the text region, and what its call says. */
function trace(memory, emit, item) {
  memory.fill(0);
  return `${emit(item, NOW)} ${memory.join(' ')}`;
}

/** Every way must bring the same text: compares it with the joined one. */
function verify(wasm, emit, kind, items) {
  if (kind.method.text.match(/UTF-16|hybrid|nothing/)) return;
  const reference = compile(wasm, { ...kind.method, text: JOIN, keys: kind.keys });
  const memory = new Uint8Array(wasm.memory.buffer, TEXT, 4096);
  for (const item of items)
    if (trace(memory, emit, item) !== trace(memory, reference, item))
      throw new Error(`${kind.method.text}: differs from ${JOIN}`);
}

function makeCase(wasm, kind) {
  const items = records(kind.attributes, kind.data === 'mixed');
  const emit = compile(wasm, { ...kind.method, keys: kind.keys });
  verify(wasm, emit, kind, items);
  const run = (repeat) => {
    let sum = 0;
    for (let i = 0; i < repeat; i++)
      for (const item of items) sum += emit(item, NOW + i);
    return sum;
  };
  return { run, items: items.length };
}

/** @returns {Promise<object[]>} a row for each combination */
export async function run(options) {
  const kinds = combinations();
  const wasm = await instantiate();
  const cases = kinds.map((kind) => makeCase(wasm, kind));
  const times = await measure(cases, options);
  if (!(consumed() > 0)) throw new Error('nothing was measured');
  return kinds.map((kind, i) => ({
    attributes: kind.attributes,
    data: kind.data,
    keys: kind.keys,
    text: kind.method.text,
    nodes: kind.method.nodes,
    ns: times[i].ns,
    spread: times[i].spread,
  }));
}
