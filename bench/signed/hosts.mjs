// Rows that other programs measure: each prints JSON lines, and they join the
// table. A line is {"host", "case", "impl", "ns_per_item", "spread"}; other
// members are passed on.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Child
 * @property {string} name for messages
 * @property {string[]} command program and arguments
 * @property {string | Buffer} [input] for its standard input, such as
 *   `submissionLines()` of lines.mjs
 * @property {Record<string, string>} [env] beside the environment
 */

const root = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The programs that `node bench/signed.mjs --host hosts` runs. @type {((rounds: number) => Child)[]} */
export const CHILDREN = [
  () => ({ name: 'C host', command: [root('build/native/bench_host'), root('dist/edge/sonde-edge.wasm')] }),
  (rounds) => ({
    name: 'Python host',
    command: [process.env.SONDE_PYTHON ?? 'python3', root('bench/signed/python_host.py'), `--rounds=${rounds}`],
  }),
  (rounds) => ({ name: 'NDJSON', command: [process.execPath, root('bench/signed/ndjson.mjs'), String(rounds)] }),
];

function rowOf(name, line) {
  try {
    const row = JSON.parse(line);
    if (row.host && row.case && row.impl && row.ns_per_item > 0) return { spread: 0, ...row };
  } catch {
    // told below
  }
  throw new Error(`${name}: not a row of the table: ${line.slice(0, 200)}`);
}

/** Runs a program and gives its rows. @param {Child} child @returns {Promise<object[]>} */
export async function runChild({ name, command: [program, ...rest], input = '', env = {} }) {
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const ended = once(child, 'close'); // an error rejects it
  child.stdin.on('error', () => {}); // it need not read all
  child.stdin.end(input);
  const rows = [];
  const lines = (async () => {
    for await (const line of createInterface({ input: child.stdout })) if (line.trim() !== '') rows.push(rowOf(name, line));
  })();
  const [[code, signal]] = await Promise.all([ended, lines]);
  if (code !== 0) throw new Error(`${name} ended with ${code ?? signal}`);
  return rows;
}
