#!/usr/bin/env node
// ./dev bench logs: from a log call to bytes, Sonde and its peers on the same
// data in the same run.
import { hold } from './lib/contest.mjs';
import { COUNT } from './logs/data.mjs';
import { verify } from './logs/verify.mjs';

const HELP = `Usage: ./dev bench logs [--host HOST] [--rounds N] [--json] [--check]

Nanoseconds for one of 256 log records over 4 scopes, in Sonde, OTel JS 3.1 and
hand-written JSON, Node and Chromium; see bench/README.md.

  --host HOST   node, chromium or all (the default)
  --rounds N    interleaved rounds, of which the median is taken, from 5 on
                (default 15)
  --json        one JSON object a line instead of tables
  --check       exit with 1 unless Sonde is as much faster as promised
  --help        this text
`;

/** What the project promises of `call_to_encoded`. */
const promise = (host, impl, times) =>
  ({ host, times, own: ['call_to_encoded', 'sonde'], other: ['call_to_body', impl] });

hold({
  bench: 'logs',
  help: HELP,
  entry: new URL('logs/page.mjs', import.meta.url),
  verify,
  item: 'record',
  items: COUNT,
  body: 'call_to_body',
  names: {
    sonde: 'Sonde',
    otel: 'OTel JS',
    otel_protobuf: 'OTel JS, protobuf',
    otel_json: 'OTel JS, JSON',
    json_utf8: 'OTLP JSON by hand, UTF-8',
    json_string: 'OTLP JSON by hand, a string only',
    plain_json_utf8: 'JSON of the objects as they are (not OTLP), UTF-8',
  },
  cases: {
    call_to_encoded: 'calls to encoded in the queue',
    call_to_queued: 'calls to queued, not encoded',
    batch_to_body: 'queued batch to body',
    call_to_body: 'calls to body',
  },
  column: 'times Sonde\'s calls',
  base: () => ['call_to_encoded', 'sonde'],
  claim: 'From calls to encoded in the queue, compared with calls to body of the others',
  promises: [
    promise('node', 'otel_protobuf', 7),
    promise('chromium', 'otel_protobuf', 5),
    promise('node', 'json_utf8', 4),
    promise('chromium', 'json_utf8', 4),
  ],
});
