// tests/vectors/signed.jsonl through sonde-edge.wasm: one call a row, and all
// submissions of a verifier at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newHost, statusName, table } from './lib/facts.mjs';
import { difference, runTable, submissionOf } from './lib/table.mjs';

const groups = table();

for (const group of groups) {
  test(`${group.setup.setup}: ${group.rows.length} cases`, () => {
    const { passed, failures } = runTable([group], newHost(), statusName);
    assert.equal(failures.length, 0, failures.join('\n'));
    assert.equal(passed, group.rows.length);
  });
}

test('many submissions in a crossing give the same verdicts', () => {
  for (const { setup, rows } of groups) {
    const sent = rows.filter((row) => row.call === 'verify');
    const verdicts = newHost().start(setup).verify(sent.map(submissionOf));
    const failures = sent.map((row, i) => difference(row, verdicts[i], statusName)).filter(Boolean);
    assert.equal(failures.length, 0, failures.join('\n'));
  }
});
