// Starts the real workerd with a worker of a few modules, on any free port.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Long known to the pinned version: it refuses one of its future. */
const COMPATIBILITY_DATE = '2026-01-01';
const START_TIME = 30_000;

/** The program itself: the package's own start script would be one more process. */
function findProgram() {
  const require = createRequire(import.meta.url);
  const beside = createRequire(require.resolve('workerd/package.json'));
  return beside.resolve(`@cloudflare/workerd-${process.platform}-${process.arch === 'x64' ? '64' : process.arch}/bin/workerd`);
}

const kind = (name) => (name.endsWith('.wasm') ? 'wasm' : 'esModule');
const quoted = (text) => JSON.stringify(text);

/**
 * @param {string[]} names of files beside it; the first is the worker
 * @param {Environment} environment
 */
function config(names, { texts = {}, stores = {} }) {
  const list = names.map((name) => `(name = ${quoted(name)}, ${kind(name)} = embed ${quoted(name)})`);
  const services = Object.entries(stores).map(([name, address]) => `, (name = ${quoted(name)}, external = (address = ${quoted(address)}, http = ()))`);
  const bindings = [
    ...Object.entries(texts).map(([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)})`),
    ...Object.keys(stores).map((name) => `(name = ${quoted(name)}, kvNamespace = ${quoted(name)})`),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .worker)${services.join('')} ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "main") ]
);
const worker :Workerd.Worker = (
  modules = [ ${list.join(', ')} ],
  bindings = [ ${bindings.join(', ')} ],
  compatibilityDate = ${quoted(COMPATIBILITY_DATE)}
);
`;
}

/** The port that it tells on its control pipe, as a line of JSON. */
function listening(child) {
  return new Promise((resolve, reject) => {
    let told = '';
    let errors = '';
    const fail = (what) => reject(new Error(`workerd ${what}: ${errors.slice(0, 2000)}`));
    const timer = setTimeout(() => fail(`does not listen after ${START_TIME} ms`), START_TIME);
    child.stderr.on('data', (data) => { errors += data; });
    child.once('error', ({ message }) => fail(message));
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
    child.stdio[3].on('data', (data) => {
      told += data;
      const event = told.split('\n').slice(0, -1).map((line) => JSON.parse(line)).find((it) => it.event === 'listen');
      if (!event) return;
      clearTimeout(timer);
      resolve(event.port);
    });
  });
}

/**
 * What the worker is given: texts, and key-value stores, each with the address
 * of the server that keeps them.
 *
 * @typedef {{texts?: Record<string, string>, stores?: Record<string, string>}} Environment
 */

/**
 * @param {Record<string, string>} modules name to file; the first is the worker
 * @param {Environment} [environment]
 * @returns {Promise<{origin: string, close: () => Promise<void>}>}
 */
export async function startWorkerd(modules, environment = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-workerd-'));
  const file = join(folder, 'config.capnp');
  await writeFile(file, config(Object.keys(modules), environment));
  for (const [name, from] of Object.entries(modules)) await copyFile(from, join(folder, name));
  const child = spawn(findProgram(), ['serve', '--control-fd=3', file], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  async function close() {
    if (child.exitCode === null && child.signalCode === null && child.pid) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  }
  try {
    return { origin: `http://127.0.0.1:${await listening(child)}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}
