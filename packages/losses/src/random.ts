/** Numbers uniform within ±bound, from the mulberry32 generator. */
export function uniform(count: number, bound: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return bound * (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1);
  });
}
