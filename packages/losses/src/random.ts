/** Whole numbers from 0 to 2³² − 1, from the mulberry32 generator. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Numbers uniform within ±bound, from the mulberry32 generator. */
export function uniform(count: number, bound: number, seed: number): Float32Array {
  const next = mulberry32(seed);
  return Float32Array.from({ length: count }, () => bound * (next() / 2 ** 31 - 1));
}

/** Numbers from the normal distribution around 0, from two streams of the mulberry32 generator. */
export function normal(count: number, deviation: number, seed: number): Float32Array {
  // Box–Muller: a length and an angle, of two uniform numbers.
  const lengths = uniform(count, 0.5, seed);
  const angles = uniform(count, Math.PI, seed + 1);
  return lengths.map(
    (u, i) => deviation * Math.sqrt(-2 * Math.log(Math.max(0.5 + u, 1e-7))) * Math.cos(angles[i]!),
  );
}
