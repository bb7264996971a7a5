// The real OpenTelemetry Collector as a receiver: OTLP in, a file of JSON lines
// out.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeLine } from '../../examples/demo/lib/otlp.mjs';
import { until } from './inbox.mjs';
import { listen } from './site.mjs';

const START_TIME = 20_000;

const configuration = (port, file) => `
receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:${port}
        cors:
          allowed_origins: ['http://127.0.0.1:*']
          allowed_headers: ['*']
          max_age: 7200
exporters:
  file:
    path: ${JSON.stringify(file)}
    flush_interval: 50ms
service:
  telemetry:
    metrics:
      level: none
  pipelines:
    logs:
      receivers: [otlp]
      exporters: [file]
    traces:
      receivers: [otlp]
      exporters: [file]
    metrics:
      receivers: [otlp]
      exporters: [file]
`;

/** A port that was free a moment ago. */
async function freePort() {
  const server = await listen(() => {});
  await server.close();
  return Number(new URL(server.origin).port);
}

/** Throws what to do when there is none: a test without it proves nothing. */
function program() {
  const path = process.env.SONDE_COLLECTOR;
  if (!path) throw new Error('SONDE_COLLECTOR names no Collector: ./dev test collector builds one');
  return path;
}

/** Runs it; `log` is what it says. */
function run(config) {
  const child = spawn(program(), ['--config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  const state = { child, log: '', ended: false };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { state.log += text; });
  child.on('error', (error) => Object.assign(state, { ended: true, log: error.message }));
  child.on('exit', () => { state.ended = true; });
  return state;
}

const answers = (origin) => fetch(origin).then((response) => response.arrayBuffer().then(() => true), () => false);

/**
 * @returns {Promise<Collector>}
 * @typedef {object} Collector
 * @property {string} origin
 * @property {(signal?: string) => Promise<any[]>} records all that are in its file,
 *   log records unless told
 * @property {(count: number, signal?: string) => Promise<any[]>} received
 *   waits for so many
 * @property {() => Promise<object[]>} settled waits until nothing comes any more
 * @property {() => Promise<void>} stop
 */
export async function startCollector() {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-collector-'));
  const file = join(folder, 'otlp.jsonl');
  const port = await freePort();
  await writeFile(join(folder, 'config.yaml'), configuration(port, file));
  const state = run(join(folder, 'config.yaml'));
  const origin = `http://127.0.0.1:${port}`;
  await until('the Collector answers', () => state.ended || answers(origin), START_TIME);
  if (state.ended) throw new Error(`the Collector ended:\n${state.log}`);
  return { origin, ...reader(file), stop: () => stop(state, folder) };
}

/** The last line may be half written. */
async function readRecords(file, signal = 'logs') {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter(Boolean).flatMap((line) => decodeLine(line, signal));
}

function reader(file) {
  const records = (signal) => readRecords(file, signal);
  return {
    records,
    async received(count, signal) {
      let found = [];
      const enough = async () => (found = await records(signal)).length >= count;
      await until(`${count} records`, enough).catch((error) => {
        throw new Error(`${error.message}; there are ${found.length}`);
      });
      return found;
    },
    async settled(quiet = 800) {
      for (let seen = -1; ;) {
        const { length } = await records();
        if (length === seen) return records();
        seen = length;
        await delay(quiet);
      }
    },
  };
}

async function stop({ child, ended }, folder) {
  if (!ended) {
    const exit = new Promise((resolve) => { child.once('exit', resolve); });
    child.kill('SIGTERM');
    await exit;
  }
  await rm(folder, { recursive: true });
}

/**
 * Hands requests on to the Collector, after a delay for preflights, whose
 * answer is then never remembered.
 *
 * @param {string} origin
 * @param {{preflightDelay?: number, change?: (headers: object) => void}} [options]
 * @returns {import('./site.mjs').Handler}
 */
export function proxyTo(origin, { preflightDelay = 0, change = () => {} } = {}) {
  return async (request, response) => {
    if (request.method === 'OPTIONS') await delay(preflightDelay);
    const { method, url } = request;
    const headers = { ...request.headers };
    change(headers);
    const outer = http.request(origin + url, { method, headers }, (answer) => {
      const rest = { ...answer.headers };
      if (method === 'OPTIONS') rest['access-control-max-age'] = '0';
      response.writeHead(answer.statusCode, rest);
      answer.pipe(response);
    });
    outer.on('error', () => response.destroy());
    request.on('aborted', () => outer.destroy());
    request.pipe(outer);
  };
}
