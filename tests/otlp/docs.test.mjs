// The example of OTLP requests in the manual of the edge package, run with the
// package as it ships.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

test('wasi/edge/README.md: the example of OTLP requests', () => {
  const manual = readFileSync(`${ROOT}wasi/edge/README.md`, 'utf8');
  const [, code] = /^## OTLP requests\n[^]*?^```js\n([^]*?)^```$/m.exec(manual);
  const folder = mkdtempSync(join(tmpdir(), 'sonde-docs-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(`${ROOT}dist/edge`, join(folder, 'node_modules/sonde-edge'));
    writeFileSync(join(folder, 'example.mjs'), code);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.equal(stdout, '1 17\nBAD_INPUT resourceLogs[0].scopeLogs[0].logRecords[0].severityNumber\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
