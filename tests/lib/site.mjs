// The web site of the browser tests: an empty page, the exporter's files, and a
// place to send to on the same origin and on another one.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFile, reply } from '../../examples/demo/lib/files.mjs';
import { signalOf } from '../../examples/demo/lib/receiver.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Tests say the first, the manuals the second. */
const FOLDERS = { '/sonde/': `${ROOT}dist/web/`, '/assets/': `${ROOT}dist/web/` };
const HTML = 'text/html; charset=utf-8';
const EMPTY = '<!doctype html><title>page</title><p>A page.';

/** @typedef {(request: any, response: any) => unknown} Handler */

/** A server on any port. @param {Handler} handler */
export async function listen(handler) {
  const server = createServer(async (request, response) => {
    try {
      await handler(request, response);
    } catch (error) {
      response.destroy(error);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/**
 * @param {object} options
 * @param {Handler} [options.backend] what answers /v1/logs, /v1/traces and /v1/metrics
 * @param {Record<string, Handler>} [options.posts] what answers other POSTs, by how their path begins
 * @param {Record<string, string | Buffer>} [options.files] by URL path
 * @param {Record<string, string>} [options.headers] of pages
 */
export function startSite({ backend, posts = {}, files = {}, headers = {} }) {
  return listen(async (request, response) => {
    const path = request.url.split('?')[0];
    const post = request.method === 'POST' && Object.keys(posts).find((start) => path.startsWith(start));
    if (post) return posts[post](request, response);
    if (signalOf(path)) return backend(request, response);
    const file = await findFile(FOLDERS, path);
    if (file) return reply(response, 200, file.type, file.body);
    const type = /\.m?js$/.test(path) ? 'text/javascript' : HTML;
    // no-store would keep pages out of the back/forward cache.
    return reply(response, 200, type, files[path] ?? EMPTY, { 'cache-control': 'no-cache', ...headers });
  });
}

const allowed = (origin) => ({
  'access-control-allow-origin': origin,
  'access-control-expose-headers': 'retry-after',
  vary: 'origin',
});

/**
 * Another origin, that every page may send to after a preflight which takes
 * its time and is never remembered.
 *
 * @param {object} options
 * @param {Handler} options.backend
 * @param {number} options.preflightDelay ms
 */
export function startOtherOrigin({ backend, preflightDelay }) {
  return listen(async (request, response) => {
    const { origin = '*', 'access-control-request-headers': wanted = '' } = request.headers;
    for (const [name, value] of Object.entries(allowed(origin))) response.setHeader(name, value);
    if (request.method !== 'OPTIONS') return backend(request, response);
    await delay(preflightDelay);
    response.writeHead(204, {
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': wanted,
      'access-control-max-age': '0',
    });
    return response.end();
  });
}
