// The text by the module that ships: the vectors, promtool, and the independent
// parser of Prometheus's Python client.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { createExposition } from '../../dist/edge/prometheus.js';
import { acceptOf, CASES, ESCAPINGS, lacks, module, PROMTOOL, PYTHON, STRATEGIES, textOf, together } from './lib/cases.mjs';

const PARSE = new URL('lib/parse.py', import.meta.url).pathname;

test('the vectors in the edge module', () => {
  assert.ok(CASES.length > 200);
  for (const one of CASES) assert.equal(textOf(one, acceptOf(one.isOpenMetrics, one.escaping)), one.text, one.name);
});

/** Exit code 3 is for style: no help, a suffix that it would rather not see. */
function check(text, name) {
  const { status, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], { input: text, encoding: 'utf8' });
  assert.ok(status === 0 || status === 3, `${name}: ${stderr}`);
}

test('promtool takes it', { skip: lacks(PROMTOOL, '--version') }, () => {
  for (const one of CASES) check(textOf(one, 'text/plain;version=0.0.4'), one.name);
  for (const escaping of ESCAPINGS.filter((name) => name !== 'allow-utf-8')) {
    const { request } = CASES.find(({ name }) => name === 'names in quotes');
    check(textOf({ request, options: { strategy: 'NoTranslation' } }, acceptOf(false, escaping)), escaping);
  }
});

test('promtool would have refused it', { skip: lacks(PROMTOOL, '--version') }, () =>
  assert.throws(() => check('# TYPE a gauge\na{b="c} 1\n', 'a quote that is open')));

/** The families that the parser finds in each text, or what it says. */
function parse(texts) {
  const { status, stdout, stderr } = spawnSync(PYTHON, [PARSE], { input: JSON.stringify(texts), encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test('OpenMetrics is parsed by another parser, whatever the names', () => {
  const all = CASES.flatMap((one) => STRATEGIES.flatMap((strategy) => ESCAPINGS.map((escaping) =>
    ({ name: `${one.name}, ${strategy}, ${escaping}`, text: textOf({ ...one, options: { ...one.options, strategy } }, acceptOf(true, escaping)) }))));
  parse(all.map(({ text }) => text)).forEach((found, i) => assert.equal(found.error, undefined, `${all[i].name}:\n${all[i].text}`));
});

test('it reads what was written', () => {
  const { request } = { request: together('histogram in openmetrics', 'exemplar of a counter: the latest') };
  const [{ families }] = parse([textOf({ request, options: {} }, acceptOf(true, 'underscores'))]);
  assert.deepEqual(families.map(({ name, type, unit }) => [name, type, unit]), [['c', 'counter', ''], ['latency_seconds', 'histogram', 'seconds']]);
  assert.deepEqual(families[0].samples, [{
    name: 'c_total', labels: {}, value: 1,
    exemplar: { labels: { trace_id: '30313233343536373839616263646566', span_id: '3031323334353637', k_l: 'v' }, value: 2.5, time: 1700000001.25 },
  }]);
  assert.deepEqual(families[1].samples.map(({ name, labels, value }) => [name, labels.le, value]), [
    ['latency_seconds_bucket', '0.005', 1], ['latency_seconds_bucket', '1.0', 3], ['latency_seconds_bucket', '1e+06', 6],
    ['latency_seconds_bucket', '+Inf', 10], ['latency_seconds_sum', undefined, 123], ['latency_seconds_count', undefined, 10],
    ['latency_seconds_created', undefined, 1],
  ]);
});

test('the parser would have refused it', () => {
  const found = parse(['a 1\n', '# TYPE a counter\na 1\n# EOF\n', '# TYPE a gauge\na{b="c",b="d"} 1\n# EOF\n']);
  for (const { error } of found) assert.equal(typeof error, 'string');
});

/* ---- The host ---------------------------------------------------------------- */

test('memory grows with the request, and the next one is as good', () => {
  const exposition = createExposition({ module, maxInput: 1 << 20 });
  const { request, text } = CASES.find(({ name }) => name === 'gauge');
  const large = Buffer.concat(Array(10000).fill(request));
  for (let round = 0; round < 3; round++) {
    const { body, stats } = exposition.metricsText(large);
    assert.equal(Buffer.from(body).toString(), text + 'queue_size 1.5\n'.repeat(9999));
    assert.equal(stats.points, 10000);
    assert.equal(Buffer.from(exposition.metricsText(request).body).toString(), text);
  }
});

test('a text much longer than its request', () => {
  const name = 'x'.repeat(3000);
  const points = Array(100).fill([0x0a, 9, 0x21, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]).flat();
  const field = (tag, bytes) => { const { length } = bytes; return [tag, (length & 0x7f) | 0x80, length >> 7, ...bytes]; };
  const metric = [...field(0x0a, [...Buffer.from(name)]), ...field(0x2a, points)];
  const { body } = createExposition({ module }).metricsText(Uint8Array.from(field(0x0a, field(0x12, field(0x12, metric)))));
  assert.equal(Buffer.from(body).toString(), `# TYPE ${name} gauge\n${`${name} 1\n`.repeat(100)}`);
});

test('what is wrong is told', () => {
  const exposition = createExposition({ module, maxInput: 4096 });
  assert.throws(() => exposition.metricsText(Uint8Array.of(0x0a)), { name: 'Error', code: 'BAD_INPUT' });
  assert.throws(() => exposition.metricsText(new Uint8Array(4097)), RangeError);
  assert.throws(() => exposition.metricsText('x'), TypeError);
  assert.throws(() => exposition.metricsText(new Uint8Array(0), { accept: 5 }), TypeError);
  assert.equal(exposition.metricsText(new Uint8Array(0), { accept: 'x'.repeat(100000) }).contentType, 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
  assert.throws(() => createExposition({ module, strategy: 'None' }), RangeError);
  assert.throws(() => createExposition({ module, maxInput: 1 }), RangeError);
  assert.throws(() => createExposition({ module, scope: 1 }), TypeError);
  assert.throws(() => createExposition({ module, scopes: true }), /there is no option scopes/);
  assert.throws(() => createExposition({}), TypeError);
});
