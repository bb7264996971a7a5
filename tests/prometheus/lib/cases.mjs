// The cases of tests/vectors/prometheus.txt, run by the module that ships.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createExposition } from '../../../dist/edge/prometheus.js';

const path = (relative) => new URL(`../../../${relative}`, import.meta.url);

export const STRATEGIES = ['UnderscoreEscapingWithSuffixes', 'UnderscoreEscapingWithoutSuffixes', 'NoUTF8EscapingWithSuffixes', 'NoTranslation'];
export const ESCAPINGS = ['underscores', 'allow-utf-8', 'dots', 'values'];
export const module = new WebAssembly.Module(readFileSync(path('dist/edge/sonde-edge.wasm')));

function caseOf(block) {
  const lines = block.split('\n');
  const found = (word) => lines.find((line) => line.startsWith(`${word} `) || line === word)?.slice(word.length + 1) ?? '';
  const words = found('options').split(' ');
  const option = (name) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const text = lines.filter((line) => line.startsWith('>')).map((line) => `${line.slice(2).replace('\\0', '\0')}\n`).join('');
  return {
    name: lines[0],
    request: Buffer.from(found('hex').trim(), 'hex'),
    options: {
      strategy: option('strategy') ?? STRATEGIES[0], job: words.includes('job'), scope: !words.includes('no-scope'),
      created: !words.includes('no-created'), targetInfo: !words.includes('no-target-info'),
    },
    isOpenMetrics: words.includes('openmetrics'),
    escaping: option('escaping') ?? 'underscores',
    text,
  };
}

export const CASES = readFileSync(path('tests/vectors/prometheus.txt'), 'utf8').split(/^case /m).slice(1).map(caseOf);

export const acceptOf = (isOpenMetrics, escaping) =>
  `${isOpenMetrics ? 'application/openmetrics-text' : 'text/plain'};version=1.0.0;escaping=${escaping}`;

export const textOf = ({ request, options }, accept) =>
  Buffer.from(createExposition({ module, ...options }).metricsText(request, { accept }).body).toString();

/** A request of several: protobuf messages are merged by writing them one behind the other. */
export const together = (...names) => Buffer.concat(names.map((name) => CASES.find((one) => one.name === name).request));

/** What to skip a test with when a program is missing; in CI it runs, and fails. */
export function lacks(program, ...args) {
  const { error } = spawnSync(program, args);
  return error && process.env.CI !== 'true' ? `there is no ${program} here: it is in Debian's package prometheus` : false;
}

export const PROMTOOL = process.env.SONDE_PROMTOOL || 'promtool';
export const PROMETHEUS = process.env.SONDE_PROMETHEUS || 'prometheus';
export const PYTHON = process.env.SONDE_PYTHON || path('build/deps/venv/bin/python').pathname;
