// Random requests through sonde-edge.wasm, compared with protobufjs, with the
// official Python package, and with themselves after further ways there and back.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { createTranscoder, OtlpError } from '../../dist/edge/otlp.js';
import { requestOf, respelt } from './lib/generate.mjs';
import { decode, encode, normal } from './lib/oracle.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const module = new WebAssembly.Module(readFileSync(path('../../dist/edge/sonde-edge.wasm')));
const sonde = createTranscoder({ module, maxInput: 1 << 18 });
const python = process.env.SONDE_PYTHON;
const noPython = !python && process.env.CI !== 'true' && 'SONDE_PYTHON is not set: run it through ./dev test';
const SIGNALS = /** @type {const} */ (['logs', 'traces', 'metrics']);
const textOf = (bytes) => Buffer.from(bytes).toString();
/** JSON.stringify writes -0 as 0. */
const json = (value) => respelt(value, []);

/**
 * A list of bytes makes a request; a failing one is made simpler.
 *
 * @param {{ runs: number, seed: number, longest?: number }} how
 * @param {(list: number[]) => void} property
 */
function forAll({ runs, seed, longest = 300 }, property) {
  const lists = fc.array(fc.nat({ max: 255 }), { maxLength: longest, size: 'max' });
  fc.assert(fc.property(lists, property), { numRuns: runs, seed });
}

for (const signal of SIGNALS) {
  describe(signal, () => {
    test('JSON to protobuf, as protobufjs reads it', () => forAll({ runs: 300, seed: 1 }, (list) => {
      const request = requestOf(signal, list);
      const { body, signal: told } = sonde.transcode(json(request), { to: 'protobuf' });
      assert.equal(told, signal);
      assert.deepEqual(normal(decode(signal, body)), normal(request));
    }));

    test('protobuf that protobufjs wrote to JSON', () => forAll({ runs: 300, seed: 2 }, (list) => {
      const request = requestOf(signal, list);
      const { body } = sonde.transcode(encode(signal, request), { signal, to: 'json' });
      assert.deepEqual(JSON.parse(textOf(body)), normal(request));
    }));

    test('other spellings mean the same', () => forAll({ runs: 300, seed: 3 }, (list) => {
      const request = requestOf(signal, list);
      const text = respelt(request, list.toReversed());
      JSON.parse(text); // the generator writes JSON
      const { body } = sonde.transcode(text, { to: 'json' });
      assert.deepEqual(JSON.parse(textOf(body)), normal(request));
    }));

    test('there and back, again and again', () => forAll({ runs: 200, seed: 4 }, (list) => {
      const first = sonde.transcode(json(requestOf(signal, list)), { signal, to: 'protobuf' }).body;
      const ordered = sonde.transcode(first, { signal, to: 'protobuf' }).body;
      const text = sonde.transcode(ordered, { signal, to: 'json' }).body;
      const back = sonde.transcode(sonde.transcode(text, { to: 'json' }).body, { signal, to: 'protobuf' }).body;
      assert.deepEqual(sonde.transcode(back, { signal, to: 'protobuf' }).body, ordered);
      assert.equal(sonde.check(text).size, sonde.transcode(text).body.length);
    }));

    test('cut anywhere it is refused, and so is what is told', () => forAll({ runs: 12, seed: 5, longest: 60 }, (list) => {
      const bytes = Buffer.from(json(requestOf(signal, list)));
      for (let size = 0; size < bytes.length; size++) {
        assert.throws(() => sonde.check(bytes.subarray(0, size), { signal, from: 'json' }),
          (error) => error instanceof OtlpError && error.code === 'BAD_INPUT' && error.offset <= size && error.what !== '');
      }
    }));

    test('with any byte changed it is refused, or reads back', () => forAll({ runs: 12, seed: 6, longest: 60 }, (list) => {
      const request = requestOf(signal, list);
      for (const from of /** @type {const} */ (['json', 'protobuf'])) {
        const bytes = from === 'json' ? Buffer.from(json(request)) : Buffer.from(encode(signal, request));
        for (let at = 0; at < bytes.length; at++) {
          const was = bytes[at];
          for (const other of [was ^ 1, was ^ 0x80, 0, 255]) {
            bytes[at] = other;
            try {
              const { body } = sonde.transcode(bytes, { signal, from, to: 'protobuf' });
              decode(signal, body);
            } catch (error) {
              if (!(error instanceof OtlpError)) throw error;
            }
          }
          bytes[at] = was;
        }
      }
    }));
  });
}

test('Python reads what we write, in both encodings, as the same', { skip: noPython }, () => {
  const lines = [];
  forAll({ runs: 150, seed: 7 }, (list) => {
    for (const signal of SIGNALS) {
      const request = json(requestOf(signal, list));
      const protobuf = Buffer.from(sonde.transcode(request, { signal, to: 'protobuf' }).body).toString('base64');
      lines.push(JSON.stringify({ name: JSON.stringify(list), signal, protobuf, json: textOf(sonde.transcode(request, { signal, to: 'json' }).body) }));
    }
  });
  const { status, stdout, stderr } = spawnSync(python ?? 'python3', [path('../oracle/decode.py')], { input: `${lines.join('\n')}\n`, encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(status, 0, stderr);
  assert.match(stdout, new RegExp(`^${lines.length} bodies agree$`, 'm'));
});
