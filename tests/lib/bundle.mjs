// Pages with packages of OpenTelemetry: bundled for the test, for one of the two
// lines of its API.
import { existsSync } from 'node:fs';
import { build } from 'esbuild';
import { ROOT } from './site.mjs';

export const LINES = { '1.9': `${ROOT}tests/otel-1.9/node_modules`, '1.10': `${ROOT}node_modules` };
/** The package as it ships, under its names. */
const SONDE = { sonde: 'sonde.js', 'sonde/inline': 'sonde-inline.js', 'sonde/otel': 'otel.js' };

/**
 * @param {'1.9' | '1.10'} line
 * @param {string | {source: string}} entry a file below the root, or source text
 * @param {Record<string, string>} [instead] files to take instead of others, by the names they are imported by
 */
export async function bundle(line, entry, instead = {}) {
  if (!existsSync(LINES[line])) throw new Error(`no packages of ${line}: run npm ci in tests/otel-1.9`);
  const replaced = {
    name: 'packages',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /./ }, ({ path, kind, pluginData }) => {
        if (kind === 'entry-point' || pluginData === 'again') return undefined;
        if (SONDE[path]) return { path: `${ROOT}dist/web/${SONDE[path]}` };
        if (instead[path]) return { path: instead[path] };
        // What ships, and what the examples import, comes from the line, too.
        if (/^[@\w]/.test(path)) return resolve(path, { kind, resolveDir: LINES[line], pluginData: 'again' });
        return undefined;
      });
    },
  };
  const { outputFiles: [{ text }], warnings } = await build({
    ...(typeof entry === 'string' ? { entryPoints: [ROOT + entry] } : { stdin: { contents: entry.source, resolveDir: ROOT } }),
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
    plugins: [replaced],
  });
  return { text, warnings };
}
