// The example of OTLP requests in the manual of the edge package, run with the
// package as it ships.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { examplesOf, folderWith } from '../lib/manual.mjs';

test('wasi/edge/README.md: the example of OTLP requests', (t) => {
  const { code } = examplesOf('wasi/edge/README.md')[3];
  const { status, stdout, stderr } = spawnSync(process.execPath, ['example.mjs'], { cwd: folderWith(t, code), encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, '1 17\nBAD_INPUT resourceLogs[0].scopeLogs[0].logRecords[0].severityNumber\n');
});
