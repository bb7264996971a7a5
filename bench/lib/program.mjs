// What the programs of the benchmarks share: their options, the files that they
// measure, and the bundle for a page.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const OPTIONS = {
  host: { type: 'string', default: 'all' },
  rounds: { type: 'string', default: '15' },
  json: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

function read(known) {
  const { values } = parseArgs({ options: OPTIONS });
  const rounds = Number(values.rounds);
  if (!(rounds >= 5)) throw new Error(`--rounds: a number from 5, not ${values.rounds}`);
  const hosts = values.host === 'all' ? known : [values.host];
  const wrong = hosts.find((host) => !known.includes(host));
  if (wrong) throw new Error(`--host: ${known.join(', ')} or all, not ${wrong}`);
  return { ...values, rounds, hosts };
}

/** Ends the program with 2 if they are wrong. @param {string[]} known hosts, which `--host all` means */
export function settings(known) {
  try {
    return read(known);
  } catch (error) {
    console.error(`bench: ${error.message}; see --help`);
    return process.exit(2);
  }
}

/** The module in base64. @param {URL} script that goes with it @param {URL} wasm */
export async function artefact(script, wasm) {
  const missing = [script, wasm].find((file) => !existsSync(file));
  if (missing) throw new Error(`${fileURLToPath(missing)} is missing: run ./dev build first`);
  return (await readFile(wasm)).toString('base64');
}

/** @param {URL} entry */
export async function bundle(entry) {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    external: ['node:crypto'],
    write: false,
  });
  return outputFiles[0].contents;
}
