// sonde/otel as it ships: in an app with either line of the API, in Node and
// through a bundler.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { appFolder } from './otel/line.mjs';

const DIST = new URL('../../dist/web/', import.meta.url);
const APP = `
  import { trace } from '@opentelemetry/api';
  import { create } from 'sonde/inline';
  import { register } from 'sonde/otel';

  const names = [];
  const sonde = create({
    endpoint: 'https://otlp.example', token: false, encoding: 'json',
    fetch: async (url, { body }) => {
      const { resourceSpans: [{ scopeSpans: [{ spans }] }] } = JSON.parse(new TextDecoder().decode(body));
      names.push(...spans.map(({ name }) => name));
      return new Response(null);
    },
  });
  register(sonde);
  await trace.getTracer('app').startActiveSpan('outer', async (span) => {
    await null;
    trace.getTracer('app').startSpan(trace.getActiveSpan() === span ? 'inner' : 'lost').end();
    span.end();
  });
  await sonde.close();
  console.log(names.join());
`;

for (const line of ['1.9', '1.10']) {
  test(`${line}: resolved by Node`, () => {
    const folder = appFolder(line);
    writeFileSync(join(folder, 'app.js'), APP);
    const [major, minor] = process.versions.node.split('.').map(Number);
    const hasStorage = major > 22 || (major === 22 && minor >= 3) || (major === 20 && minor >= 16);
    assert.equal(execFileSync(process.execPath, ['app.js'], { cwd: folder, encoding: 'utf8' }).trim(), hasStorage ? 'inner,outer' : 'lost,outer');
  });

  test(`${line}: bundled, without a warning`, async () => {
    const folder = appFolder(line);
    writeFileSync(join(folder, 'app.js'), APP);
    const { warnings } = await build({
      entryPoints: [join(folder, 'app.js')], outfile: join(folder, 'out.js'), bundle: true, format: 'esm', target: 'es2022',
      platform: 'browser', logLevel: 'silent',
    });
    assert.deepEqual(warnings, []);
    assert.match(execFileSync(process.execPath, ['out.js'], { cwd: folder, encoding: 'utf8' }), /(inner|lost),outer/);
  });
}

test('only the API is imported, and no file is larger than is promised', () => {
  const text = readFileSync(new URL('otel.js', DIST), 'utf8');
  assert.deepEqual([...text.matchAll(/\bfrom ?"(.*?)"/g)].map(([, name]) => name), ['@opentelemetry/api']);
  assert.doesNotMatch(text, /\bimport\(|\brequire\(/);
  const size = gzipSync(text, { level: 9 }).length;
  assert.ok(size <= 4000, `${size} bytes`);
});

test('the API is an optional peer', () => {
  const { exports, peerDependencies, peerDependenciesMeta, dependencies } = JSON.parse(readFileSync(new URL('package.json', DIST), 'utf8'));
  assert.deepEqual(Object.keys(peerDependencies), ['@opentelemetry/api']);
  assert.equal(peerDependenciesMeta['@opentelemetry/api'].optional, true);
  assert.equal(dependencies, undefined);
  assert.deepEqual(exports['./otel'], { types: './otel.d.ts', default: './otel.js' });
});
