import { createRandom, type TestArray } from "../against-tfjs.ts";

/** Distinct values, multiples of 1/64 around zero, in an order that the seed decides. */
export function distinct(seed: number, shape: readonly number[]): TestArray {
  const random = createRandom(seed);
  const length = shape.reduce((product, dimension) => product * dimension, 1);
  const data = Float32Array.from({ length }, (_, i) => (i - Math.floor(length / 2)) / 64);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [data[i], data[j]] = [data[j], data[i]];
  }
  return { shape, data };
}
