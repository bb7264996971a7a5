// A real Prometheus scrapes a real server, and is asked what it has.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createExposition } from '../../dist/edge/prometheus.js';
import { lacks, module, PROMETHEUS, together } from './lib/cases.mjs';

const skip = lacks(PROMETHEUS, '--version');
const REQUEST = together('histogram in openmetrics', 'exemplar of a counter: the latest', 'exemplars of buckets', 'summary', 'scope', 'target_info', 'keys that become the same');
const DEADLINE = 60000;

const accepted = new Set();
let site, prometheus, folder, api, log = '';

/** Whatever is asked for; under /text, text 0.0.4. */
async function serve() {
  const exposition = createExposition({ module });
  const server = createServer(({ url, headers }, response) => {
    const { contentType, body } = exposition.metricsText(REQUEST, { accept: url === '/text' ? undefined : headers.accept });
    if (url !== '/text') accepted.add(contentType);
    response.writeHead(200, { 'content-type': contentType }).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await once(server.close(), 'close');
  return port;
}

const jobs = (port) => ['metrics', 'text'].map((name) =>
  `  - {job_name: ${name}, metrics_path: /${name}, static_configs: [{targets: ['127.0.0.1:${port}']}]}\n`).join('');

async function start() {
  const port = await freePort();
  folder = mkdtempSync(join(tmpdir(), 'sonde-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n${jobs(site.address().port)}`);
  prometheus = spawn(PROMETHEUS, [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`, '--enable-feature=exemplar-storage', '--log.level=warn']);
  prometheus.stderr.on('data', (text) => { log += text; });
  api = `http://127.0.0.1:${port}/api/v1/`;
}

async function ask(what, parameters) {
  const response = await fetch(`${api}${what}?${new URLSearchParams(parameters)}`);
  return (await response.json()).data;
}

/** Asks until there is an answer that is not empty. */
async function wait(what, parameters) {
  for (const end = Date.now() + DEADLINE; Date.now() < end;) {
    const found = await ask(what, parameters).catch(() => undefined);
    if ((found?.result ?? found)?.length > 0) return found.result ?? found;
    await new Promise((resolve) => { setTimeout(resolve, 250); });
  }
  throw new Error(`Prometheus has no answer to ${JSON.stringify(parameters)}: ${log}`);
}

/** Values by what is left of the labels. */
async function query(text, ...labels) {
  const found = await wait('query', { query: text });
  return Object.fromEntries(found.map(({ metric, value }) => [labels.map((label) => metric[label]).join(' '), value[1]]));
}

before(async () => {
  if (skip) return;
  site = await serve();
  await start();
});
after(async () => {
  site?.close();
  if (prometheus) {
    prometheus.kill();
    await once(prometheus, 'exit');
    rmSync(folder, { recursive: true });
  }
});

test('both scrapes are good', { skip }, async () => {
  await wait('query', { query: 'sum(up) == 2' });
  assert.deepEqual([...accepted], ['application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores']);
});

for (const job of ['metrics', 'text'])
  test(`what it has of /${job}`, { skip }, async () => {
    const of = `{job="${job}"}`;
    assert.deepEqual(await query(`c_total${of}`, '__name__'), { c_total: '1' });
    assert.deepEqual(await query(`latency_seconds_sum${of}`, '__name__'), { latency_seconds_sum: '123' });
    assert.deepEqual(Object.values(await query(`latency_seconds_bucket${of}`, 'le')).sort(), ['1', '10', '3', '6']);
    assert.deepEqual(await query(`histogram_quantile(0.2, latency_seconds_bucket${of})`, 'job'), { [job]: '0.5025' });
    assert.deepEqual(Object.values(await query(`s{job="${job}",a="b"}`, 'quantile')).sort(), ['1', '2.5', 'NaN']);
    assert.deepEqual(await query(`g${of}`, 'a_b', 'otel_scope_name', 'otel_scope_lang'), { ' lib.x js': '1', '1;2;3  ': '1' });
    assert.deepEqual(await query(`target_info${of}`, 'exported_job', 'exported_instance', 'host_arch'), { 'eu/shop i1 amd64': '1' });
  });

test('exemplars', { skip }, async () => {
  const found = await wait('query_exemplars', { query: 'c_total{job="metrics"}', start: '1699999999', end: String(Date.now() / 1000) });
  const [{ exemplars: [{ labels, value, timestamp }] }] = found;
  assert.deepEqual(labels, { trace_id: '30313233343536373839616263646566', span_id: '3031323334353637', k_l: 'v' });
  assert.deepEqual([value, timestamp], ['2.5', 1700000001.25]);
});

test('types and help', { skip }, async () => {
  const { data } = await (await fetch(`${api}targets/metadata`)).json();
  const of = (metric) => [...new Set(data.filter((it) => it.metric === metric).map(({ type }) => type))];
  assert.deepEqual(of('latency_seconds'), ['histogram']);
  assert.deepEqual(of('s'), ['summary']);
  assert.deepEqual(of('g'), ['gauge']);
  assert.deepEqual(data.find(({ metric, unit }) => metric === 'latency_seconds' && unit)?.unit, 'seconds');
});
