// The examples of the manuals, run: ```js run with the package as it ships,
// ```sh run with the program `sonde`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createVerifier } from '../../dist/edge/signed.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SECRET = 'a secret of thirty-two characters';
const ENV = { PATH: `${ROOT}dist/native:${process.env.PATH}`, SONDE_SECRET_KEY: SECRET };
const verifier = createVerifier({ module: new WebAssembly.Module(readFileSync(`${ROOT}dist/edge/sonde-edge.wasm`)), secrets: [SECRET] });

/** The examples of a manual in one language. */
function examples(manual, language) {
  const text = readFileSync(ROOT + manual, 'utf8');
  const found = [...text.matchAll(RegExp(`^\`\`\`${language} run\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, code]) => code);
  assert.ok(found.length > 0, `${manual} has examples`);
  return found;
}

function run(program, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env: ENV, cwd });
  assert.equal(error, undefined);
  assert.equal(status, 0, stderr);
  return stdout;
}

test('wasi/edge/README.md: the example', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-docs-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(`${ROOT}dist/edge`, join(folder, 'node_modules/sonde-edge'));
    const [code] = examples('wasi/edge/README.md', 'js');
    writeFileSync(join(folder, 'example.mjs'), code);
    assert.equal(run(process.execPath, ['example.mjs'], folder), 'accept 42 Hello\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('README.md: signed identity', () => {
  const [code, ...more] = examples('README.md', 'sh');
  assert.equal(more.length, 0);
  const { verdict, render, user_id: user, message } = JSON.parse(run('sh', ['-eu', '-c', code], ROOT));
  assert.deepEqual([verdict, render, user, message], ['accept', 'ok', '42', 'Hello']);
});

const value = (html, name) => RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1];

test('examples/support/README.md: the inputs that a shell renders are good', () => {
  for (const code of examples('examples/support/README.md', 'sh')) {
    const html = run('sh', ['-eu', '-c', code], ROOT);
    assert.equal(verifier.openIdentity(value(html, 'plain_connect_identity')), '42');
    assert.equal(verifier.checkRenderToken(value(html, 'plain_connect_render_token'), Date.now() + 5000).render, 'ok');
    assert.match(html, /name="plain_connect_check" tabindex="-1"/);
    assert.doesNotMatch(html, /\{\{/);
  }
});
