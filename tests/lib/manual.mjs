// The examples of the manuals: fences that say `run`. One that does not fails the
// tests of its manual; but for those of the languages below, which others run.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './site.mjs';

const FENCE = /^ *```(\w+)(.*)\n([^]*?)^ *```$/gm;
/** Of the hosts in C and Python, and what comes out of an example. */
const ELSEWHERE = ['c', 'python', 'json'];

/** @typedef {{title: string, language: string, code: string}} Example */

/**
 * Those of one manual, in their order.
 *
 * @param {string} name its path below the root
 * @returns {Example[]}
 */
export function examplesOf(name) {
  const text = readFileSync(ROOT + name, 'utf8');
  return [...text.matchAll(FENCE)].filter(([, language]) => !ELSEWHERE.includes(language)).map(({ 1: language, 2: mark, 3: code, index }) => {
    const title = `${name}:${text.slice(0, index).split('\n').length}`;
    assert.equal(mark, ' run', `${title}: an example that no test runs`);
    return { title, language, code };
  });
}

/**
 * A folder with an example for Node and the packages that it imports, as they
 * ship; it is gone after the test.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} code
 */
export function folderWith(t, code) {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-docs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  for (const [name, from] of [['sonde', 'web'], ['sonde-edge', 'edge']]) symlinkSync(`${ROOT}dist/${from}`, join(folder, 'node_modules', name));
  writeFileSync(join(folder, 'example.mjs'), code);
  return folder;
}
