#!/usr/bin/env node
// Lines a second through the programs that read newline-delimited JSON, from
// start to end of each: rows of ./dev bench signed, as JSON lines.
//
//     node bench/signed/ndjson.mjs ROUNDS
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVerifier } from '../../dist/edge/signed.js';
import { NOW, SECRET, submissionLines } from './lines.mjs';

const LINES = 100_000;
const root = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const VERIFY = ['--now', String(NOW / 1000)];
const PROGRAMS = {
  'sonde verify --ndjson, native': [root('dist/native/sonde'), 'verify', '--ndjson', ...VERIFY],
  'sonde verify --ndjson, Wasmtime': [process.env.SONDE_WASMTIME ?? 'wasmtime', 'run', '--env', 'SONDE_SECRET_KEY',
    root('dist/wasi/sonde.wasm'), 'verify', '--ndjson', ...VERIFY],
  'sonde-host, 1 thread': [root('build/native/sonde-host'), '--threads=1', ...VERIFY],
  'sonde-host, 2 threads': [root('build/native/sonde-host'), '--threads=2', ...VERIFY],
};

function makeLines(file) {
  const module = new WebAssembly.Module(readFileSync(root('dist/edge/sonde-edge.wasm')));
  const verifier = createVerifier({ module, secrets: [SECRET] });
  writeFileSync(file, submissionLines(verifier, LINES));
}

/** Nanoseconds a line. */
function time([program, ...rest], folder) {
  const input = openSync(join(folder, 'in'), 'r');
  const output = openSync(join(folder, 'out'), 'w');
  const began = process.hrtime.bigint();
  const { status, error, stderr } = spawnSync(program, rest, {
    stdio: [input, output, 'pipe'], env: { ...process.env, SONDE_SECRET_KEY: SECRET },
  });
  const took = Number(process.hrtime.bigint() - began);
  for (const file of [input, output]) closeSync(file);
  if (status !== 0) throw error ?? new Error(`${program} ended with ${status}: ${stderr}`);
  return took / LINES;
}

/** Every line must have been accepted, or something else was measured. */
function check(name, folder) {
  const accepted = readFileSync(join(folder, 'out'), 'utf8').split('{"verdict":"accept"').length - 1;
  if (accepted !== LINES) throw new Error(`${name} accepted ${accepted} of ${LINES} lines`);
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

function main() {
  const rounds = Number(process.argv[2] ?? 5);
  const folder = mkdtempSync(join(tmpdir(), 'sonde-bench-'));
  const times = Object.fromEntries(Object.keys(PROGRAMS).map((name) => [name, []]));
  try {
    makeLines(join(folder, 'in'));
    for (let round = 0; round <= rounds; round++) {
      for (const [name, command] of Object.entries(PROGRAMS)) {
        const ns = time(command, folder);
        if (round > 0) times[name].push(ns); // the first fills caches
        else check(name, folder);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  for (const [impl, list] of Object.entries(times)) {
    const ns = median(list);
    const spread = median(list.map((one) => Math.abs(one - ns))) / ns;
    console.log(JSON.stringify({ host: 'ndjson', case: 'submission', impl, ns_per_item: Math.round(ns), spread }));
  }
}

main();
