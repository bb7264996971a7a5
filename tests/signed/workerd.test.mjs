// The JavaScript host of signed identity in workerd, which compiles no bytes:
// the same tables as in Node, and the same bytes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createVerifier } from '../../dist/edge/signed.js';
import { startWorkerd } from '../lib/workerd.mjs';
import { OPTIONS, STATUS, table } from './lib/facts.mjs';
import { compareRow } from './lib/compare.mjs';
import { runTable } from './lib/runner.mjs';
import { TABLE } from './lib/host-table.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const WASM = path('../../dist/edge/sonde-edge.wasm');
const MODULES = {
  'worker.mjs': path('lib/worker.mjs'),
  'runner.mjs': path('lib/runner.mjs'),
  'signed.js': path('../../dist/edge/signed.js'),
  'sonde-edge.wasm': WASM,
};

let workerd;
before(async () => { workerd = await startWorkerd(MODULES); });
after(() => workerd?.close());

/** What the worker answers to a table. */
async function answers(rows) {
  const asked = rows.map(({ options, random, calls }) => ({ options, random, calls }));
  const response = await fetch(workerd.origin, { method: 'POST', body: JSON.stringify(asked) });
  assert.equal(response.status, 200, 'the worker answers');
  return response.json();
}

test('each row in workerd', async (t) => {
  const all = await answers(TABLE);
  assert.equal(all.length, TABLE.length);
  for (const [i, row] of TABLE.entries()) await t.test(row.name, () => compareRow(row, all[i]));
});

test('the same bytes as in Node', async () => {
  const module = new WebAssembly.Module(readFileSync(WASM));
  const lines = TABLE.filter(({ calls }) => calls.some(([method]) => method === 'verify')).map((row) => ({
    ...row, calls: row.calls.map(([method, ...given]) => [method === 'verify' ? 'verifyLine' : method, ...given]),
  }));
  const mine = JSON.parse(JSON.stringify(runTable(createVerifier, module, lines)));
  assert.deepEqual(await answers(lines), mine);
});

test('tests/vectors/signed.jsonl, to the byte', async (t) => {
  const files = ['table-worker.mjs', 'host.mjs', 'table.mjs'].map((name) => [name, path(`lib/${name}`)]);
  const other = await startWorkerd({ ...Object.fromEntries(files), 'sonde-edge.wasm': WASM });
  t.after(() => other.close());
  const names = Object.fromEntries(Object.entries(STATUS).map(([name, number]) => [number, name]));
  const lines = readFileSync(path('../vectors/signed.jsonl'), 'utf8');
  const response = await fetch(other.origin, { method: 'POST', body: JSON.stringify({ lines, options: OPTIONS, names }) });
  const { passed, failures } = await response.json();
  assert.deepEqual(failures, []);
  assert.equal(passed, table().reduce((sum, { rows }) => sum + rows.length, 0));
});

test('its own random bytes', async () => {
  const options = { secrets: ['a secret of thirty-two characters'] };
  const [tokens] = await answers([{ options, calls: Array(50).fill(['mintIdentity', '7']) }]);
  const verifier = createVerifier({ module: new WebAssembly.Module(readFileSync(WASM)), ...options });
  assert.ok(tokens.every(({ result }) => verifier.openIdentity(result) === '7'));
  assert.equal(new Set(tokens.map(({ result }) => result)).size, 50);
});
