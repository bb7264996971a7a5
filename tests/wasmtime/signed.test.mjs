// The tests of signed identity that are written in Python, on Wasmtime's
// binding: each is a program that ends with "N passed, M failed".
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const deps = join(here, '../../build/deps');
const python = process.env.SONDE_PYTHON ?? join(deps, 'venv/bin/python');
const wheels = process.env.SONDE_PLAIN_CONNECT ?? join(deps, 'plain-connect');

function program(file, least, ...args) {
  const { stdout, stderr, status } = spawnSync(python, [join(here, file), ...args], { encoding: 'utf8' });
  const [, passed, failed] = /(\d+) passed, (\d+) failed\n$/.exec(stdout) ?? [];
  assert.equal(status, 0, `${stdout.slice(-3000)}${stderr}`);
  assert.ok(Number(passed) >= least && failed === '0', stdout.slice(-300));
}

test('the table gives the same bytes', () => program('table.py', 1700));

test('equal fuel wherever a token is wrong', () => program('fuel.py', 24));

test("plain.connect's tokens open here, ours by its rules", () => {
  assert.ok(existsSync(wheels), `${wheels} is missing: tools/plain_connect.sh gets it, or set SONDE_PLAIN_CONNECT`);
  const files = readdirSync(wheels).filter((name) => name.endsWith('.whl')).map((name) => join(wheels, name));
  assert.ok(files.length >= 2, `there are ${files.length} wheels in ${wheels}, two versions are wanted`);
  program('interop.py', 1000 * files.length, '--count', '1000', ...files);
});

test('the table is what its generator writes', () => {
  const generator = join(here, '../oracle/make_signed.py');
  const { stdout, stderr, status } = spawnSync(python, [generator, '--check'], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});
