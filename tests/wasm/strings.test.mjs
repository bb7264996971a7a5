// Strings as the JSON bodies have them, against JSON.stringify.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ARTEFACTS, LAYOUT } from './lib/facts.mjs';
import { Fill } from './lib/fill.mjs';
import { Host } from './lib/host.mjs';
import { mulberry } from './lib/random.mjs';

const NOW = 1700000000000;
const encoder = new TextEncoder();
const SOME = ['"', '\\', '/', '\n', '\r', '\t', '\b', '\f', '\0', '\x1F', '\x7F', 'a', ' ', 'é', 'ß', '\u07FF', '\u0800',
  '€', '\u2028', '\u2029', '\uFEFF', '\uFFFD', '\uFFFF', '😀', '\u{10FFFF}', '<', '&', '\u0301'];

const typed = (text) => ({ type: 'STRING', text: { text, bytes: encoder.encode(text) } });

function check(host, strings, bytes) {
  const fill = new Fill({ bytes });
  fill.header[LAYOUT.HEADER_SEVERITY] = 9;
  fill.value(undefined, { type: 'ARRAY', values: strings.map(typed) });
  fill.write(host, 0);
  assert.ok(host.wasm.wasm_emit(0, NOW) >= 0);
  host.wasm.wasm_flush(0, NOW, 0);
  const { id, body } = host.next(NOW);
  assert.equal(host.done(NOW, id, 200), 0);
  const values = strings.map((text) => `{"stringValue":${JSON.stringify(text)}}`).join(',');
  assert.ok(Buffer.from(body).toString().includes(`{"values":[${values}]}`), JSON.stringify(strings));
}

for (const artefact of ARTEFACTS) {
  describe(`strings, sonde-${artefact}.wasm`, () => {
    test('every character', () => {
      const host = new Host(artefact).start({ encoding: 1 }, NOW);
      for (let from = 0; from < 0x110000; from += 0x400) {
        if (from >= 0xD800 && from < 0xE000) continue;
        const codes = Array.from({ length: 0x400 }, (_, i) => from + i);
        check(host, [String.fromCodePoint(...codes)], from % 0x800 === 0);
      }
      assert.equal(host.stats().replaced, 0);
    });

    test('random strings', () => {
      const host = new Host(artefact).start({ encoding: 1 }, NOW);
      const random = mulberry(6);
      const string = () => Array.from({ length: random(20) }, () => SOME[random(SOME.length)]).join('');
      for (let i = 0; i < 1000; i++) check(host, Array.from({ length: random(20) + 1 }, string), i % 2 === 0);
    });
  });
}
