// Compares what a host answered with what the table wants.
import assert from 'node:assert/strict';
import { SECRETS } from './host-table.mjs';

/** As JSON has it: a worker's answer comes so. */
const plain = (value) => JSON.parse(JSON.stringify(value));

/** Those members of `value` that `part` has. */
const members = (value, part) => Object.fromEntries(Object.keys(part).map((key) => [key, value[key]]));

function compareOne(got, want, what) {
  if (want.error !== undefined) {
    assert.match(got.error ?? 'no error', RegExp(want.error), what);
    for (const secret of SECRETS) assert.ok(!got.error.includes(secret), `${what}: the error shows a secret`);
    return;
  }
  assert.equal(got.error, undefined, what);
  if (want.messages) assert.deepEqual(got.result.map(({ message }) => message), want.messages, what);
  else if (want.part) assert.deepEqual(members(plain(got.result), plain(want.part)), plain(want.part), what);
  else assert.deepEqual(plain(got.result), plain(want.result), what);
}

/** @param {{calls: any[], want: any[]}} row @param {{result?: any, error?: string}[]} got */
export function compareRow({ calls, want }, got) {
  assert.equal(got.length, want.length);
  want.forEach((it, i) => compareOne(got[i], it, `${i}: ${JSON.stringify(calls[i]).slice(0, 200)}`));
}
