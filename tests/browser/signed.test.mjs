// The JavaScript host of signed identity in a page: the same table as in Node
// and in workers, and the same bytes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createVerifier } from '../../dist/edge/signed.js';
import { ROOT } from '../lib/site.mjs';
import { openWorld, useChromium } from '../lib/world.mjs';
import { compareRow } from '../signed/lib/compare.mjs';
import { TABLE } from '../signed/lib/host-table.mjs';
import { runTable } from '../signed/lib/runner.mjs';

const holder = useChromium();
const wasm = readFileSync(`${ROOT}dist/edge/sonde-edge.wasm`);
const file = (name) => readFileSync(ROOT + name, 'utf8');
const FILES = { '/signed.js': file('dist/edge/signed.js'), '/runner.mjs': file('tests/signed/lib/runner.mjs') };

const VERIFY = new Map([['verify', 'verifyLine']]);
const asLines = (row) => ({ ...row, calls: row.calls.map(([method, ...given]) => [VERIFY.get(method) ?? method, ...given]) });

async function inPage(page, rows) {
  const asked = JSON.stringify(rows.map(({ options, random, calls }) => ({ options, random, calls })));
  const answered = await page.evaluate(async ({ asked, base64 }) => {
    const [{ createVerifier }, { runTable }] = await Promise.all([import('/signed.js'), import('/runner.mjs')]);
    const module = await WebAssembly.compile(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
    return JSON.stringify(runTable(createVerifier, module, JSON.parse(asked)));
  }, { asked, base64: wasm.toString('base64') });
  return JSON.parse(answered);
}

test('each row in Chromium, and the same bytes as in Node', async (t) => {
  const { page } = await openWorld(t, holder.browser, { files: FILES });
  const all = await inPage(page, TABLE);
  assert.equal(all.length, TABLE.length);
  for (const [i, row] of TABLE.entries()) await t.test(row.name, () => compareRow(row, all[i]));
  const lines = TABLE.map(asLines).filter(({ options }) => options?.module === undefined);
  const mine = runTable(createVerifier, new WebAssembly.Module(wasm), lines);
  assert.deepEqual(await inPage(page, lines), JSON.parse(JSON.stringify(mine)));
});
