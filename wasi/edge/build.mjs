#!/usr/bin/env node
/**
 * Makes what ships in dist/edge/ beside sonde-edge.wasm; generate.mjs must have
 * run before.
 *
 *   signed.js      ES module: the host of signed identity
 *   signed.d.ts    its types
 *   prometheus.js, prometheus.d.ts   the same of Prometheus text
 *   otlp.js        ES module: OTLP requests of others
 *   otlp.d.ts      its types
 *   package.json   of the folder as a package
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const read = (relative) => readFileSync(path(relative), 'utf8');
const write = (name, text) => writeFileSync(path(`../../dist/edge/${name}`), text);

/** Not minified: a server loads it once, and somebody may want to read it. */
async function script(name) {
  const { outputFiles: [{ text }] } = await build({
    entryPoints: [path(`${name}.js`)],
    write: false,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'warning',
  });
  write(`${name}.js`, text);
}

/** The types with the generated ones in place of their import. */
function types(name) {
  const made = read(`../../js/generated/${name}.d.ts`).replace(/^\/\/.*\n/, '').replace(/^export const .*\n/gm, '');
  const own = read(`${name}.d.ts`);
  const line = /^import type \{([^}]*)\} .*\n\nexport type .*\n/m;
  const names = line.exec(own)?.[1].split(',').map((one) => one.trim()) ?? [];
  if (names.length === 0 || !names.every((one) => RegExp(`^export (type|interface) ${one}\\b`, 'm').test(made)))
    throw new Error(`${name}.d.ts does not import and export types of js/generated/${name}.js`);
  write(`${name}.d.ts`, own.replace(line, `\n${made.trim()}\n`));
}

function manifest() {
  const { version, license } = JSON.parse(read('../../js/package.json'));
  const exports = {
    '.': { types: './signed.d.ts', default: './signed.js' },
    './prometheus': { types: './prometheus.d.ts', default: './prometheus.js' },
    './otlp': { types: './otlp.d.ts', default: './otlp.js' },
    './sonde-edge.wasm': './sonde-edge.wasm',
  };
  const description = 'Signed identity, support submissions, OTLP requests and Prometheus text, from a small C core compiled to WebAssembly';
  write('package.json', `${JSON.stringify({ name: 'sonde-edge', version, description, license, type: 'module', sideEffects: false, exports }, null, 2)}\n`);
}

mkdirSync(path('../../dist/edge'), { recursive: true });
for (const name of ['signed', 'otlp']) {
  await script(name);
  types(name);
}
await script('prometheus');
write('prometheus.d.ts', read('prometheus.d.ts'));
manifest();
