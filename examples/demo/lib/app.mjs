// The web server of the demo: the page, the exporter's files, the receiver.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { findFile, reply } from './files.mjs';
import { Hub } from './hub.mjs';
import { ANSWERS, Receiver, signalOf } from './receiver.mjs';

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));
export const DIST = folder('../../../dist/web/');
const FOLDERS = { '/page/': folder('../page/'), '/sonde/': DIST };
const PAGES = { '/': '/page/index.html', '/away': '/page/away.html' };
const MOST_CONTROL = 4096;

/** The strictest policy that the exporter works under. */
const POLICY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; " +
    "style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

/** A small JSON object, or undefined. */
async function readJson(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MOST_CONTROL) return undefined;
  }
  try {
    return Object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const within = (value, least, most, other) =>
  Number.isInteger(value) && value >= least && value <= most ? value : other;

function applySettings(receiver, hub, wanted) {
  const { mode, retryAfter, limit } = receiver.settings;
  receiver.settings = {
    mode: Object.hasOwn(ANSWERS, wanted.mode) ? wanted.mode : mode,
    retryAfter: within(wanted.retryAfter, 0, 60, retryAfter),
    limit: within(wanted.limit, 100, 1_000_000, limit),
  };
  hub.settingsChanged();
}

/** Other sites must not turn the knobs of a demo that runs on this machine. */
const isForeign = ({ headers: { origin, host } }) => origin !== `http://${host}`;

async function control(request, response, use) {
  if (isForeign(request)) return reply(response, 403, 'text/plain', 'only the page of the demo may do this');
  const wanted = await readJson(request);
  if (!wanted) return reply(response, 400, 'text/plain', 'a small JSON object is needed');
  use(wanted);
  return reply(response, 200, 'application/json', '{}');
}

async function page(path, response) {
  const file = await findFile(FOLDERS, PAGES[path] ?? path);
  if (!file) return reply(response, 404, 'text/plain', `nothing at ${path}`);
  return reply(response, 200, file.type, file.body, POLICY);
}

function route(receiver, hub) {
  const posts = {
    '/control': (wanted) => applySettings(receiver, hub, wanted),
    '/clear': () => hub.clear(),
  };
  return async (request, response) => {
    const path = request.url.split('?')[0];
    if (signalOf(path)) return receiver.handle(request, response);
    if (path === '/live') return hub.follow(response);
    if (Object.hasOwn(posts, path) && request.method === 'POST') return control(request, response, posts[path]);
    return page(path, response);
  };
}

/** Tries the ports in turn. Throws what `listen` throws for the last. */
async function listen(server, host, ports) {
  for (const port of ports) {
    try {
      server.listen(port, host);
      await once(server, 'listening');
      return;
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || port === ports.at(-1)) throw error;
    }
  }
}

/**
 * @param {{host: string, ports: number[]}} options ports in order of preference; 0 is any
 * @returns {Promise<{address: string, receiver: Receiver, close: () => Promise<void>}>}
 */
export async function startDemo({ host, ports }) {
  const receiver = new Receiver();
  const handle = route(receiver, new Hub(receiver));
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await listen(server, host, ports);
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    address: `http://${name}:${server.address().port}/`,
    receiver,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
