// Random numbers that are the same in every run.
/** @returns a function: a whole number from 0 to bound - 1 */
export function mulberry(seed) {
  let a = seed;
  return (bound) => {
    a = a + 0x6D2B79F5 | 0;
    let t = Math.imul(a ^ a >>> 15, 1 | a);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return Math.floor(((t ^ t >>> 14) >>> 0) / 2 ** 32 * bound);
  };
}
