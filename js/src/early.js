/**
 * Records logged before the module is ready. They keep their time and are
 * written when it is.
 */
import { toTime } from './logrecord.js';

const MAX_EARLY = 256;
const ERROR = 17;
/** The bands of the ledger: TRACE … FATAL, and one for records without. */
const BANDS = 7;

/**
 * @typedef {object} Call the arguments of a log call
 * @property {import('./record.js').Scope} scope
 * @property {number} severity
 * @property {unknown} body
 * @property {any} attributes
 * @property {unknown} error
 * @property {import('./record.js').Extras} extras
 */

export class Early {
  constructor() {
    /** @type {Call[]} */
    this.calls = [];
    /** Calls that fell out, by band. */
    this.lost = new Array(BANDS).fill(0);
  }

  /**
   * When it is full the oldest call below ERROR goes, or else the oldest.
   *
   * @param {Call} call
   * @param {number} now
   */
  add(call, now) {
    const time = toTime(now);
    const { attributes, extras } = call;
    this.calls.push({
      ...call,
      // What the app does to its object later is not what it logged.
      attributes: copy(attributes),
      extras: { ...extras, time: extras?.time ?? time, observed: extras?.observed ?? time },
    });
    if (this.calls.length <= MAX_EARLY) return;
    const least = this.calls.findIndex(({ severity }) => severity < ERROR);
    const [gone] = this.calls.splice(Math.max(least, 0), 1);
    this.lost[bandOf(gone.severity)]++;
  }

  /** All calls, oldest first; they are the caller's then. */
  take() {
    return this.calls.splice(0);
  }
}

/** @param {number} severity */
function bandOf(severity) {
  return severity > 0 ? (severity - 1) >> 2 : BANDS - 1;
}

/** @param {any} attributes */
function copy(attributes) {
  try {
    return attributes instanceof Map ? new Map(attributes) : { ...attributes };
  } catch {
    return attributes;
  }
}
