// Calls that no good host makes: each gets a status, nothing traps, and what
// follows works as ever.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ARTEFACTS, LAYOUT, OPTIONS, STATUS, exportsList } from './lib/facts.mjs';
import { Host, smallModule } from './lib/host.mjs';
import { mulberry } from './lib/random.mjs';

const NOW = 1700000000000;
const ODD = [0, -0, 1, -1, 0.5, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53,
  65535, 65536, 65537, 1e300, -1e300, NaN, Infinity, -Infinity, undefined, null, '7', {}, true];
const KNOWN = new Set(Object.values(STATUS));

/** Calls that take numbers, and how many. */
const CALLS = {
  wasm_resource: 0, wasm_key: 1, wasm_scope: 2, wasm_emit: 2, wasm_flush: 3, wasm_next: 2, wasm_done: 6,
  wasm_enable: 1, wasm_close: 1, wasm_abandon: 0, wasm_stats: 1, wasm_option: 2, wasm_start: 2,
  wasm_sampler: 1, wasm_sample: 2, wasm_extract: 2, wasm_meter: 6, wasm_series: 2, wasm_measure: 2,
  wasm_span: 2, wasm_collect: 1, wasm_scrape: 1, wasm_scraped: 0,
};

/** Pages parse no headers, compare digits to sample, and are not scraped. */
const EDGE = ['wasm_extract', 'wasm_sampler', 'wasm_sample', 'wasm_scrape', 'wasm_scraped'];
const callsOf = (artefact) => Object.entries(CALLS).filter(([name]) => artefact === 'edge' || !EDGE.includes(name));

function checkResult(name, result, args) {
  assert.ok(Number.isInteger(result) && (result >= 0 || KNOWN.has(result)),
    `${name}(${args.map(String)}) gave ${result}`);
}

/** A good record still gets through, alone. */
function checkUsable(host) {
  host.wasm.wasm_enable(NOW);
  host.wasm.wasm_abandon();
  assert.ok(host.log(NOW, 9, 'still there') >= 0);
  host.wasm.wasm_flush(0, NOW, 0);
  const { records, body } = host.next(NOW);
  assert.equal(records, 1);
  assert.match(Buffer.from(body).toString('latin1'), /still there/);
  host.law();
}

for (const artefact of ARTEFACTS) {
  describe(`hostile calls, sonde-${artefact}.wasm`, () => {
    test('every export is covered here', () => {
      const names = exportsList(artefact).filter((name) => name.startsWith('wasm_'));
      assert.deepEqual(names.sort(), callsOf(artefact).map(([name]) => name).sort());
    });

    test('before wasm_start', () => {
      const { wasm } = new Host(artefact);
      for (const [name, arity] of callsOf(artefact)) {
        if (name === 'wasm_option' || name === 'wasm_start') continue;
        for (const odd of ODD) {
          assert.equal(wasm[name](...Array(arity).fill(odd)), STATUS.BAD_ARGUMENT, name);
        }
      }
    });

    test('wasm_start and wasm_option a second time', () => {
      const host = new Host(artefact).start({}, NOW);
      assert.equal(host.wasm.wasm_start(NOW, 1), STATUS.BUSY);
      assert.equal(host.wasm.wasm_option(OPTIONS.encoding.id, 1), STATUS.BUSY);
      checkUsable(host);
    });

    test('wasm_start at odd times, with odd seeds', () => {
      for (const odd of ODD) {
        const host = new Host(artefact).start({}, odd, odd);
        checkUsable(host);
      }
    });

    test('options without a start between them, then a start', () => {
      const host = new Host(artefact);
      for (const id of ODD) {
        for (const value of ODD) checkResult('wasm_option', host.wasm.wasm_option(id, value), [id, value]);
      }
      for (const { id, value } of Object.values(OPTIONS)) host.wasm.wasm_option(id, value);
      host.start({}, NOW);
      checkUsable(host);
    });

    test('odd arguments at every place', () => {
      for (const [name, arity] of callsOf(artefact)) {
        const host = new Host(artefact).start({}, NOW);
        if (name === 'wasm_close') continue; // below: it ends all
        for (const odd of ODD) {
          for (let place = 0; place < Math.max(arity, 1); place++) {
            const args = Array(arity).fill(0);
            if (arity) args[place] = odd;
            checkResult(name, host.wasm[name](...args), args);
            const all = Array(arity).fill(odd);
            checkResult(name, host.wasm[name](...all), all);
            host.law();
          }
        }
        checkUsable(host);
      }
    });

    test('memory that cannot be had is a status; then less can be asked for', () => {
      const host = new Host(artefact, smallModule(artefact));
      const { memory, wasm_option: option, wasm_start: start } = host.wasm;
      for (const { id, most } of Object.values(OPTIONS)) option(id, most);
      const before = memory.buffer.byteLength;
      assert.equal(start(NOW, 1), STATUS.NO_MEMORY);
      assert.equal(memory.buffer.byteLength, before);
      for (const { id, value } of Object.values(OPTIONS)) option(id, value);
      host.start({}, NOW);
      checkUsable(host);
    });

    test('texts past the region', () => {
      const host = new Host(artefact).start({}, NOW);
      const size = host.text.length;
      for (const past of [size + 1, 2 ** 31, 2 ** 32 - 1, -1]) {
        assert.equal(host.wasm.wasm_key(past), STATUS.BAD_ARGUMENT);
        assert.equal(host.wasm.wasm_scope(past, 0), STATUS.BAD_ARGUMENT);
        assert.equal(host.wasm.wasm_scope(0, past), STATUS.BAD_ARGUMENT);
        assert.equal(host.wasm.wasm_scope(past, past), STATUS.BAD_ARGUMENT);
      }
      assert.equal(host.wasm.wasm_scope(size, 1), STATUS.BAD_ARGUMENT);
      assert.equal(host.wasm.wasm_scope(size / 2, size / 2), STATUS.TOO_LARGE);
      assert.equal(host.wasm.wasm_scope(506, size - 506), STATUS.TOO_LARGE);
      checkUsable(host);
    });

    test('after wasm_close', () => {
      const host = new Host(artefact).start({}, NOW);
      host.log(NOW, 9, 'before');
      assert.equal(host.wasm.wasm_close(NOW), 1);
      assert.equal(host.log(NOW, 9, 'after'), STATUS.CLOSED);
      assert.equal(host.wasm.wasm_enable(NOW), STATUS.CLOSED);
      const action = host.next(NOW);
      assert.equal(action.records, 1);
      assert.equal(host.done(NOW, action.id, 200), 0);
      assert.equal(host.next(NOW).type, LAYOUT.ACTION_IDLE);
      assert.equal(host.wasm.wasm_close(NOW), 0);
      assert.equal(host.wasm.wasm_abandon(), 0);
      assert.equal(host.law().state, LAYOUT.STATE_CLOSED);
      for (const odd of ODD) assert.equal(host.wasm.wasm_close(odd), 0);
    });

    test('random words and text', () => {
      const host = new Host(artefact).start({}, NOW);
      const random = mulberry(9);
      const extremes = [0, 1, 2, 3, 7, 8, 255, 256, 2048, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
      let refused = 0;
      for (let i = 0; i < 20000; i++) {
        for (let n = 0; n < 16; n++) host.words[n] = random(3) ? 0 : extremes[random(extremes.length)];
        host.words[0] = random(12);
        host.words[1] = random(40);
        for (let n = 0; n < 48; n++) {
          const bits = random(4) ? random(10) : extremes[random(extremes.length)];
          host.words[16 + n] = bits;
        }
        for (let n = 0; n < 40; n++) host.text[n] = random(3) ? 0x61 : random(256);
        const result = host.wasm.wasm_emit(0, NOW + i);
        checkResult('wasm_emit', result, []);
        refused += Number(result < 0);
        if (i % 100 === 0) host.law();
      }
      assert.ok(refused > 1000);
      checkUsable(host);
    });

  });
}
