// Cases of records through a wasm file, in each of the ways in which a host may
// fill a record: always the same bytes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { bodyOf } from './bodies.mjs';
import { ARTEFACTS } from './facts.mjs';
import { IllFormed } from './fill.mjs';
import { cases } from './vector.mjs';

const WAYS = {
  bytes: { bytes: true },
  'UTF-16 units': { bytes: false },
  'interned keys, wide numbers': { bytes: false, interned: true, wide: true },
};

function compare(body, { lines }, name) {
  const found = lines.filter((line) => line.startsWith(name));
  if (found[0].startsWith(`${name}-sha256`)) {
    assert.equal(createHash('sha256').update(body).digest('hex'), found[0].split(' ')[1]);
  } else if (name === 'pb') {
    assert.equal(body.toString('hex'), found.map((line) => line.slice(3)).join(''));
  } else {
    assert.equal(body.toString(), found[0].slice(5));
  }
}

function check(artefact, vector, way, records) {
  const replaced = vector.lines.find((line) => line.startsWith('replaced'));
  for (const [encoding, name] of ['pb', 'json'].entries()) {
    const result = bodyOf(artefact, vector, encoding, way, records);
    compare(result.body, vector, name);
    assert.equal(result.replaced, Number(replaced?.split(' ')[1] ?? 0));
  }
}

/** Raw bytes that are no text can only be handed over as bytes. */
function tryWay(artefact, vector, way, records) {
  try {
    check(artefact, vector, way, records);
    return true;
  } catch (error) {
    if (error instanceof IllFormed && !way.bytes) return false;
    throw error;
  }
}

/** Tests for all cases of logs.txt or spans.txt. */
export function testCases(records) {
  for (const artefact of ARTEFACTS) {
    describe(`${records}, sonde-${artefact}.wasm`, () => {
      const all = cases(`${records}.txt`);
      test('there are cases', () => assert.ok(all.length > 40));
      for (const vector of all) {
        test(vector.name, () => {
          const tried = Object.values(WAYS).filter((way) => tryWay(artefact, vector, way, records));
          assert.ok(tried.length > 0);
        });
      }
    });
  }
}
