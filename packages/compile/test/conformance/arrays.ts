import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { integers, type TestArray, uniform } from "../against-tfjs.ts";

export const between = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
export const seeds: fc.Arbitrary<number> = between(1, 1e6);

export const shapes = (minRank: number, maxRank: number, longest = 4): fc.Arbitrary<number[]> =>
  fc.array(between(1, longest), { minLength: minRank, maxLength: maxRank });

/** Values in [low, high), none within 0.05 of a kink. */
export function smooth(
  seed: number,
  shape: readonly number[],
  low: number,
  high: number,
  kinks: readonly number[] = [],
): TestArray {
  const drawn = uniform(seed, shape, low, high);
  const data = Float32Array.from(drawn.data, (value) => {
    const near = kinks.find((kink) => Math.abs(value - kink) < 0.05);
    if (near === undefined) return value;
    return value < near ? near - 0.0625 : near + 0.0625;
  });
  return { shape, data };
}

/** Integers in [-limit, limit]. */
export function signed(seed: number, shape: readonly number[], limit: number): TestArray {
  const { data } = integers(seed, shape, 2 * limit + 1);
  return { shape, data: Int32Array.from(data, (value) => value - limit) };
}

/** The same numbers as float32. */
export const floats = ({ shape, data }: TestArray): TestArray => ({ shape, data: Float32Array.from(data) });

/** How a tensor of a shape comes to be: as it was given, turned around, or repeated along its even axes. */
export type Storage = "given" | "turned" | "repeated";
export const storages: fc.Arbitrary<Storage> = fc.constantFrom<Storage[]>("given", "turned", "repeated");

/** The shape of the input from which {@link stored} makes a tensor of `shape`. */
export function inputShape(shape: readonly number[], storage: Storage): number[] {
  if (storage === "turned") return shape.toReversed();
  if (storage === "given") return [...shape];
  return shape.map((dimension, axis) => (axis % 2 === 0 ? 1 : dimension));
}

/** A tensor of `shape` that compiled code stores in another order, or not in full. */
export function stored(x: tf.Tensor, shape: readonly number[], storage: Storage): tf.Tensor {
  if (storage === "turned") return tf.transpose(x);
  return storage === "given" ? x : tf.broadcastTo(x, [...shape]);
}

/** The shapes of two operands that broadcast. */
export const pairs: fc.Arbitrary<{ readonly a: number[]; readonly b: number[] }> = fc
  .record({
    shape: shapes(0, 4),
    ones: fc.tuple(between(0, 15), between(0, 15)),
    dropped: fc.tuple(between(0, 4), between(0, 4)),
  })
  .map(({ shape, ones, dropped }) => {
    const part = (mask: number, leading: number) =>
      shape.map((length, axis) => ((mask >> axis) & 1 ? 1 : length)).slice(Math.min(leading, shape.length));
    return { a: part(ones[0], dropped[0] > 2 ? dropped[0] - 2 : 0), b: part(ones[1], dropped[1]) };
  });
