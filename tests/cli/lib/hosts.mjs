// The command `sonde` on each host that it is built for: natively, and as
// sonde.wasm in Node's WASI and in the Wasmtime command line. All must answer
// the same, so a test runs a command on all of them at once.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const RUNNER = fileURLToPath(new URL('wasi.mjs', import.meta.url));
const MEGABYTES = 256 * 2 ** 20;

export const NATIVE = `${ROOT}dist/native/sonde`;
export const MODULE = `${ROOT}dist/wasi/sonde.wasm`;
export const WASMTIME = process.env.SONDE_WASMTIME;

/** A folder that is gone when the tests have ended. */
export function temporary() {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-cli-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Compiled once: Wasmtime would compile the module for each run. */
let compiled;
function compile() {
  if (compiled) return compiled;
  compiled = join(temporary(), 'sonde.cwasm');
  const made = spawnSync(WASMTIME, ['compile', '-o', compiled, MODULE], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  return compiled;
}

/** @type {{ name: string, command: (env: Record<string, string>) => string[] }[]} */
export const HOSTS = [
  { name: 'native', command: () => [NATIVE] },
  { name: 'node', command: () => [process.execPath, '--no-warnings', RUNNER, MODULE] },
];
if (WASMTIME) {
  const passed = (env) => Object.keys(env).flatMap((name) => ['--env', name]);
  HOSTS.push({ name: 'wasmtime', command: (env) => [WASMTIME, 'run', '--allow-precompiled', ...passed(env), compile()] });
}

/**
 * Runs it on one host.
 * @param {typeof HOSTS[0]} host
 * @param {string[]} args
 * @param {{ input?: string | Buffer, env?: Record<string, string>, before?: string, shell?: string }} [how]
 *   before: a command of the shell; shell: a redirection, such as `>/dev/full`
 */
export function runOn(host, args, { input = '', env = {}, before = '', shell } = {}) {
  const command = [...host.command(env), ...args];
  if (shell !== undefined) command.unshift('sh', '-c', `${before}\nexec "$0" "$@" ${shell}`);
  const { status, signal, stdout, stderr, error } = spawnSync(command[0], command.slice(1), {
    input, env: { PATH: process.env.PATH, ...env }, maxBuffer: MEGABYTES,
  });
  if (error && error.code !== 'EPIPE') throw error; // it need not read all of its input
  assert.equal(signal, null, `${host.name} was ended by a signal`);
  return { code: status, out: stdout.toString(), err: stderr.toString() };
}

/** Runs it on all hosts; they must agree to the byte. */
export function run(args, how) {
  const answers = HOSTS.map((host) => runOn(host, args, how));
  answers.forEach((answer, i) => assert.deepEqual(answer, answers[0], `${HOSTS[i].name} is not as ${HOSTS[0].name}`));
  return answers[0];
}

/** Compares an answer; `err` is a message, or what must be in one; '' is none. */
export function expect(answer, { code, out, err = '' }) {
  if (err instanceof RegExp) assert.match(answer.err, err);
  else assert.equal(answer.err, err && `sonde: ${err}\n`);
  if (out instanceof RegExp) assert.match(answer.out, out);
  else if (out !== undefined) assert.equal(answer.out, out);
  assert.equal(answer.code, code, 'exit code');
}
