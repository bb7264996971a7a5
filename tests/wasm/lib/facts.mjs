// Numbers of the boundary, read from the C sources: these tests take nothing
// from js/, which has tests of its own.
import { readFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);
const source = (path) => readFileSync(new URL(path, root), 'utf8');

function table(text, pattern) {
  return Object.fromEntries([...text.matchAll(pattern)].map(([, name, value]) => [name, Number(value)]));
}

/** HEADER_NODES, FLAG_BYTES, ... */
export const LAYOUT = table(source('src/wasm/layout.h'), /X\((\w+), (-?\d+)\)/g);

/** Names of the drop reasons, in their order. */
export const REASONS = [...source('src/wasm/layout.h').matchAll(/X\([A-Z_]+, ([a-z_]+)\)/g)]
  .map(([, name]) => name);

export const STATUS = table(source('src/sonde_status.def'), /^SONDE_STATUS\((\w+), (-?\d+),/gm);

/** name → { id, value, least, most } */
export const OPTIONS = Object.fromEntries(
  [...source('src/sonde_options.def').matchAll(/^SONDE_OPTION\((\w+), (\d+), (\d+), (\d+),/gm)]
    .map(([, name, value, least, most], id) => [
      name, { id, value: Number(value), least: Number(least), most: Number(most) },
    ]));

export function statusName(number) {
  const found = Object.entries(STATUS).find(([, value]) => value === number);
  return found ? found[0] : String(number);
}

/** Names in an exports-*.txt. */
export function exportsList(artefact) {
  return source(`src/wasm/exports-${artefact}.txt`).split('\n')
    .filter((line) => line && !line.startsWith('#'));
}

/** The artefacts that this run is about. */
export const ARTEFACTS = process.env.SONDE_ARTEFACT ? [process.env.SONDE_ARTEFACT] : ['web', 'edge'];

/** The shipped file. */
export function wasmBytes(artefact) {
  return readFileSync(new URL(`dist/${artefact}/sonde-${artefact}.wasm`, root));
}

export const vectorPath = (name) => new URL(`tests/vectors/${name}`, root);
export const rootPath = (name) => new URL(name, root);
