// The examples of the reference, run as they stand.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { examplesOf } from '../lib/manual.mjs';
import { HOSTS, MODULE, NATIVE, runOn, temporary, WASMTIME } from './lib/hosts.mjs';
import { identityToken, NOW, renderToken, SECRET } from './lib/submissions.mjs';

const TEXT = readFileSync(new URL('../../wasi/cli/README.md', import.meta.url), 'utf8');
const EXAMPLES = examplesOf('wasi/cli/README.md').map(({ code }) => code);
const fields = { message: 'Hello', name: 'Ada', order: 'A-7' };

/** A gauge queue.size of 1.5. */
const METRICS = Buffer.from('0a1d121b12190a0a71756575652e73697a652a0b0a0921000000000000f83f', 'hex');

/** A folder with what the examples name. */
function folder() {
  const at = temporary();
  writeFileSync(join(at, 'secrets.txt'), `${SECRET}\n`);
  writeFileSync(join(at, 'tokens.txt'), `${identityToken('42', 1)}\n`);
  writeFileSync(join(at, 'metrics.pb'), METRICS);
  copyFileSync(MODULE, join(at, 'sonde.wasm'));
  for (const [name, program] of [['sonde', NATIVE], ['wasmtime', WASMTIME]]) {
    writeFileSync(join(at, name), `#!/bin/sh\nexec '${program}' "$@"\n`);
    chmodSync(join(at, name), 0o755);
  }
  return at;
}

const needsWasmtime = (text) => /^wasmtime /m.test(text) && !WASMTIME && process.env.CI !== 'true' && 'SONDE_WASMTIME names no Wasmtime';
const WANTED = [
  [/^[\w-]{40,}=*\n\d+\.[0-9a-f]{64}\n\{"verdict":"accept","reason":null,"render":"ok",.*"message":"Hello",.*\}\n[\w-]{40,}=*\n$/],
  [/^42\n$/],
  [/^sonde: offset 62, resourceLogs\[0\]\.scopeLogs\[0\]\.logRecords\[0\]\.timeUnixNano: not a number\n$/],
  [/^2025-11-20T18:00:00\.000Z {2}INFO {2}app {2}hello {2}n=1\n$/],
  [/^# TYPE queue_size gauge\nqueue_size 1\.5\n# EOF\n$/],
];

test('the reference has these examples', () => assert.equal(EXAMPLES.length, WANTED.length));
for (const [i, text] of EXAMPLES.entries())
  test(`example ${i + 1} of the reference`, { skip: needsWasmtime(text) }, () => {
    const at = folder();
    const { stdout, stderr } = spawnSync('sh', ['-c', text], { cwd: at, env: { PATH: `${at}:${process.env.PATH}` }, encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.match(stdout, WANTED[i][0]);
  });

test('the verdict in the reference', () => {
  const body = { ...fields, plain_connect_identity: identityToken('42', 1), plain_connect_render_token: renderToken(NOW - 17) };
  const { out } = runOn(HOSTS[0], ['verify', '--now', String(NOW)], { env: { SONDE_SECRET_KEY: SECRET }, input: JSON.stringify(body) });
  const [, verdict] = /^```json\n([^]*?)^```$/m.exec(TEXT);
  assert.equal(out, verdict.replaceAll('\n ', '').trimEnd() + '\n');
});
