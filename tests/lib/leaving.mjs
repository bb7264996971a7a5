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
    // As severityOf says below, by name.
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

const severityOf = (i) => (i % 50 === 49 ? 21 : [5, 9, 9, 9, 13, 5, 9, 9, 1, 17][i % 10]);

/** How many of each severity, most severe first. @param {Iterable<number>} numbers */
function bySeverity(numbers) {
  const all = [...numbers].map(severityOf);
  return ORDER.map((severity) => all.filter((one) => one === severity).length);
}

const upTo = (count) => Array.from({ length: count }, (_, i) => i);

/**
 * The last request of a page takes the most severe of what is still there: none
 * of a severity unless all of those above.
 *
 * @param {{records: object[], accepted: number}[]} exchanges of all the page
 * @param {number} count as given to `leave`, mixed
 */
export function checkMostSevereFirst(exchanges, count) {
  const earlier = numbersOf(exchanges.slice(0, -1).flatMap(({ records, accepted }) => records.slice(0, accepted)));
  const last = numbersOf(exchanges.at(-1).records);
  const all = bySeverity(upTo(count).filter((number) => last.has(number) || !earlier.has(number)));
  const got = bySeverity(last);
  const first = ORDER.findIndex((_, index) => got[index] < all[index]);
  const lesser = first < 0 ? 0 : got.slice(first + 1).reduce((sum, number) => sum + number, 0);
  assert.equal(lesser, 0, `most severe first: ${got} of ${all} (FATAL to TRACE)`);
}

/** How many ERROR and FATAL records arrived, and how many there were. */
export function severeOf(records, count) {
  const isSevere = (number) => severityOf(number) >= 17;
  return {
    severe: [...numbersOf(records)].filter(isSevere).length,
    of: upTo(count).filter(isSevere).length,
  };
}

/** A line for people. */
export function describe(records, count) {
  const got = bySeverity(numbersOf(records));
  const all = bySeverity(upTo(count));
  const names = ['FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE'];
  const parts = names.map((name, index) => `${name} ${got[index]}/${all[index]}`);
  return `${numbersOf(records).size} of ${count} arrived: ${parts.join(', ')}`;
}
