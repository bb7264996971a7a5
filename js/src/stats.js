/**
 * The ledger as an object for people.
 */
import { DROPS } from '../generated/layout.js';

const BANDS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'unknown'];
/** By the core's STATE_… */
const STATES = ['open', 'disabled', 'breaker', 'closed'];

const EMPTY = {
  accepted: 0,
  delivered: 0,
  queued: 0,
  inFlight: 0,
  replaced: 0,
  badResponses: 0,
  requests: 0,
  state: -1,
  drops: DROPS.flatMap(() => BANDS.map(() => 0)),
};

/** @param {number} severity */
export function bandOf(severity) {
  return severity > 0 ? (severity - 1) >> 2 : BANDS.length - 1;
}

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((a, b) => a + b);

/**
 * @param {typeof EMPTY | undefined} ledger of the core, if there is one
 * @param {number} waiting records that it does not know of yet
 * @param {number[]} lost those that it never will know of, by band
 * @param {number} refused
 * @param {string} state for as long as there is no core
 */
export function summary({ drops, ...rest } = EMPTY, waiting, lost, refused, state) {
  // They are lost to a full queue, which is the first reason.
  const all = drops.map((count, i) => count + (lost[i] ?? 0));
  const entries = DROPS.map((reason, i) => [
    reason, Object.fromEntries(BANDS.map((band, j) => [band, all[i * BANDS.length + j]])),
  ]);
  return {
    ...rest,
    accepted: rest.accepted + sum(lost) + waiting,
    queued: rest.queued + waiting,
    refused,
    dropped: Object.fromEntries(entries),
    droppedTotal: sum(all),
    state: STATES[rest.state] ?? state,
  };
}
