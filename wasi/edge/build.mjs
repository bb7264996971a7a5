#!/usr/bin/env node
/**
 * Makes what ships in dist/edge/ beside sonde-edge.wasm; generate.mjs must have
 * run before.
 *
 *   signed.js      ES module: the host of signed identity
 *   signed.d.ts    its types
 *   prometheus.js, prometheus.d.ts   the same of Prometheus text
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
    entryPoints: [path(name)],
    write: false,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'warning',
  });
  write(name, text);
}

/** signed.d.ts with the generated types in place of their import. */
function types() {
  const made = read('../../js/generated/signed.d.ts').replace(/^\/\/.*\n/, '').replace(/^export const .*\n/gm, '');
  const own = read('signed.d.ts');
  const line = /^import type \{([^}]*)\} .*\n\nexport type .*\n/m;
  const names = line.exec(own)?.[1].split(',').map((name) => name.trim()) ?? [];
  if (names.length === 0 || !names.every((name) => RegExp(`^export (type|interface) ${name}\\b`, 'm').test(made)))
    throw new Error('signed.d.ts does not import and export types of js/generated/signed.js');
  write('signed.d.ts', own.replace(line, `\n${made.trim()}\n`));
}

function manifest() {
  const { version, license } = JSON.parse(read('../../js/package.json'));
  const exports = {
    '.': { types: './signed.d.ts', default: './signed.js' },
    './prometheus': { types: './prometheus.d.ts', default: './prometheus.js' },
    './sonde-edge.wasm': './sonde-edge.wasm',
  };
  const description = 'Signed identity and support submissions, from a small C core compiled to WebAssembly';
  write('package.json', `${JSON.stringify({ name: 'sonde-edge', version, description, license, type: 'module', sideEffects: false, exports }, null, 2)}\n`);
}

mkdirSync(path('../../dist/edge'), { recursive: true });
await script('signed.js');
await script('prometheus.js');
types();
write('prometheus.d.ts', read('prometheus.d.ts'));
manifest();
