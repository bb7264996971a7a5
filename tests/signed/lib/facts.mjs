// The module, the table and the numbers of the C sources, from their files.
import { readFileSync } from 'node:fs';
import { readTable } from './table.mjs';
import { SignedHost } from './host.mjs';

const root = new URL('../../../', import.meta.url);
const source = (path) => readFileSync(new URL(path, root), 'utf8');

/** name → place */
export const OPTIONS = Object.fromEntries(
  [...source('src/signed_options.def').matchAll(/^SONDE_SIGNED_OPTION\((\w+),/gm)].map(([, name], id) => [name, id]));

/** name → { value, least, most } */
export const RANGES = Object.fromEntries(
  [...source('src/signed_options.def').matchAll(/^SONDE_SIGNED_OPTION\((\w+), (\d+), (\d+), (\d+),/gm)]
    .map(([, name, value, least, most]) => [name, { value: +value, least: +least, most: +most }]));

export const STATUS = Object.fromEntries(
  [...source('src/sonde_status.def').matchAll(/^SONDE_STATUS\((\w+), (-\d+),/gm)].map(([, name, value]) => [name, Number(value)]));

const NAMES = Object.fromEntries(Object.entries(STATUS).map(([name, value]) => [value, name]));
export const statusName = (number) => NAMES[number] ?? `status ${number}`;

export const table = () => readTable(source('tests/vectors/signed.jsonl'));

export const module = new WebAssembly.Module(readFileSync(new URL('dist/edge/sonde-edge.wasm', root)));

export const newHost = () => new SignedHost(module, OPTIONS);
