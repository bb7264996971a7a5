// Times cases in interleaved rounds; runs in Node and in a page alike.
//
// A round times every case once, in an order that rotates, so that heat, a
// garbage collection or a busy neighbour falls on all of them. A figure is the
// median over the rounds; its spread is half the distance between the
// quartiles, relative to the median.

/**
 * @typedef {object} Case
 * @property {number} items items of one repetition
 * @property {(repeat: number) => number} run does the work `repeat` times;
 *   the result is only there so that nothing can be optimised away
 * @property {(repeat: number) => Promise<number>} [later] in place of `run`,
 *   for what is awaited
 * @property {() => void | Promise<void>} [prepare] untimed, before each
 *   repetition; without it, repetitions are timed together
 */

let sink = 0;

/** What all timed work has returned, so that it had to be done. */
export const consumed = () => sink;

function timed(test, repeat) {
  const start = performance.now();
  sink += test.run(repeat);
  return performance.now() - start;
}

async function timedLater(test, repeat) {
  const start = performance.now();
  sink += await test.later(repeat);
  return performance.now() - start;
}

/** Milliseconds that `repeat` repetitions take. */
async function time(test, repeat) {
  const once = test.later ? timedLater : timed;
  if (!test.prepare) return once(test, repeat);
  let spent = 0;
  for (let i = 0; i < repeat; i++) {
    await test.prepare();
    spent += await once(test, 1);
  }
  return spent;
}

/** Warms a case up and finds the repetitions that take about `target` ms. */
async function calibrate(test, target, warmup) {
  const end = performance.now() + warmup;
  let repeat = 1;
  let spent = 0;
  do {
    spent = await time(test, repeat);
    if (spent < target) {
      const factor = spent > 0 ? target / spent : 8;
      repeat = Math.max(repeat, Math.ceil(repeat * Math.min(8, factor)));
    }
  } while (performance.now() < end || spent < target / 2);
  return Math.max(1, Math.round((repeat * target) / spent));
}

function quantile(sorted, q) {
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** Median and spread of some samples. */
export function summary(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  const half = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2;
  return { median, spread: half / median };
}

/** Lets timers, collection and the page's own work happen between samples. */
const breathe = () => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * @param {Case[]} cases
 * @param {{rounds?: number, target?: number, warmup?: number}} [options]
 *   milliseconds a sample should take, and of warming up, for each case
 * @returns {Promise<{ns: number, spread: number}[]>} nanoseconds an item
 */
export async function measure(cases, options = {}) {
  const { rounds = 9, target = 20, warmup = 150 } = options;
  const repeats = [];
  for (const test of cases) {
    repeats.push(await calibrate(test, target, warmup));
    await breathe();
  }
  const samples = cases.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < cases.length; i++) {
      const at = (i + round) % cases.length;
      const { items } = cases[at];
      const spent = await time(cases[at], repeats[at]);
      samples[at].push((spent * 1e6) / (repeats[at] * items));
      await breathe();
    }
  }
  return samples.map((list) => {
    const { median, spread } = summary(list);
    return { ns: median, spread };
  });
}
