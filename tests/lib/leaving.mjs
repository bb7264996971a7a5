// Pages that log many records in one task and navigate in that same task: the
// hardest moment for telemetry, and what is measured about it.
import assert from 'node:assert/strict';
import { plain } from '../../examples/demo/lib/otlp.mjs';

export const BODY_LENGTH = 200;
/** What browsers let outlive a page, less a margin. */
export const KEEPALIVE_BYTES = 60_000;
const ORDER = [21, 17, 13, 9, 5, 1];

/**
 * Runs in the page. Mostly harmless records, and a few severe ones in between.
 */
function logAndLeave({ count, length, mixed }) {
  const logger = sonde.logger('leaving', '1');
  const levelOf = (i) => {
    if (!mixed) return 'info';
    if (i % 50 === 49) return 'fatal';
    return ['debug', 'info', 'info', 'info', 'warn', 'debug', 'info', 'info', 'trace', 'error'][i % 10];
  };
  for (let i = 0; i < count; i++) logger[levelOf(i)](`${i} `.padEnd(length, 'x'));
  location.href = '/away';
}

/**
 * @param {import('playwright-core').Page} page with `sonde`
 * @param {{count: number, mixed: boolean}} wanted
 */
export async function leave(page, { count, mixed }) {
  const away = page.waitForURL('**/away');
  // The page goes while it answers.
  await page.evaluate(logAndLeave, { count, length: BODY_LENGTH, mixed }).catch(() => {});
  await away;
}

/** Numbers of the records that `leave` logged. @param {object[]} records */
export function numbersOf(records) {
  return new Set(records.map(({ body }) => Number(plain(body).split(' ')[0])));
}

/** How many of each severity there are, doubles counted once. */
function bySeverity(records) {
  const once = new Map(records.map((record) => [plain(record.body), record.severityNumber]));
  return ORDER.map((number) => [...once.values()].filter((value) => value === number).length);
}

/** @param {number} count as given to `leave` */
function logged(count) {
  const of = (i) => (i % 50 === 49 ? 21 : [5, 9, 9, 9, 13, 5, 9, 9, 1, 17][i % 10]);
  const all = Array.from({ length: count }, (_, i) => of(i));
  return ORDER.map((number) => all.filter((value) => value === number).length);
}

/**
 * A severity may be missing records only if nothing less severe was preferred
 * to it: all of what is above the first incomplete severity is there.
 *
 * `early` are records that left with an ordinary request before the page went.
 */
export function checkMostSevereFirst(records, count) {
  const all = logged(count);
  const got = bySeverity(records);
  const first = ORDER.findIndex((_, index) => got[index] < all[index]);
  if (first < 0) return;
  const lesser = got.slice(first + 1).reduce((sum, number) => sum + number, 0);
  assert.equal(lesser, 0, `most severe first: ${got} of ${all} (FATAL to TRACE)`);
}

/** A line for people. */
export function describe(records, count) {
  const got = bySeverity(records);
  const all = logged(count);
  const names = ['FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE'];
  const parts = names.map((name, index) => `${name} ${got[index]}/${all[index]}`);
  return `${numbersOf(records).size} of ${count} arrived: ${parts.join(', ')}`;
}
