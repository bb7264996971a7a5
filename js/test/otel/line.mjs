// Both lines of the OpenTelemetry API. A process has one of them, as the API's
// globals are of one version; so each line has a test file, and Node resolves
// the packages for it as it would in an app.
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const PACKAGES = { '1.9': `${ROOT}tests/otel-1.9/node_modules`, '1.10': `${ROOT}node_modules` };

/** A folder of an app that has the packages of a line, and what ships. @param {'1.9' | '1.10'} line */
export function appFolder(line) {
  if (!existsSync(PACKAGES[line])) throw new Error(`no packages of ${line}: run npm ci in tests/otel-1.9`);
  const folder = mkdtempSync(join(tmpdir(), 'sonde-otel-'));
  after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(`${PACKAGES[line]}/@opentelemetry`, join(folder, 'node_modules/@opentelemetry'));
  cpSync(`${ROOT}dist/web`, join(folder, 'node_modules/sonde'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  return folder;
}

/**
 * `sonde/otel`, the API and other packages that the tests name.
 *
 * @param {'1.9' | '1.10'} line
 * @param {Record<string, string>} [more]
 */
export async function load(line, more = {}) {
  const folder = appFolder(line);
  copyFileSync(`${ROOT}js/otel.js`, join(folder, 'otel.js'));
  cpSync(`${ROOT}js/otel`, join(folder, 'otel'), { recursive: true });
  const names = { api: '@opentelemetry/api', apiLogs: '@opentelemetry/api-logs', ...more };
  writeFileSync(join(folder, 'all.js'), [
    "export * as otel from './otel.js';",
    ...Object.entries(names).map(([name, from]) => `export * as ${name} from '${from}';`),
  ].join('\n'));
  return import(join(folder, 'all.js'));
}
