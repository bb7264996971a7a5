#!/usr/bin/env node
// ./dev bench signed: identity tokens, render tokens and submissions, Sonde and
// its peers on the same data in the same run.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runInBrowser } from './lib/browsers.mjs';
import { artefact, bundle, settings } from './lib/program.mjs';
import { CHILDREN, runChild } from './signed/hosts.mjs';
import { run } from './signed/page.mjs';
import { verify } from './signed/verify.mjs';

const HELP = `Usage: ./dev bench signed [--host HOST] [--rounds N] [--json] [--check]

Nanoseconds to open and to seal an identity token, to sign a render token and to
verify a submission of 600 bytes: Sonde, WebCrypto, node:crypto and @noble, in
Node and Chromium, and submissions in the native, C, Python and NDJSON programs;
see bench/README.md.

  --host HOST   node, chromium, hosts (these programs) or all (the default)
  --rounds N    interleaved rounds, of which the median is taken, from 5 on
                (default 15)
  --json        one JSON object a line instead of tables
  --check       exit with 1 unless Sonde is as fast as promised
  --help        this text
`;

const HOSTS = ['node', 'chromium', 'hosts'];
const ROOT = new URL('../', import.meta.url);
const SCRIPT = new URL('dist/edge/signed.js', ROOT);
const WASM = new URL('dist/edge/sonde-edge.wasm', ROOT);
const ENTRY = new URL('signed/page.mjs', import.meta.url);

const NAMES = {
  sonde: 'Sonde',
  sonde_many: 'Sonde, many a call',
  sonde_line: 'Sonde, verifyLine',
  webcrypto: 'WebCrypto, each awaited',
  webcrypto_all: 'WebCrypto, 256 at once',
  node_crypto: 'node:crypto',
  noble: '@noble/ciphers and @noble/hashes',
  sonde_lines: 'Sonde, many lines a call',
  cryptography_json: 'cryptography and json',
};
const CASES = {
  open: 'identity token to user id',
  seal: 'user id to identity token',
  render: 'render token',
  submission: 'submission of 600 bytes',
  instance: 'fresh instance',
};

/** What the project promises. */
const PROMISES = [
  { host: 'node', case: 'open', impl: 'webcrypto', times: 15 },
  { host: 'node', case: 'open', impl: 'node_crypto', times: 1 },
  { host: 'chromium', case: 'open', impl: 'webcrypto', times: 1 },
];

/** Submissions a second. */
const RATES = [
  { host: 'c host', impl: 'sonde', least: 100_000 },
  { host: 'python', impl: 'sonde', least: 8_000 },
  { host: 'python', impl: 'sonde_many', least: 60_000 },
  { host: 'ndjson', impl: 'sonde verify --ndjson, Wasmtime', least: 50_000 },
];

async function measureInChromium(rounds, wasm) {
  const argument = { rounds, sonde: { script: '/signed.js', wasm } };
  const files = { '/bench.js': await bundle(ENTRY), '/signed.js': await readFile(SCRIPT) };
  return runInBrowser('chromium', { root: fileURLToPath(ROOT), files, module: '/bench.js', call: 'run', argument });
}

/** Rows of a host: case, impl, ns, spread. */
async function measureOn(host, rounds) {
  const wasm = await artefact(SCRIPT, WASM);
  const { times, proofs } = host === 'node'
    ? await run({ rounds, sonde: { script: SCRIPT.href, wasm } })
    : await measureInChromium(rounds, wasm);
  verify(proofs);
  return times.map((row) => ({ host, ...row }));
}

/** Rows that other programs measured. */
async function measureChildren(rounds) {
  const rows = [];
  for (const child of CHILDREN) rows.push(...(await runChild(child(rounds))));
  return rows.map(({ ns_per_item: ns, ...row }) => ({ ...row, ns }));
}

const find = (rows, name, impl) => rows.find((row) => row.case === name && row.impl === impl);

function printJson(rows) {
  for (const { ns, spread, ...row } of rows) {
    const ns_per_item = Math.round(ns * 10) / 10;
    console.log(JSON.stringify({ bench: 'signed', ...row, ns_per_item, spread: Math.round(spread * 1000) / 1000 }));
  }
}

function printTable(host, rows) {
  const others = host === 'hosts';
  console.log(`\n${others ? 'other programs' : host}\n\n| what |${others ? ' host |' : ''} how | ns each | spread | a second | times Sonde's |`);
  console.log(`|---|${others ? '---|' : ''}---|--:|--:|--:|--:|`);
  for (const row of rows) {
    const base = find(rows.filter(({ host: one }) => one === row.host), row.case, 'sonde')?.ns;
    const cells = [CASES[row.case] ?? row.case, ...(others ? [row.host] : []), NAMES[row.impl] ?? row.impl, Math.round(row.ns),
      `± ${Math.round(row.spread * 100)} %`, Math.round(1e9 / row.ns).toLocaleString('en'), base ? (row.ns / base).toFixed(1) : ''];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/** The ratios of this host, said or only returned. */
function promises(host, rows, print) {
  let kept = true;
  for (const { case: name, impl, times: least } of PROMISES.filter((it) => it.host === host)) {
    const ratio = find(rows, name, impl).ns / find(rows, name, 'sonde').ns;
    const good = ratio >= least;
    kept &&= good;
    print(`${host}, ${CASES[name]}: ${ratio.toFixed(1)} times faster than ${NAMES[impl]} (promised ${least}: ${good ? 'kept' : 'NOT KEPT'})`);
  }
  return kept;
}

/** The same of submissions a second in other programs. */
function rates(rows, print) {
  let kept = true;
  for (const { host, impl, least } of RATES) {
    const rate = 1e9 / rows.find((row) => row.host === host && row.case === 'submission' && row.impl === impl).ns;
    const good = rate >= least;
    kept &&= good;
    print(`${host}, ${NAMES[impl] ?? impl}: ${Math.round(rate).toLocaleString('en')} submissions a second (promised ${least.toLocaleString('en')}: ${good ? 'kept' : 'NOT KEPT'})`);
  }
  return kept;
}

async function main() {
  const { help, hosts, json, rounds, check } = settings(HOSTS);
  if (help) return void process.stdout.write(HELP);
  const print = json ? console.error : console.log;
  const told = [];
  for (const host of hosts) {
    const rows = host === 'hosts' ? await measureChildren(rounds) : await measureOn(host, rounds);
    if (json) printJson(rows);
    else if (rows.length > 0) printTable(host, rows);
    told.push({ host, rows });
  }
  print('');
  const kept = told.map(({ host, rows }) => (host === 'hosts' ? rates(rows, print) : promises(host, rows, print)));
  if (check && kept.includes(false)) process.exitCode = 1;
}

main().catch((error) => {
  console.error(`bench signed: ${error.message}`);
  process.exitCode = 1;
});
