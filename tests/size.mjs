// Prints the size of each file that ships, and fails over a budget of size.txt.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const DIST = path('../dist/');
const BUDGETS = path('./size.txt');
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

const ENCODINGS = {
  raw: (bytes) => bytes.length,
  gzip: (bytes) => gzipSync(bytes, { level: 9 }).length,
  brotli: (bytes) => brotliCompressSync(bytes, BROTLI).length,
};

const format = (number) => number.toLocaleString('en');

/** Name of each file below a folder, with its size in each encoding. */
function measure(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = files.map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));
  return names.sort().map((name) => {
    const bytes = readFileSync(join(folder, name));
    const sizes = Object.entries(ENCODINGS).map(([encoding, size]) => [encoding, size(bytes)]);
    return { name: name.split(sep).join('/'), ...Object.fromEntries(sizes) };
  });
}

/**
 * @param {string} text of size.txt
 * @returns {{name: string, encoding: string, limit: number, files: string[]}[]}
 */
export function parseBudgets(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [name, encoding, limit, files = ''] = line.split('|').map((part) => part.trim());
    const budget = { name, encoding, limit: Number(limit), files: files.split(/\s+/).filter(Boolean) };
    const valid = encoding in ENCODINGS && budget.limit > 0 && budget.files.length > 0;
    if (!valid) throw new Error(`size.txt: '${line}' is not 'name | encoding | limit | files'`);
    return budget;
  });
}

/** Sums up a budget's files. A file that is missing is over any budget. */
export function judge({ name, encoding, limit, files }, table) {
  const rows = files.map((file) => table.find((row) => row.name === file));
  const missing = files.filter((_, index) => !rows[index]);
  const size = rows.reduce((total, row) => total + (row?.[encoding] ?? 0), 0);
  return { name, encoding, limit, size, missing, passed: missing.length === 0 && size <= limit };
}

function print(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    const cells = row.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i])));
    console.log(cells.join('  '));
  }
}

function describe({ name, encoding, limit, size, missing, passed }) {
  if (missing.length > 0) return `FAILED  ${name}: ${missing.join(', ')} missing, run ./dev build`;
  const rest = passed ? `${format(limit - size)} left` : `${format(size - limit)} too many`;
  return `${passed ? 'ok    ' : 'FAILED'}  ${name}: ${format(size)} of ${format(limit)} bytes ${encoding}, ${rest}`;
}

function run() {
  const budgets = parseBudgets(readFileSync(BUDGETS, 'utf8'));
  const table = measure(DIST);
  const cells = ({ name, ...sizes }) => [name, ...Object.values(sizes).map(format)];
  print([['dist/', 'raw', 'gzip -9', 'brotli'], ...table.map(cells)]);
  console.log();
  const verdicts = budgets.map((budget) => judge(budget, table));
  for (const verdict of verdicts) console.log(describe(verdict));
  return verdicts.every(({ passed }) => passed);
}

function main([argument]) {
  if (argument === '--help') return console.log('usage: ./dev size\n\nSizes of what ships; exits 1 over a budget of tests/size.txt.');
  if (argument !== undefined) {
    console.error(`size: it takes no arguments, got '${argument}'`);
    process.exit(2);
  }
  try {
    if (!run()) process.exitCode = 1;
  } catch (error) {
    const remedy = error.code === 'ENOENT' ? `${relative('.', error.path)} is missing: run ./dev build` : error.message;
    console.error(`size: ${remedy}`);
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv.slice(2));
