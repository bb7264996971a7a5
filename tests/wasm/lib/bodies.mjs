// The request bodies of a case of logs.txt or spans.txt, in both encodings.
import assert from 'node:assert/strict';
import { LAYOUT } from './facts.mjs';
import { Fill } from './fill.mjs';
import { Host } from './host.mjs';
import { spanLine } from './span.mjs';
import { Line } from './vector.mjs';

export const NOW = 1700000000123.25;

/** How each signal's records are written. */
const KINDS = {
  logs: { signal: LAYOUT.SIGNAL_LOGS, word: 'log', take: (fill, word, line) => fill.line(word, line) },
  spans: { signal: LAYOUT.SIGNAL_TRACES, word: 'span', take: spanLine },
};

function* parsed(lines) {
  for (const text of lines) {
    const line = new Line(text);
    yield [line.word(), line];
  }
}

function optionsOf({ lines }, encoding) {
  const options = { encoding };
  for (const [word, line] of parsed(lines)) if (word === 'option') options[line.word()] = line.number();
  return options;
}

function putResource(host, line, way) {
  const fill = new Fill(way);
  fill.entries(line.entries());
  fill.write(host, 0);
  assert.equal(host.wasm.wasm_resource(), 0);
}

function putKey(host, line, way) {
  const { text } = line.string();
  way.keys?.set(text, host.key(text));
}

function emitAll(host, { lines }, kind, way) {
  let fill;
  let scope = 0;
  const flush = () => {
    fill?.write(host, scope);
    if (fill) assert.ok(host.wasm.wasm_emit(kind.signal, NOW) >= 0);
    host.law();
    fill = undefined;
  };
  for (const [word, line] of parsed(lines)) {
    if (word === kind.word || word === 'scope') flush();
    if (word === kind.word) fill = new Fill(way);
    if (fill && kind.take(fill, word, line)) continue;
    if (word === 'key') putKey(host, line, way);
    if (word === 'scope') scope = host.scope(line.string().bytes, line.string().bytes);
    if (word === 'resource') putResource(host, line, way);
  }
  flush();
}

/** The body, and the counter of ill-formed runs. */
export function bodyOf(artefact, vector, encoding, way, records = 'logs') {
  const kind = KINDS[records];
  const host = new Host(artefact).start(optionsOf(vector, encoding), NOW);
  host.signal = kind.signal;
  emitAll(host, vector, kind, way.interned ? { ...way, keys: new Map() } : way);
  host.wasm.wasm_flush(kind.signal, NOW, 0);
  const action = host.next(NOW);
  assert.equal(action.type, 2);
  assert.equal(action.encoding, encoding);
  return { body: Buffer.from(action.body), replaced: host.stats().replaced };
}
