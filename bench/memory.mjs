#!/usr/bin/env node
// ./dev bench memory: what 1,024 queued log records take, in Sonde's linear
// memory and in the JavaScript heap of its peers. The data of ./dev bench logs.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { items } from './logs/data.mjs';
import { keepers } from './logs/peers.mjs';
import { callAll, start } from './logs/sonde.mjs';

const HELP = `Usage: ./dev bench memory [--json] [--check]

Bytes that 1,024 queued log records take. For Sonde, its linear memory with room
for them (the default) beyond that with the smallest queue; all of them must
still be there. For the others, what the JavaScript heap grows by.

  --json    one JSON object a line instead of a table
  --check   exit with 1 unless the queue takes at most 1 MiB, all of it 2 MiB
  --help    this text
`;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

const RECORDS = 1024;
const MIB = 1024 * 1024;
const SCRIPT = new URL('../dist/web/sonde.js', import.meta.url);
const WASM = new URL('../dist/web/sonde-web.wasm', import.meta.url);

/** The options with the least and with the usual room in the queue. */
const SMALLEST = { maxQueueRecords: 1, maxQueueBytes: 16384 };
const USUAL = {};
/** Nothing becomes due before all records are there. */
const PATIENT = { maxBatchRecords: 16384, maxBatchBytes: 1048576 };

setFlagsFromString('--expose_gc');
const gc = runInNewContext('gc');

/** After what is under way has ended, and nothing unused is left. */
async function heap() {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc();
  }
  return process.memoryUsage().heapUsed;
}

/** Fresh objects for each record, which nothing but the implementation keeps. */
function fill(keep) {
  for (let made = 0; made < RECORDS; ) {
    const list = items().slice(0, RECORDS - made);
    keep(list);
    made += list.length;
  }
}

/** What the heap grows by, per record. */
async function heapOf(keeper) {
  fill(keeper.keep);
  keeper.take();
  const before = await heap();
  fill(keeper.keep);
  const bytes = (await heap()) - before;
  if (keeper.take().length !== RECORDS) throw new Error(`${keeper.impl}: lost records`);
  return bytes;
}

async function linear(wasm, options) {
  const { client, core, loggers } = await start({ script: SCRIPT.href, wasm }, options);
  return { client, loggers, size: core.memory.buffer.byteLength };
}

/** Sizes of the instance, and the heap that 1,024 records leave behind. */
async function sondeMemory() {
  if (!existsSync(SCRIPT) || !existsSync(WASM))
    throw new Error('dist/web is missing: run ./dev build first');
  const wasm = (await readFile(WASM)).toString('base64');
  const empty = await linear(wasm, SMALLEST);
  const whole = await linear(wasm, USUAL);
  const { client, loggers } = await linear(wasm, PATIENT);
  fill((list) => callAll(loggers, list));
  await client.flush();
  const before = await heap();
  fill((list) => callAll(loggers, list));
  const grown = (await heap()) - before;
  const { queued } = client.stats();
  if (queued !== RECORDS) throw new Error(`sonde: ${queued} records queued`);
  await client.close();
  return { empty: empty.size, whole: whole.size, heap: grown };
}

const row = (impl, what, bytes) => ({ impl, what, bytes: Math.max(0, bytes) });

async function measure() {
  const { empty, whole, heap: grown } = await sondeMemory();
  const peers = [];
  for (const keeper of keepers())
    peers.push(row(keeper.impl, 'JavaScript heap', await heapOf(keeper)));
  return [
    row('sonde', 'linear memory, smallest queue', empty),
    row('sonde', 'linear memory, room for 1,024 records', whole),
    row('sonde', 'the queue: the difference', whole - empty),
    row('sonde', 'JavaScript heap beside it', grown),
    ...peers,
  ];
}

function printTable(rows) {
  console.log('| what | memory | bytes | a record |\n|---|---|--:|--:|');
  for (const { impl, what, bytes } of rows)
    console.log(`| ${impl} | ${what} | ${bytes} | ${Math.round(bytes / RECORDS)} |`);
}

function printJson(rows) {
  for (const line of rows)
    console.log(JSON.stringify({ bench: 'memory', host: 'node', records: RECORDS, ...line }));
}

async function main() {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return void process.stdout.write(HELP);
  const rows = await measure();
  if (values.json) printJson(rows);
  else printTable(rows);
  const [, whole, queue] = rows.map(({ bytes }) => bytes);
  if (values.check && (queue > MIB || whole > 2 * MIB)) process.exitCode = 1;
}

main().catch((error) => {
  console.error(`bench memory: ${error.message}`);
  process.exitCode = 1;
});
