// The ingredients of all benchmark data: the same on every host.

/** xorshift32: numbers from 0 to below `below`. */
export function generator(seed) {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export const pick = (random, list) => list[random(list.length)];

/** The same text in one piece; engines put off joining what is concatenated. */
export const flat = (text) => new TextDecoder().decode(new TextEncoder().encode(text));

export const WORDS = (
  'request order cache payment retry user session timeout loaded failed ' +
  'connection checkout basket image render route started finished after'
).split(' ');

/** Words with characters of two, three and four bytes of UTF-8. */
export const OTHERS = ['Größe', 'naïve', 'żółw', '東京', 'señal', 'emoji 🚀', 'Ελλάδα'];
