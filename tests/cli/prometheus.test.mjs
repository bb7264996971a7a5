// sonde prometheus, in each build.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { expect, HOSTS, run, runOn } from './lib/hosts.mjs';

const TABLE = readFileSync(new URL('../vectors/prometheus.txt', import.meta.url), 'utf8').split(/^case /m);
const requestOf = (name) => Buffer.from(/^hex (\w+)$/m.exec(TABLE.find((block) => block.startsWith(`${name}\n`)))[1], 'hex');

const JSON_GAUGE = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'queue.size', gauge: { dataPoints: [
  { asDouble: 1e-300, attributes: [{ key: 'shard', value: { stringValue: 'a\r\n"}b' } }] }] } }] }] }] });

/** [arguments, request, exit code, standard output, standard error] */
const ROWS = [
  [[], Buffer.alloc(0), 0, '', ''],
  [['--openmetrics'], Buffer.alloc(0), 0, '# EOF\n', ''],
  [[], requestOf('gauge'), 0, '# HELP queue_size How many\n# TYPE queue_size gauge\nqueue_size 1.5\n', ''],
  [['--strategy=NoTranslation', '--escaping', 'allow-utf-8'], requestOf('gauge'), 0, '# HELP "queue.size" How many\n# TYPE "queue.size" gauge\n{"queue.size"} 1.5\n', ''],
  [['--strategy', 'NoTranslation', '--escaping=values'], requestOf('gauge'), 0, '# HELP U__queue_2e_size How many\n# TYPE U__queue_2e_size gauge\nU__queue_2e_size 1.5\n', ''],
  [['--no-scope'], requestOf('scope'), 0, '# TYPE g gauge\ng{z="1"} 1\n', ''],
  [['--no-target-info', '--job'], requestOf('target_info'), 0, '# TYPE a gauge\na{instance="i1",job="eu/shop"} 1\n', ''],
  [['--openmetrics', '--no-created'], requestOf('counter in openmetrics'), 0,
    '# HELP requests_bytes In\n# TYPE requests_bytes counter\n# UNIT requests_bytes bytes\nrequests_bytes_total 1.2345678e+07\n# EOF\n', ''],
  [[], requestOf('delta'), 0, '# TYPE c gauge\nc 1\n', 'left out: 2 metrics that are not cumulative: their sender needs that temporality'],
  [[], Buffer.from('{}'), 0, '', ''],
  [['--openmetrics'], Buffer.from(JSON_GAUGE), 0, '# TYPE queue_size gauge\nqueue_size{shard="a\\\\r\\n\\"}b"} 1e-300\n# EOF\n', ''],
  [['--from=json'], Buffer.from(`\n${JSON_GAUGE}`), 0, '# TYPE queue_size gauge\nqueue_size{shard="a\\\\r\\n\\"}b"} 1e-300\n', ''],
  [[], Buffer.from(` \n\t${JSON_GAUGE}`), 0, '# TYPE queue_size gauge\nqueue_size{shard="a\\\\r\\n\\"}b"} 1e-300\n', ''],
  [['--from', 'json'], requestOf('gauge'), 1, '', 'offset 1: not an object'],
  [['--from', 'protobuf'], Buffer.from(JSON_GAUGE), 1, '', 'this is no ExportMetricsServiceRequest in protobuf; `sonde otlp check --signal metrics` tells what is wrong with it'],
  [['--from', 'yaml'], Buffer.alloc(0), 2, '', '--from wants protobuf or json'],
  [[], Buffer.from('{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":1}]}]}]}'), 1, '',
    'offset 57, resourceMetrics[0].scopeMetrics[0].metrics[0].name: not a string'],
  [[], Buffer.from('{"resourceLogs":[]}'), 1, '', 'these are logs, not metrics'],
  [[], requestOf('gauge').subarray(0, 20), 1, '', 'this is no ExportMetricsServiceRequest in protobuf; `sonde otlp check --signal metrics` tells what is wrong with it'],
  [['--strategy', 'None'], Buffer.alloc(0), 2, '', "--strategy has no 'None': `sonde help prometheus` lists what it has"],
  [['--escaping='], Buffer.alloc(0), 2, '', /^sonde: --escaping has no ''/],
];

for (const [args, input, code, out, err] of ROWS)
  test(`prometheus ${args.join(' ')}, ${input.length} bytes`, () => expect(run(['prometheus', ...args], { input }), { code, out, err }));

test('a request of many megabytes', () => {
  const request = Buffer.concat(Array(100000).fill(requestOf('gauge')));
  const { code, out } = runOn(HOSTS[0], ['prometheus'], { input: request });
  assert.equal(code, 0);
  assert.equal(out, `# HELP queue_size How many\n# TYPE queue_size gauge\n${'queue_size 1.5\n'.repeat(100000)}`);
});

test('a scope that comes again with each point', () => {
  const field = (number, bytes) => Buffer.concat([Buffer.from([number << 3 | 2, ...lengthOf(bytes.length)]), bytes]);
  const lengthOf = (size) => (size < 128 ? [size] : [(size & 127) | 128, ...lengthOf(size >> 7)]);
  const many = (count, bytes) => Buffer.concat(Array(count).fill(bytes));
  const point = field(1, Buffer.concat([Buffer.from([0x31]), Buffer.alloc(8)]));
  const attribute = field(3, Buffer.concat([field(1, Buffer.from('a')), field(2, field(1, Buffer.alloc(0)))]));
  for (const scope of [field(1, Buffer.alloc(1 << 20, 'x')), many(20000, attribute)]) {
    const metric = Buffer.concat([field(1, Buffer.from('g')), field(5, many(20000, point))]);
    const request = field(1, field(2, Buffer.concat([field(1, scope), field(2, metric)])));
    const { code, out, err } = runOn(HOSTS[0], ['prometheus'], { input: request });
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /see --no-scope/);
    assert.equal(runOn(HOSTS[0], ['prometheus', '--no-scope'], { input: request }).code, 0);
  }
});
