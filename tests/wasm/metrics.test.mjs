// tests/vectors/metrics.txt through the wasm files: the same bytes in each of
// the ways in which a host may fill attributes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ARTEFACTS } from './lib/facts.mjs';
import { IllFormed } from './lib/fill.mjs';
import { expectedBodies, metricBodies } from './lib/metrics.mjs';
import { cases } from './lib/vector.mjs';

const WAYS = { bytes: { bytes: true }, 'UTF-16 units': { bytes: false }, 'wide numbers': { bytes: false, wide: true } };

/** Raw bytes that are no text can only be handed over as bytes. */
function bodies(artefact, vector, encoding, way) {
  try {
    return metricBodies(artefact, vector, encoding, way);
  } catch (error) {
    if (error instanceof IllFormed && !way.bytes) return undefined;
    throw error;
  }
}

for (const artefact of ARTEFACTS) {
  describe(`metrics, sonde-${artefact}.wasm`, () => {
    const all = cases('metrics.txt');
    test('there are cases', () => assert.ok(all.length > 50));
    for (const vector of all) {
      test(vector.name, () => {
        const want = expectedBodies(vector);
        for (const way of Object.values(WAYS)) {
          const protobuf = bodies(artefact, vector, 0, way);
          if (!protobuf) continue;
          assert.deepEqual(protobuf.map((body) => body?.toString('hex')), want.map((one) => one?.pb));
          const json = bodies(artefact, vector, 1, way);
          assert.deepEqual(json.map((body) => body?.toString()), want.map((one) => one?.json));
        }
      });
    }
  });
}
