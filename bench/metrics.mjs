#!/usr/bin/env node
// ./dev bench metrics: measuring and collecting, Sonde and its peers on the same
// data in the same run.
import { hold } from './lib/contest.mjs';
import { COUNT } from './metrics/data.mjs';
import { verify } from './metrics/verify.mjs';

const HELP = `Usage: ./dev bench metrics [--host HOST] [--rounds N] [--json] [--check]

Nanoseconds for one measurement in one of 1,000 series with three attributes,
and for one point of 2,000 that are collected and encoded, in Sonde and OTel JS
3.1 and 2.12, Node and Chromium; see bench/README.md.

  --host HOST   node, chromium or all (the default)
  --rounds N    interleaved rounds, of which the median is taken, from 5 on
                (default 15)
  --json        one JSON object a line instead of tables
  --check       exit with 1 unless Sonde is as much faster as promised
  --help        this text
`;

/** What the project promises on both hosts. */
const promised = (times, name) => ['node', 'chromium'].map((host) =>
  ({ host, times, own: [name, 'sonde'], other: [name, 'otel_3.1'] }));

hold({
  bench: 'metrics',
  help: HELP,
  entry: new URL('metrics/page.mjs', import.meta.url),
  verify,
  item: 'point',
  items: 2 * COUNT,
  body: 'collect_to_body',
  names: {
    sonde: 'Sonde',
    sonde_otel: 'Sonde behind the OpenTelemetry API',
    'otel_3.1': 'OTel JS 3.1',
    'otel_2.12': 'OTel JS 2.12',
  },
  cases: {
    add_kept: 'counter, attributes that are kept',
    add_fresh: 'counter, attributes made anew',
    add_bound: 'counter, bound',
    record_kept: 'histogram, attributes that are kept',
    record_fresh: 'histogram, attributes made anew',
    record_bound: 'histogram, bound',
    gauge_kept: 'gauge, attributes that are kept',
    collect_to_body: 'collected and encoded, a point',
  },
  column: 'times Sonde\'s',
  base: (row) => [row.case, 'sonde'],
  claim: 'Compared with OTel JS 3.1',
  promises: [
    ...promised(3, 'add_kept'),
    ...promised(3, 'add_fresh'),
    ...promised(3, 'record_kept'),
    ...promised(3, 'record_fresh'),
    ...promised(5, 'collect_to_body'),
  ],
});
