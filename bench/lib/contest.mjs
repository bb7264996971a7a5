// The program of a benchmark of one signal: Sonde and its peers on the same
// data in the same run, in Node and in Chromium.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runInBrowser } from './browsers.mjs';
import { artefact, bundle, settings } from './program.mjs';

const HOSTS = ['node', 'chromium'];
const ROOT = new URL('../../', import.meta.url);
const SCRIPT = new URL('dist/web/sonde.js', ROOT);
const WASM = new URL('dist/web/sonde-web.wasm', ROOT);
const ADAPTER = new URL('dist/web/otel.js', ROOT);

/**
 * @typedef {[case: string, impl: string]} Place
 *
 * @typedef {object} Contest
 * @property {string} bench
 * @property {string} help
 * @property {URL} entry module that exports `run({ rounds, sonde })`
 * @property {(impl: string, name: string, body: Buffer) => void} verify throws
 * @property {string} item what the figures are for
 * @property {number} items of one body
 * @property {string} body the case whose bodies' sizes are told
 * @property {Record<string, string>} names of implementations
 * @property {Record<string, string>} cases
 * @property {string} column head of the ratios
 * @property {(row: {case: string, impl: string}) => Place} base what a row is a multiple of
 * @property {string} claim said before the promises
 * @property {{host: string, times: number, own: Place, other: Place}[]} promises
 */

async function measureOn(host, { entry }, rounds) {
  const { run } = await import(entry.href);
  const wasm = await artefact(SCRIPT, WASM);
  const adapter = existsSync(ADAPTER);
  if (host === 'node') {
    return run({ rounds, sonde: { script: SCRIPT.href, wasm, adapter: adapter ? ADAPTER.href : undefined } });
  }
  const argument = { rounds, sonde: { script: '/sonde.js', wasm, adapter: adapter ? '/otel.js' : undefined } };
  const files = { '/bench.js': await bundle(entry), '/sonde.js': await readFile(SCRIPT) };
  if (adapter) files['/otel.js'] = await bundle(ADAPTER);
  const job = { root: fileURLToPath(ROOT), files, module: '/bench.js', call: 'run', argument };
  return runInBrowser(host, job);
}

/** Bytes of the bodies by implementation. */
function sizesOf({ verify, body: told }, proofs) {
  const sizes = new Map();
  for (const { case: name, impl, body } of proofs) {
    const bytes = Buffer.from(body, 'base64');
    verify(impl, name, bytes);
    if (name === told) sizes.set(impl, bytes.length);
  }
  return sizes;
}

const find = (times, [name, impl]) => times.find((row) => row.case === name && row.impl === impl);

function printJson({ bench }, host, times) {
  for (const { case: name, impl, ns, spread } of times) {
    const ns_per_item = Math.round(ns * 10) / 10;
    const rounded = Math.round(spread * 1000) / 1000;
    console.log(JSON.stringify({ bench, host, case: name, impl, ns_per_item, spread: rounded }));
  }
}

function printTable(contest, host, times, sizes) {
  const { item, items, names, cases, column, base } = contest;
  console.log(`\n${host}\n\n| what | how | ns a ${item} | spread | ${column} | bytes a ${item} |`);
  console.log('|---|---|--:|--:|--:|--:|');
  for (const row of times) {
    const { case: name, impl, ns, spread } = row;
    const size = name === contest.body ? Math.round(sizes.get(impl) / items) : '';
    const own = find(times, base(row));
    const cells = [names[impl], cases[name], Math.round(ns), `± ${Math.round(spread * 100)} %`,
      own ? (ns / own.ns).toFixed(1) : '', size];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/** The ratios of this host, said or only returned. */
function promises({ names, cases, promises: all }, host, times, print) {
  let kept = true;
  for (const { own, other, times: least } of all.filter((it) => it.host === host)) {
    const [mine, theirs] = [find(times, own), find(times, other)];
    const ratio = mine ? theirs.ns / mine.ns : 0;
    kept &&= ratio >= least;
    const verdict = !mine ? 'NOT MEASURED' : ratio >= least ? 'kept' : 'NOT KEPT';
    print(`${host}: ${names[own[1]]}, ${cases[own[0]]}: ${ratio.toFixed(1)} times faster than ${names[other[1]]} (promised ${least}: ${verdict})`);
  }
  return kept;
}

async function main(contest) {
  const { help, hosts, json, rounds, check } = settings(HOSTS);
  if (help) return void process.stdout.write(contest.help);
  const all = [];
  for (const host of hosts) {
    const { times, proofs } = await measureOn(host, contest, rounds);
    const sizes = sizesOf(contest, proofs);
    if (json) printJson(contest, host, times);
    else printTable(contest, host, times, sizes);
    all.push({ host, times });
  }
  const print = json ? console.error : console.log;
  print(`\n${contest.claim}`);
  const kept = all.map(({ host, times }) => promises(contest, host, times, print));
  if (check && kept.includes(false)) process.exitCode = 1;
}

/** @param {Contest} contest */
export function hold(contest) {
  main(contest).catch((error) => {
    console.error(`bench ${contest.bench}: ${error.message}`);
    process.exitCode = 1;
  });
}
