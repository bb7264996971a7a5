// The demo: a page that logs, and a receiver that shows what arrived.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DIST, startDemo } from './lib/app.mjs';

const PORT = 8321;
const TRIES = 20;
const ANY_HOST = ['0.0.0.0', '::'];

const HELP = `Usage: ./dev demo [--port N] [--host ADDRESS] [--check]

Serves a page that logs through Sonde and a receiver that shows what arrived.

  --port N         listen on this port (default: 8321, or the next free one)
  --host ADDRESS   listen on this address (default: 127.0.0.1, this machine only)
  --check          go through the page once in a headless Chromium and exit with
                   0 or 1; SONDE_CHROMIUM names the program if it is not in PATH
  --help           this text
`;

function fail(status, message) {
  console.error(`demo: ${message}`);
  process.exit(status);
}

function readOptions() {
  const options = {
    port: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  };
  try {
    return parseArgs({ options, allowPositionals: false }).values;
  } catch (error) {
    return fail(2, `${error.message.split('. ')[0]}; see ./dev demo --help`);
  }
}

/** @param {string | undefined} port as given */
function portsFor(port) {
  if (port === undefined) return Array.from({ length: TRIES }, (_, index) => PORT + index);
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65535) return [Number(port)];
  return fail(2, `--port takes a number from 0 to 65535, not '${port}'`);
}

async function start(host, ports) {
  for (const name of ['sonde.js', 'sonde-web.wasm']) {
    await access(join(DIST, name)).catch(() => fail(1, `dist/web/${name} is missing: run ./dev build`));
  }
  return startDemo({ host, ports }).catch((error) => {
    const taken = error.code === 'EADDRINUSE';
    return fail(1, taken ? `port ${ports.at(-1)} is taken: give another with --port` : error.message);
  });
}

async function serve(host, ports) {
  const { address } = await start(host, ports);
  console.log(`The demo is at ${address}`);
  if (ANY_HOST.includes(host)) console.log('It listens on all addresses of this machine.');
  console.log('Ctrl+C ends it.');
}

async function check(host) {
  const demo = await start(host, [0]);
  const { checkDemo } = await import('./check.mjs');
  const passed = await checkDemo(demo);
  await demo.close();
  process.exit(passed ? 0 : 1);
}

const options = readOptions();
const ports = portsFor(options.port);
if (options.help) process.stdout.write(HELP);
else if (options.check) await check(options.host);
else await serve(options.host, ports);
