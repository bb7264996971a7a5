#!/usr/bin/env node
/**
 * Makes what ships in dist/web/ from js/src, the generated tables and
 * dist/web/sonde-web.wasm, which must be there already. `./dev build` calls it.
 *
 *   sonde.js         ES module; the wasm file is separate
 *   sonde-inline.js  ES module with the wasm file inside
 *   sonde-script.js  classic script with the wasm file inside, global `Sonde`
 *   index.d.ts       types of the two modules
 *   support.js       ES module for support forms; it needs no wasm file
 *   support.d.ts     its types
 *   views.js, self.js   ES modules: views of metrics, and the ledger as metrics
 *   views.d.ts, self.d.ts
 *   otel.js          ES module: Sonde behind @opentelemetry/api, which is not in it
 *   otel.d.ts        its types
 *   package.json     of the folder as a package
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

const WASM = path('../dist/web/sonde-web.wasm');
/** What browsers have that run WebAssembly with bulk memory, and Node 20; they have fields of classes, too. */
const TARGET = 'es2021';

/**
 * Members that files of js/src have among themselves only, and no object of a
 * page: these get short names, as do all that begin with _. Public ones must
 * not; that is checked.
 */
const INTERNAL = [
  'addBody', 'addLast', 'addMap', 'addOne', 'addPairs', 'addPart', 'addText', 'attempt', 'begin', 'collect',
  'doubles', 'emitted', 'ended', 'giveBack', 'guard', 'handOver', 'log', 'lost', 'perform', 'pump', 'put',
  'refuse', 'report', 'request', 'scope', 'series', 'span', 'target', 'textSize', 'tighten', 'times', 'turn', 'until',
  'urls', 'wait', 'words',
];

const inlined = {
  name: 'inlined-wasm',
  setup({ onResolve }) {
    onResolve({ filter: /^sonde-web\.wasm$/ }, () => ({ path: WASM }));
  },
};

/** terser, behind esbuild, takes 5 % more off. */
async function bundle(entry, name, format) {
  const internal = entry.startsWith('../') ? [] : INTERNAL;
  const { outputFiles: [{ text }] } = await build({
    entryPoints: [path(`src/${entry}`)],
    write: false,
    bundle: true,
    minify: true,
    format,
    target: TARGET,
    supported: { 'class-field': true },
    charset: 'utf8',
    legalComments: 'none',
    mangleProps: RegExp(`^(${['_.+', ...internal].join('|')})$`),
    loader: { '.wasm': 'base64' },
    plugins: [inlined],
    external: ['@opentelemetry/api'],
    logLevel: 'warning',
  });
  const { code } = await minify(text, {
    ecma: 2020,
    module: format === 'esm',
    compress: { passes: 4, unsafe_arrows: true, pure_getters: true, lhs_constants: false },
  });
  await writeFile(path(`../dist/web/${name}`), code);
}

/** index.d.ts with the generated interface in place of its import. */
async function types() {
  const [api, options] = await Promise.all(
    ['index.d.ts', 'generated/options.d.ts'].map((name) => readFile(path(name), 'utf8')),
  );
  const line = /^import .*generated\/options.*\n/m;
  if (!line.test(api)) throw new Error('index.d.ts does not import generated/options.js');
  const extensions = await Promise.all(['views.js', 'self.js', 'otel.js'].map((name) => readFile(path(name), 'utf8')));
  const used = INTERNAL.find((name) => extensions.some((text) => RegExp(`(hub|core|settings)\\.${name}\\b`).test(text)));
  if (used) throw new Error(`${used} is used by another bundle: its name must stay`);
  const open = INTERNAL.find((name) => RegExp(`^ +(readonly )?${name}[?:(]`, 'm').test(api + options));
  if (open) throw new Error(`${open} is in index.d.ts: its name must stay`);
  await writeFile(path('../dist/web/index.d.ts'), api.replace(line, options));
}

/** support.d.ts with the generated type in place of its import. */
async function supportTypes() {
  const [api, lists] = await Promise.all(
    ['support.d.ts', 'generated/signed.d.ts'].map((name) => readFile(path(name), 'utf8')),
  );
  const line = /^import .*generated\/signed.*\n/m;
  const [reason] = /^\/\*\*[^\n]*\nexport type Reason =[^]*?;\n/m.exec(lists) ?? [];
  if (!reason || !line.test(api)) throw new Error('support.d.ts does not import Reason of generated/signed.js');
  await writeFile(path('../dist/web/support.d.ts'), api.replace(line, reason));
}

async function manifest() {
  const { private: _, exports: __, types: ___, ...own } = JSON.parse(await readFile(path('package.json'), 'utf8'));
  const entry = (name) => ({ types: './index.d.ts', default: name });
  const exports = {
    '.': entry('./sonde.js'),
    './inline': entry('./sonde-inline.js'),
    './script': './sonde-script.js',
    './sonde-web.wasm': './sonde-web.wasm',
    './support': { types: './support.d.ts', default: './support.js' },
    './views': { types: './views.d.ts', default: './views.js' },
    './self': { types: './self.d.ts', default: './self.js' },
    './otel': { types: './otel.d.ts', default: './otel.js' },
  };
  await writeFile(path('../dist/web/package.json'), `${JSON.stringify({ ...own, sideEffects: ['./sonde-script.js', './support.js'], exports }, null, 2)}\n`);
}

await Promise.all([
  bundle('index.js', 'sonde.js', 'esm'),
  bundle('inline.js', 'sonde-inline.js', 'esm'),
  bundle('script.js', 'sonde-script.js', 'iife'),
  bundle('../support.js', 'support.js', 'esm'),
  bundle('../otel.js', 'otel.js', 'esm'),
  bundle('../views.js', 'views.js', 'esm'),
  bundle('../self.js', 'self.js', 'esm'),
  types(),
  supportTypes(),
  ...['otel.d.ts', 'views.d.ts', 'self.d.ts'].map((name) => copyFile(path(name), path(`../dist/web/${name}`))),
  manifest(),
]);
