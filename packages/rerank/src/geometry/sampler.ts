// PROSAC's schedule of growing pools (Chum and Matas 2005, section 3), with T_N = the most iterations of the call.

import { createRandom } from "../random.ts";

/** Draws samples of different pairs. */
export interface Sampler {
  /** Writes the next sample. */
  draw(sample: Int32Array): void;
}

/** Every sample from all pairs. */
export function createUniformSampler(count: number, seed: number): Sampler {
  const random = createRandom(seed);
  return { draw: (sample) => drawDistinct(sample, sample.length, count, random) };
}

/** The first samples from the first pairs, then from more and more of them. */
export function createProgressiveSampler(
  count: number,
  sampleSize: number,
  iterations: number,
  seed: number,
): Sampler {
  const random = createRandom(seed);
  let pool = sampleSize;
  // Of `iterations` uniform samples, how many lie within the pool: a real number, and summed up in whole steps.
  let expected = iterations;
  for (let i = 0; i < sampleSize; i++) expected *= (sampleSize - i) / (count - i);
  let until = 1;
  let drawn = 0;
  const draw = (sample: Int32Array): void => {
    drawn += 1;
    if (drawn > until && pool < count) {
      pool += 1;
      const next = (expected * pool) / (pool - sampleSize);
      until += Math.ceil(next - expected);
      expected = next;
    }
    if (drawn > until) {
      drawDistinct(sample, sampleSize, pool, random);
      return;
    }
    drawDistinct(sample, sampleSize - 1, pool - 1, random);
    sample[sampleSize - 1] = pool - 1;
  };
  return { draw };
}

function drawDistinct(sample: Int32Array, size: number, count: number, random: () => number): void {
  for (let i = 0; i < size; ) {
    const drawn = Math.floor(random() * count);
    let isNew = true;
    for (let j = 0; j < i; j++) if (sample[j] === drawn) isNew = false;
    if (isNew) sample[i++] = drawn;
  }
}
