#!/usr/bin/env node
// ./dev bench logs: from a log call to bytes, Sonde and its peers on the same
// data in the same run.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runInBrowser } from './lib/browsers.mjs';
import { artefact, bundle, settings } from './lib/program.mjs';
import { run } from './logs/page.mjs';
import { verify } from './logs/verify.mjs';

const HELP = `Usage: ./dev bench logs [--host HOST] [--rounds N] [--json] [--check]

Nanoseconds for one of 256 log records over 4 scopes, in Sonde, OTel JS 3.1 and
hand-written JSON, Node and Chromium; see bench/README.md.

  --host HOST   node, chromium or all (the default)
  --rounds N    interleaved rounds, of which the median is taken, from 5 on
                (default 15)
  --json        one JSON object a line instead of tables
  --check       exit with 1 unless Sonde is as much faster as promised
  --help        this text
`;

const HOSTS = ['node', 'chromium'];
const ROOT = new URL('../', import.meta.url);
const SCRIPT = new URL('dist/web/sonde.js', ROOT);
const WASM = new URL('dist/web/sonde-web.wasm', ROOT);
const ENTRY = new URL('logs/page.mjs', import.meta.url);

const NAMES = {
  sonde: 'Sonde',
  otel: 'OTel JS',
  otel_protobuf: 'OTel JS, protobuf',
  otel_json: 'OTel JS, JSON',
  json_utf8: 'OTLP JSON by hand, UTF-8',
  json_string: 'OTLP JSON by hand, a string only',
  plain_json_utf8: 'JSON of the objects as they are (not OTLP), UTF-8',
};
const CASES = {
  call_to_encoded: 'calls to encoded in the queue',
  call_to_queued: 'calls to queued, not encoded',
  batch_to_body: 'queued batch to body',
  call_to_body: 'calls to body',
};

/** What the project promises of `call_to_encoded`. */
const PROMISES = [
  { host: 'node', impl: 'otel_protobuf', times: 7 },
  { host: 'chromium', impl: 'otel_protobuf', times: 5 },
  { host: 'node', impl: 'json_utf8', times: 4 },
  { host: 'chromium', impl: 'json_utf8', times: 4 },
];

async function measureOn(host, rounds) {
  const wasm = await artefact(SCRIPT, WASM);
  if (host === 'node') return run({ rounds, sonde: { script: SCRIPT.href, wasm } });
  const argument = { rounds, sonde: { script: '/sonde.js', wasm } };
  const files = { '/bench.js': await bundle(ENTRY), '/sonde.js': await readFile(SCRIPT) };
  const job = { root: fileURLToPath(ROOT), files, module: '/bench.js', call: 'run', argument };
  return runInBrowser(host, job);
}

const find = (times, name, impl) => times.find((row) => row.case === name && row.impl === impl);

function printJson(host, times) {
  for (const { case: name, impl, ns, spread } of times) {
    const ns_per_item = Math.round(ns * 10) / 10;
    const rounded = Math.round(spread * 1000) / 1000;
    const line = { bench: 'logs', host, case: name, impl, ns_per_item, spread: rounded };
    console.log(JSON.stringify(line));
  }
}

function printTable(host, times, sizes) {
  const base = find(times, 'call_to_encoded', 'sonde').ns;
  console.log(`\n${host}\n\n| what | how | ns a record | spread | times Sonde's calls | bytes a record |`);
  console.log('|---|---|--:|--:|--:|--:|');
  for (const { case: name, impl, ns, spread } of times) {
    const size = name === 'call_to_body' ? Math.round(sizes.get(impl) / 256) : '';
    const cells = [NAMES[impl], CASES[name], Math.round(ns), `± ${Math.round(spread * 100)} %`,
      (ns / base).toFixed(1), size];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/** The ratios of this host, said or only returned. */
function promises(host, times, print) {
  const base = find(times, 'call_to_encoded', 'sonde').ns;
  let kept = true;
  for (const { impl, times: least } of PROMISES.filter((it) => it.host === host)) {
    const ratio = find(times, 'call_to_body', impl).ns / base;
    kept &&= ratio >= least;
    const verdict = ratio >= least ? 'kept' : 'NOT KEPT';
    print(`${host}: ${ratio.toFixed(1)} times faster than ${NAMES[impl]} (promised ${least}: ${verdict})`);
  }
  return kept;
}

async function main() {
  const { help, hosts, json, rounds, check } = settings(HOSTS);
  if (help) return void process.stdout.write(HELP);
  const all = [];
  for (const host of hosts) {
    const { times, proofs } = await measureOn(host, rounds);
    const sizes = verify(proofs);
    if (json) printJson(host, times);
    else printTable(host, times, sizes);
    all.push({ host, times });
  }
  const print = json ? console.error : console.log;
  print('\nFrom calls to encoded in the queue, Sonde is');
  const kept = all.map(({ host, times }) => promises(host, times, print));
  if (check && kept.includes(false)) process.exitCode = 1;
}

main().catch((error) => {
  console.error(`bench logs: ${error.message}`);
  process.exitCode = 1;
});
