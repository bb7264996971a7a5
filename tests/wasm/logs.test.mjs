// tests/vectors/logs.txt through the wasm files, in each of the ways in which a
// host may fill a record: always the same bytes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { ARTEFACTS } from './lib/facts.mjs';
import { Fill, IllFormed } from './lib/fill.mjs';
import { Host } from './lib/host.mjs';
import { Line, cases } from './lib/vector.mjs';

const NOW = 1700000000123.25;

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

function run(host, { lines }, way) {
  let fill;
  let scope = 0;
  const flush = () => {
    if (!fill) return;
    fill.write(host, scope);
    assert.ok(host.wasm.wasm_emit(NOW) >= 0);
    host.law();
    fill = undefined;
  };
  for (const [word, line] of parsed(lines)) {
    if (word === 'log' || word === 'scope') flush();
    if (word === 'log') fill = new Fill(way);
    if (fill?.line(word, line)) continue;
    if (word === 'key' && way.keys) {
      const { text } = line.string();
      way.keys.set(text, host.key(text));
    } else if (word === 'scope') {
      scope = host.scope(line.string().bytes, line.string().bytes);
      assert.ok(scope >= 0);
    } else if (word === 'resource') {
      const resource = new Fill(way);
      resource.entries(line.entries());
      resource.write(host, 0);
      assert.equal(host.wasm.wasm_resource(), 0);
    }
  }
  flush();
}

function compare(body, { lines }, name) {
  const found = lines.filter((line) => line.startsWith(name));
  if (found[0].startsWith(`${name}-sha256`)) {
    assert.equal(createHash('sha256').update(body).digest('hex'), found[0].split(' ')[1]);
  } else if (name === 'pb') {
    assert.equal(Buffer.from(body).toString('hex'), found.map((line) => line.slice(3)).join(''));
  } else {
    assert.equal(Buffer.from(body).toString(), found[0].slice(5));
  }
}

function check(artefact, vector, way) {
  for (const [encoding, name] of ['pb', 'json'].entries()) {
    const host = new Host(artefact).start(optionsOf(vector, encoding), NOW);
    try {
      run(host, vector, way.interned ? { ...way, keys: new Map() } : way);
    } catch (error) {
      if (error instanceof IllFormed) return false;
      throw error;
    }
    host.wasm.wasm_flush(NOW, 0);
    const action = host.next(NOW);
    assert.equal(action.type, 2);
    assert.equal(action.encoding, encoding);
    compare(action.body, vector, name);
    const replaced = vector.lines.find((line) => line.startsWith('replaced'));
    assert.equal(host.stats().replaced, Number(replaced?.split(' ')[1] ?? 0));
  }
  return true;
}

const WAYS = {
  bytes: { bytes: true },
  'UTF-16 units': { bytes: false },
  'interned keys, wide numbers': { bytes: false, interned: true, wide: true },
};

for (const artefact of ARTEFACTS) {
  describe(`logs, sonde-${artefact}.wasm`, () => {
    const all = cases('logs.txt');
    test('there are cases', () => assert.ok(all.length > 40));
    for (const vector of all) {
      test(vector.name, () => {
        const done = Object.values(WAYS).filter((way) => check(artefact, vector, way));
        assert.ok(done.length >= 1);
      });
    }
  });
}
