#!/usr/bin/env node
// ./dev bench transcode: OTLP requests from JSON to protobuf and back, Sonde and
// its peers on the same data in the same run.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SCHEMA as schema } from '../proto/otlp.mjs';
import { runInBrowser } from './lib/browsers.mjs';
import { artefact, bundle, settings } from './lib/program.mjs';
import { run } from './transcode/page.mjs';
import { verify } from './transcode/verify.mjs';

const HELP = `Usage: ./dev bench transcode [--host HOST] [--rounds N] [--json] [--check]

Microseconds to transcode an export request of 64 KiB and of 1 MiB, logs and
traces, from JSON to protobuf and back: sonde-edge.wasm, JSON.parse with the
serializers of OTel JS, and protobufjs, in Node and Chromium; see
bench/README.md.

  --host HOST   node, chromium or all (the default)
  --rounds N    interleaved rounds, of which the median is taken, from 5 on
                (default 15)
  --json        one JSON object a line instead of tables
  --check       exit with 1 unless Sonde is as fast as promised
  --help        this text
`;

const HOSTS = ['node', 'chromium'];
const ROOT = new URL('../', import.meta.url);
const SCRIPT = new URL('dist/edge/otlp.js', ROOT);
const WASM = new URL('dist/edge/sonde-edge.wasm', ROOT);
const ENTRY = new URL('transcode/page.mjs', import.meta.url);

const NAMES = { sonde: 'Sonde', otel: 'JSON.parse and OTel JS', protobufjs: 'protobufjs and JSON' };
const CASES = { to_protobuf: 'JSON to protobuf', to_json: 'protobuf to JSON', check: 'JSON, checked only' };

/** What the project promises. */
const PROMISES = [{ host: 'node', case: 'logs to_protobuf', size: '64 KiB', impl: 'otel', times: 4 }];

async function measureInChromium(rounds, wasm) {
  const argument = { rounds, sonde: { script: '/otlp.js', wasm }, schema };
  const files = { '/bench.js': await bundle(ENTRY), '/otlp.js': await readFile(SCRIPT) };
  return runInBrowser('chromium', { root: fileURLToPath(ROOT), files, module: '/bench.js', call: 'run', argument });
}

/** Rows of a host: case, size, impl, ns, spread. */
async function measureOn(host, rounds) {
  const wasm = await artefact(SCRIPT, WASM);
  const { times, proofs } = host === 'node'
    ? await run({ rounds, sonde: { script: SCRIPT.href, wasm }, schema })
    : await measureInChromium(rounds, wasm);
  verify(proofs);
  return times.map((row) => ({ host, ...row }));
}

const find = (rows, name, size, impl) => rows.find((row) => row.case === name && row.size === size && row.impl === impl);

function printJson(rows) {
  for (const { ns, spread, ...row } of rows) {
    const ns_per_item = Math.round(ns);
    console.log(JSON.stringify({ bench: 'transcode', ...row, ns_per_item, spread: Math.round(spread * 1000) / 1000 }));
  }
}

function printTable(host, rows) {
  console.log(`\n${host}\n\n| what | request | how | µs each | spread | MB/s of input | times Sonde's |`);
  console.log('|---|---|---|--:|--:|--:|--:|');
  for (const row of rows) {
    const [signal, what] = row.case.split(' ');
    const base = find(rows, row.case, row.size, 'sonde').ns;
    const cells = [CASES[what], `${signal}, ${row.size}`, NAMES[row.impl], Math.round(row.ns / 1000), `± ${Math.round(row.spread * 100)} %`,
      Math.round((row.bytes * 1000) / row.ns), (row.ns / base).toFixed(1)];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/** The ratios of this host, said or only returned. */
function promises(host, rows, print) {
  let kept = true;
  for (const { case: name, size, impl, times: least } of PROMISES.filter((it) => it.host === host)) {
    const ratio = find(rows, name, size, impl).ns / find(rows, name, size, 'sonde').ns;
    const good = ratio >= least;
    kept &&= good;
    print(`${host}, ${name}, ${size}: ${ratio.toFixed(1)} times faster than ${NAMES[impl]} (promised ${least}: ${good ? 'kept' : 'NOT KEPT'})`);
  }
  return kept;
}

async function main() {
  const { help, hosts, json, rounds, check } = settings(HOSTS);
  if (help) return void process.stdout.write(HELP);
  const print = json ? console.error : console.log;
  const told = [];
  for (const host of hosts) {
    const rows = await measureOn(host, rounds);
    if (json) printJson(rows);
    else printTable(host, rows);
    told.push({ host, rows });
  }
  print('');
  const kept = told.map(({ host, rows }) => promises(host, rows, print));
  if (check && kept.includes(false)) process.exitCode = 1;
}

await main();
