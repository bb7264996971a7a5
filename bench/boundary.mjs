#!/usr/bin/env node
// ./dev bench boundary: what it costs to bring a record from JavaScript into
// wasm memory, in several ways. src/wasm/README.md has the conclusion.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from './boundary/page.mjs';
import { BROWSERS, runInBrowser } from './lib/browsers.mjs';

const HELP = `Usage: ./dev bench boundary [--host HOST] [--rounds N] [--json]

Nanoseconds to bring one log record (a body of 80 to 200 characters and 12 or 6
attributes) from JavaScript into wasm memory, and one call.

  --host HOST   node, chromium, firefox or all (the default)
  --rounds N    interleaved rounds, of which the median is taken (default 9)
  --json        one JSON object a line instead of a table
  --help        this text
`;

const OPTIONS = {
  host: { type: 'string', default: 'all' },
  rounds: { type: 'string', default: '9' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const HOSTS = ['node', ...Object.keys(BROWSERS)];

function settings() {
  const { values } = parseArgs({ options: OPTIONS });
  const rounds = Number(values.rounds);
  if (!(rounds >= 1)) throw new Error(`--rounds: a number from 1, not ${values.rounds}`);
  const hosts = values.host === 'all' ? HOSTS : [values.host];
  const wrong = hosts.find((host) => !HOSTS.includes(host));
  if (wrong) throw new Error(`--host: ${HOSTS.join(', ')} or all, not ${wrong}`);
  return { ...values, rounds, hosts };
}

function measureOn(host, options) {
  if (host === 'node') return run(options);
  const module = '/boundary/page.mjs';
  return runInBrowser(host, { root: ROOT, module, call: 'run', argument: options });
}

function printJson(host, rows) {
  for (const { ns, spread, ...row } of rows) {
    const ns_per_item = Math.round(ns);
    const rounded = Math.round(spread * 1000) / 1000;
    const line = { bench: 'boundary', host, ...row, ns_per_item, spread: rounded };
    console.log(JSON.stringify(line));
  }
}

const COLUMNS = [
  ['ascii', 'id'],
  ['ascii', 'text'],
  ['mixed', 'id'],
  ['mixed', 'text'],
];

/** A Markdown table: a line for each way, a column for each kind of data. */
function printTable(host, attributes, rows) {
  console.log(`\n${host}, ${attributes} attributes, ns a record (± spread)\n`);
  const heads = COLUMNS.map(([data, keys]) => `${data}, key ${keys}`);
  console.log(`| text | numbers | ${heads.join(' | ')} |`);
  console.log(`|---|---|${'--:|'.repeat(COLUMNS.length)}`);
  const mine = rows.filter((row) => row.attributes === attributes);
  for (const line of new Set(mine.map((row) => `${row.text} | ${row.nodes}`))) {
    const cells = COLUMNS.map(([data, keys]) => {
      const row = mine.find((it) => it.data === data && it.keys === keys
        && `${it.text} | ${it.nodes}` === line);
      return `${Math.round(row.ns)} ± ${Math.round(row.spread * 100)} %`;
    });
    console.log(`| ${line} | ${cells.join(' | ')} |`);
  }
}

async function main() {
  const { help, hosts, json, rounds } = settings();
  if (help) return void process.stdout.write(HELP);
  for (const host of hosts) {
    const rows = await measureOn(host, { rounds });
    if (json) printJson(host, rows);
    else for (const attributes of [12, 6]) printTable(host, attributes, rows);
  }
}

main().catch((error) => {
  console.error(`bench boundary: ${error.message}`);
  process.exitCode = 1;
});
