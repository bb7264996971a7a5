// Runs one exported function of a module in a headless browser.
//
// The page comes from a server on loopback with the two headers that isolate
// it, which gives fine timers. Chromium is driven by playwright-core, Firefox
// by puppeteer-core over WebDriver BiDi; both drive Debian's own builds.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** As the project's other tests start it: no background network. */
export const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function answer(response, status, type, body) {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  });
  response.end(body);
}

/** Serves `files` (path → text or bytes), then what is below `root`. */
async function serve(root, files) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const type = TYPES[extname(path)] ?? 'text/html; charset=utf-8';
    if (path === '/') return answer(response, 200, type, '<!doctype html>');
    try {
      const file = join(root, normalize(path));
      answer(response, 200, type, files[path] ?? (await readFile(file)));
    } catch {
      answer(response, 404, 'text/plain', 'not found');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, address: `http://127.0.0.1:${server.address().port}/` };
}

async function startChromium() {
  const { chromium } = await import('playwright-core');
  const executablePath = process.env.SONDE_CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
}

async function startFirefox() {
  const { default: puppeteer } = await import('puppeteer-core');
  const executablePath = process.env.SONDE_FIREFOX ?? '/usr/bin/firefox-esr';
  return puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    protocolTimeout: 600_000,
  });
}

export const BROWSERS = { chromium: startChromium, firefox: startFirefox };

/**
 * @param {keyof BROWSERS} host
 * @param {{root: string, files?: Record<string, string | Uint8Array>,
 *   module: string, call: string, argument: unknown}} job `call` is a function
 *   that `module` (a path on the server) exports; argument and result are JSON
 */
export async function runInBrowser(host, job) {
  const { server, address } = await serve(job.root, job.files ?? {});
  const browser = await BROWSERS[host]();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout?.(600_000);
    await page.goto(address);
    const { module, call, argument } = job;
    return await page.evaluate(
      async ({ module, call, argument }) =>
        (await import(module))[call](argument),
      { module, call, argument },
    );
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}
