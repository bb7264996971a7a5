/**
 * The ledger as an object for people.
 */
import { DROPS } from '../generated/layout.js';

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const BANDS = [...LEVELS, 'unknown'];
/** By the core's STATE_… */
const STATES = ['open', 'disabled', 'breaker', 'closed'];
/** In the order of the core. */
const COUNTS = ['accepted', 'delivered', 'queued', 'inFlight', 'refused', 'replaced', 'badResponses', 'requests'];

/**
 * @param {number[]} ledger of the core; empty if there is none
 * @param {string} without the state for that case
 * @returns {any}
 */
export function summary([state = -1, ...counts], without) {
  const next = () => counts.shift() ?? 0;
  /** @param {string[]} names @param {() => any} give */
  const table = (names, give) => Object.fromEntries(names.map((name) => [name, give()]));
  return {
    state: STATES[state] ?? without,
    ...table(COUNTS, next),
    // What is left of the counts.
    droppedTotal: counts.reduce((sum, count) => sum + count, 0),
    dropped: table(DROPS, () => table(BANDS, next)),
  };
}
