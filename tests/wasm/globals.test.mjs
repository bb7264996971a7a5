// No object of the library has writable data: all state is in contexts. Only
// src/wasm has globals, and it is in no archive.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { rootPath } from './lib/facts.mjs';

const archive = ['dist/native/libsonde.a', 'build/native/libsonde.a']
  .map((path) => fileURLToPath(rootPath(path))).find(existsSync);
const skip = !archive && process.env.CI !== 'true' && 'there is no native libsonde.a: ./dev build';

/** [{ object, section, symbol }] of all data that is not constant. */
function writable() {
  const found = [];
  let object = '';
  for (const line of execFileSync('objdump', ['-t', archive], { encoding: 'utf8' }).split('\n')) {
    object = line.match(/^(\S+\.o):/)?.[1] ?? object;
    const [, section, size, symbol] = line.match(/^\S+ .{7} (\S+)\s+([0-9a-f]+) +(\S+)/) ?? [];
    const writes = /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/.test(section ?? '') && !/^\.data\.rel\.ro/.test(section);
    if (writes && parseInt(size, 16) > 0) found.push({ object, section, symbol });
  }
  return found;
}

test('no object of libsonde.a has writable globals', { skip }, () => {
  assert.deepEqual(writable(), []);
});

test('this test sees objects at all', { skip }, () => {
  const text = execFileSync('objdump', ['-t', archive], { encoding: 'utf8' });
  assert.match(text, /deliver\.c\.o/);
  assert.match(text, /sonde_next/);
});
