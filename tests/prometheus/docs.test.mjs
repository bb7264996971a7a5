// The example of Prometheus text in the manual of the edge package, run with
// both packages as they ship, and scraped.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { until } from '../lib/inbox.mjs';
import { examplesOf, folderWith } from '../lib/manual.mjs';
import { listen } from '../lib/site.mjs';

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0';

/** One that nobody listens on. */
async function freePort() {
  const { origin, close } = await listen(() => {});
  await close();
  return new URL(origin).port;
}

test('wasi/edge/README.md: the example of Prometheus text', async (t) => {
  const { code } = examplesOf('wasi/edge/README.md')[2];
  const port = await freePort();
  assert.equal(code.split('9464').length, 2);
  const child = spawn(process.execPath, ['example.mjs'], { cwd: folderWith(t, code.replace('9464', port)) });
  t.after(async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, 'exit');
  });
  let errors = '';
  child.stderr.on('data', (text) => { errors += text; });

  async function scrape(accept) {
    const response = await fetch(`http://localhost:${port}/metrics`, { headers: { accept } });
    return { type: response.headers.get('content-type'), lines: (await response.text()).split('\n') };
  }

  const { type, lines } = await until('it answers', () => {
    assert.equal(child.exitCode, null, errors);
    return scrape('text/plain').catch(() => false);
  });
  assert.match(type, /^text\/plain; version=0\.0\.4/);
  assert.ok(lines.includes('orders_total{otel_scope_name="shop",paid="true"} 2'), lines.join('\n'));
  assert.ok(lines.some((line) => /^target_info\{.*service_name="shop".*\} 1$/.test(line)));
  // Cumulative, and in the format that is asked for.
  const other = await scrape(OPEN_METRICS);
  assert.match(other.type, /^application\/openmetrics-text; version=1\.0\.0/);
  assert.ok(other.lines.some((line) => /^orders_total\{.*\} 2(\.0)?( |$)/.test(line)), other.lines.join('\n'));
  assert.equal(other.lines.at(-2), '# EOF');
  assert.equal(errors, '');
});
