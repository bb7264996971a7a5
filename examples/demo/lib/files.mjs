// Serves files of a few folders, and nothing else.
import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** @returns {Promise<{type: string, body: Buffer} | undefined>} */
async function find(folder, name) {
  const path = resolve(join(folder, name));
  const type = TYPES[extname(path)];
  if (!path.startsWith(resolve(folder) + sep) || !type) return undefined;
  return readFile(path).then((body) => ({ type, body }), () => undefined);
}

/** A path as the URL means it; undefined if it is none. */
function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/**
 * @param {Record<string, string>} folders URL prefix, ending in '/', to folder
 * @param {string} path of the URL
 */
export async function findFile(folders, path) {
  const name = decoded(path);
  const prefix = Object.keys(folders).find((start) => name?.startsWith(start));
  return prefix ? find(folders[prefix], name.slice(prefix.length)) : undefined;
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} type
 * @param {string | Buffer} body
 * @param {Record<string, string>} [headers]
 */
export function reply(response, status, type, body, headers) {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body);
}
