// What the modules are made of: exports, imports, memory.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ARTEFACTS, LAYOUT, OPTIONS, STATUS, exportsList, wasmBytes } from './lib/facts.mjs';
import { Host } from './lib/host.mjs';
import { mulberry } from './lib/random.mjs';

const MIB = 1 << 20;
const NOW = 1700000000000;
const least = { max_queue_records: 1, max_queue_bytes: 16384 };

/** Does whatever a host can do, and nothing must grow. */
function useAll(host) {
  const random = mulberry(5);
  let now = NOW;
  for (let i = 0; i < 10000; i++) {
    now += random(200);
    switch (random(12)) {
      case 0: host.wasm.wasm_flush(0, now, random(2) * 60000); break;
      case 1: host.wasm.wasm_done(0, now, host.next(now).id, [200, 503, 413, 400, 401, -1][random(6)], -1, 0); break;
      case 2: host.wasm.wasm_enable(now); break;
      case 3: host.key(`key.${i}`); break;
      case 4: host.scope(`scope.${i}`, '1'); break;
      case 5: host.log(now, 1 + random(24), 'x'.repeat(random(60000))); break;
      default: host.log(now, 1 + random(24), 'x'.repeat(random(300)));
    }
    host.law();
  }
}

for (const artefact of ARTEFACTS) {
  describe(`module, sonde-${artefact}.wasm`, () => {
    const module = new WebAssembly.Module(wasmBytes(artefact));

    test('exports are those of the list, and memory', () => {
      const names = WebAssembly.Module.exports(module).map(({ name }) => name);
      assert.deepEqual(names.sort(), [...exportsList(artefact), 'memory'].sort());
    });

    test('there are no imports', () => assert.deepEqual(WebAssembly.Module.imports(module), []));

    test('there is no start function: an instance does nothing by itself', () => {
      const host = new Host(artefact);
      assert.equal(host.wasm.wasm_next(0, NOW), STATUS.BAD_ARGUMENT);
    });

    test('memory does not grow after wasm_start, and views stay', () => {
      const host = new Host(artefact).start({}, NOW);
      const before = host.wasm.memory.buffer;
      useAll(host);
      assert.equal(host.wasm.memory.buffer, before);
      assert.ok(host.text.byteLength > 0);
    });

    test('memory is as large as the options ask for', () => {
      const size = (options) => new Host(artefact).start(options).buffer.byteLength;
      const usual = size({});
      assert.ok(usual <= 2 * MIB, `${usual} bytes by default`);
      assert.ok(usual - size(least) <= MIB, 'the queue takes more than 1 MiB');
      assert.ok(size({ max_queue_bytes: 8 * MIB }) > 8 * MIB);
      const most = Object.fromEntries(Object.entries(OPTIONS).map(([name, { most: value }]) => [name, value]));
      assert.ok(size(most) < 128 * MIB, 'the largest options that are legal fit');
    });

    test('1,024 records of a usual size are held at once', () => {
      const host = new Host(artefact).start({}, NOW);
      for (let i = 0; i < 1024; i++) host.log(NOW, 9, 'x'.repeat(700));
      assert.equal(host.law().queued, 1024);
      assert.equal(host.buffer.byteLength <= 2 * MIB, true);
    });

    test('two instances know nothing of each other', () => {
      const [a, b] = [new Host(artefact).start({ encoding: 1 }, NOW), new Host(artefact).start({}, NOW)];
      a.log(NOW, 17, 'for a');
      assert.equal(a.key('only.a'), 1);
      assert.equal(b.key('only.b'), 1);
      assert.equal(b.stats().accepted, 0);
      assert.equal(b.next(NOW).type, LAYOUT.ACTION_IDLE);
      b.log(NOW, 17, 'for b');
      const [fromA, fromB] = [a.next(NOW), b.next(NOW)];
      assert.match(Buffer.from(fromA.body).toString(), /for a/);
      assert.doesNotMatch(Buffer.from(fromA.body).toString(), /for b/);
      assert.match(Buffer.from(fromB.body).toString('latin1'), /for b/);
      assert.deepEqual([fromA.encoding, fromB.encoding], [1, 0]);
      a.wasm.wasm_close(NOW);
      assert.equal(b.log(NOW, 9, 'still open'), LAYOUT.EMIT_QUEUED);
    });

    test('options: defaults and ranges', () => {
      for (const [name, { id, value, least: low, most }] of Object.entries(OPTIONS)) {
        const { wasm } = new Host(artefact);
        for (const good of [value, low, most]) assert.equal(wasm.wasm_option(id, good), 0, name);
        for (const bad of [low - 1, most + 1, low + 0.5, NaN, Infinity, -Infinity, 2 ** 32 + value]) {
          assert.equal(wasm.wasm_option(id, bad), STATUS.BAD_OPTION, `${name} ${bad}`);
        }
      }
    });
  });
}
