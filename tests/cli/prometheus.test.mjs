// sonde prometheus, in each build.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { expect, HOSTS, run, runOn } from './lib/hosts.mjs';

const TABLE = readFileSync(new URL('../vectors/prometheus.txt', import.meta.url), 'utf8').split(/^case /m);
const requestOf = (name) => Buffer.from(/^hex (\w+)$/m.exec(TABLE.find((block) => block.startsWith(`${name}\n`)))[1], 'hex');

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
  [[], requestOf('delta'), 0, '# TYPE c gauge\nc 1\n', 'left out: 2 metrics that are not cumulative'],
  [[], Buffer.from('{}'), 1, '', /^sonde: this is no ExportMetricsServiceRequest in protobuf: /],
  [[], requestOf('gauge').subarray(0, 20), 1, '', /^sonde: this is no ExportMetricsServiceRequest in protobuf: /],
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
