#!/usr/bin/env node
// ./dev bench traces: from starting a span to bytes, Sonde and its peers on the
// same data in the same run.
import { hold } from './lib/contest.mjs';
import { COUNT } from './traces/data.mjs';
import { verify } from './traces/verify.mjs';

const HELP = `Usage: ./dev bench traces [--host HOST] [--rounds N] [--json] [--check]

Nanoseconds for one of 256 spans with eight attributes, two events and a link,
in Sonde, OTel JS 3.1 and 2.12 and hand-written JSON, Node and Chromium; see
bench/README.md.

  --host HOST   node, chromium or all (the default)
  --rounds N    interleaved rounds, of which the median is taken, from 5 on
                (default 15)
  --json        one JSON object a line instead of tables
  --check       exit with 1 unless Sonde is as much faster as promised
  --help        this text
`;

/** What the project promises of `call_to_encoded`. */
const promise = (host, impl, times) =>
  ({ host, times, own: ['call_to_encoded', impl], other: ['call_to_body', 'otel_3.1_protobuf'] });

hold({
  bench: 'traces',
  help: HELP,
  entry: new URL('traces/page.mjs', import.meta.url),
  verify,
  item: 'span',
  items: COUNT,
  body: 'call_to_body',
  names: {
    sonde: 'Sonde',
    sonde_otel: 'Sonde behind the OpenTelemetry API',
    'otel_3.1': 'OTel JS 3.1',
    'otel_3.1_protobuf': 'OTel JS 3.1, protobuf',
    'otel_3.1_json': 'OTel JS 3.1, JSON',
    'otel_2.12_protobuf': 'OTel JS 2.12, protobuf',
    json_utf8: 'OTLP JSON by hand, UTF-8',
    'otel_3.1_ratio': 'OTel JS 3.1, TraceIdRatioBased of 0',
    'otel_3.1_off': 'OTel JS 3.1, AlwaysOff',
    'otel_2.12_off': 'OTel JS 2.12, AlwaysOff',
  },
  cases: {
    call_to_encoded: 'calls to encoded in the queue',
    call_to_queued: 'calls to queued, not encoded',
    batch_to_body: 'queued batch to body',
    call_to_body: 'calls to body',
    unsampled: 'calls of spans that are not sampled',
  },
  column: 'times Sonde\'s calls',
  base: (row) => [row.case === 'unsampled' ? row.case : 'call_to_encoded', 'sonde'],
  claim: 'From calls to encoded in the queue, compared with calls to body of the others',
  promises: [
    promise('node', 'sonde', 6),
    promise('chromium', 'sonde', 5),
    promise('node', 'sonde_otel', 3),
    promise('chromium', 'sonde_otel', 3),
  ],
});
