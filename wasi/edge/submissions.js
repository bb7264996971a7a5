/** Submissions to verdicts. */
import { failure, shown } from './errors.js';
import { checkSubmission, frames, isSubmission } from './frames.js';

/** Submissions that verifyMany reads ahead at most. */
const BATCH = 256;
/** In `out` before the verdicts: how many, and the bytes of `in` dealt with. */
const OUT_HEADER = 8;

/** @typedef {import('./frames.js').Submission} Submission */

/** `extras` gets no prototype: each key in it is data. @param {string} line */
function parse(line) {
  const verdict = JSON.parse(line);
  verdict.extras = Object.assign(Object.create(null), verdict.extras);
  return verdict;
}

/**
 * @param {Record<string, any>} wasm
 * @param {import('./memory.js').Memory} memory
 * @param {() => void} alive throws after wipe
 * @param {number} maxBody
 */
export function submissions(wasm, memory, alive, maxBody) {
  const { bytes, take, outWords } = memory;
  const putFrame = frames(memory, maxBody);

  /** The verdicts on the frames in `in`, a line each. @param {number} size */
  function lines(size) {
    const end = wasm.signed_verify(size);
    if (end < 0) throw failure('verify', end);
    const [count, used] = outWords;
    bytes.fill(0, used, size); // what was not dealt with is put again
    return take(end - OUT_HEADER, OUT_HEADER).split('\n', count);
  }

  /**
   * Verifies as many of them as one crossing can carry, at least one. Throws at
   * what is no submission when all before it have their verdicts.
   *
   * @param {Submission[]} list
   */
  function batch(list) {
    alive();
    checkSubmission(list[0]);
    let end = putFrame(0, list[0]);
    for (let i = 1; i < list.length; i++) {
      const next = isSubmission(list[i]) ? putFrame(end, list[i]) : -1;
      if (next < 0) break;
      end = next;
    }
    return lines(end);
  }

  /** @param {Submission} submission @returns {string} */
  const verifyLine = (submission) => batch([submission])[0];

  /** @param {Iterable<Submission>} all */
  function* verifyMany(all) {
    if (typeof Object(all)[Symbol.iterator] !== 'function') throw new TypeError(`sonde: verifyMany takes an iterable of submissions, not ${shown(all)}`);
    /** @type {Submission[]} */
    let waiting = [];
    for (const submission of all) {
      waiting.push(submission);
      if (waiting.length < BATCH) continue;
      const done = batch(waiting);
      waiting = waiting.slice(done.length);
      yield* done.map(parse);
    }
    while (waiting.length > 0) {
      const done = batch(waiting);
      waiting = waiting.slice(done.length);
      yield* done.map(parse);
    }
  }

  return { verifyLine, verifyMany, verify: (/** @type {Submission} */ submission) => parse(verifyLine(submission)) };
}
