/**
 * The ledger as an object for people.
 */
import { DROPS } from '../generated/layout.js';

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const BANDS = [...LEVELS, 'unknown'];
/** By the core's STATE_… */
const STATES = ['open', 'disabled', 'breaker', 'closed'];

/**
 * @param {number[]} ledger of the core; empty if there is none
 * @param {string} without the state for that case
 */
export function summary(ledger, without) {
  const [
    state = -1, accepted = 0, delivered = 0, queued = 0, inFlight = 0, refused = 0, replaced = 0,
    badResponses = 0, requests = 0, ...drops
  ] = ledger;
  let droppedTotal = 0;
  const dropped = Object.fromEntries(DROPS.map((reason) => [
    reason, Object.fromEntries(BANDS.map((band) => {
      const count = drops.shift() ?? 0;
      droppedTotal += count;
      return [band, count];
    })),
  ]));
  return {
    state: STATES[state] ?? without,
    accepted,
    delivered,
    queued,
    inFlight,
    refused,
    replaced,
    badResponses,
    requests,
    dropped,
    droppedTotal,
  };
}
