// Runs sonde-host, and makes modules for it.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const HOST = process.env.SONDE_HOST ?? `${ROOT}build/native/sonde-host`;
export const EDGE = `${ROOT}dist/edge/sonde-edge.wasm`;

/** A folder that is gone after the tests of a file. */
export function makeFolder(after) {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-host-'));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The module of tests/wasmtime/fake.wat in this folder, edited. */
export function makeFake(folder, ...fromTo) {
  const module = join(folder, 'fake.wasm');
  execFileSync(`${ROOT}build/native/make_fake`, [module, ...fromTo], { cwd: ROOT });
  return module;
}

const LONGEST = 120000; // milliseconds; a test that fails leaves its child behind
const PLAIN = { PATH: process.env.PATH, HOME: '/nonexistent' };

/**
 * @param {string[]} args
 * @param {{input?: string | Buffer, env?: object, stdio?: Array, cwd?: string}} options
 * @returns the child; `done` tells its code and output, `lines` waits for output
 */
export function start(args, { env = {}, stdio = ['pipe', 'pipe', 'pipe'], cwd = ROOT } = {}) {
  const child = spawn(HOST, args, { env: { ...PLAIN, ...env }, stdio, cwd, timeout: LONGEST });
  const seen = { out: [], err: [] };
  child.stdout?.on('data', (data) => seen.out.push(data));
  child.stderr?.on('data', (data) => seen.err.push(data));
  child.stdin?.on('error', () => {}); // it may end before it has read all
  const text = (list) => Buffer.concat(list).toString();
  const done = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, out: text(seen.out), err: text(seen.err) }));
  });
  /** Waits until so many lines have come out. */
  const lines = async (count) => {
    while (text(seen.out).split('\n').length <= count) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended early: ${text(seen.err)}`);
      await sleep(2);
    }
  };
  return { child, done, lines };
}

/** Runs it to its end. */
export function run(args, options = {}) {
  const { child, done } = start(args, options);
  child.stdin?.end(options.input ?? '');
  return done;
}
