// Runs a WASI command in Node: node wasi.mjs FILE [ARGUMENT...]. With
// SONDE_NO_ENTROPY set, the host has no random bytes to give.
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';

const EIO = 29;
const [file, ...args] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: ['sonde', ...args], env: process.env, returnOnExit: true });
const imports = { ...wasi.wasiImport };
if (process.env.SONDE_NO_ENTROPY) imports.random_get = () => EIO;
const { instance } = await WebAssembly.instantiate(await readFile(file), { wasi_snapshot_preview1: imports });
process.exit(wasi.start(instance));
