import * as tf from "@tensorflow/tfjs-core";
import { drawUniform, mixedWords, seedWords, wordSize } from "./counter-hash.ts";
import { sizeOf } from "./dtype.ts";
import { requireShape } from "./require.ts";

/** The counter that seeds are derived from, beyond those of any grid of places. */
const splitCounter = 2 ** 21;

/**
 * What starts a stream of random numbers: an integer of 32 bits, −2³¹ to 2³¹ − 1, or an int32 tensor with one
 * element, such as the step.
 */
export type Seed = number | tf.Tensor;

/** Options of {@link randomUniform}. */
export interface RandomUniformOptions {
  /**
   * The smallest value that is drawn.
   *
   * @defaultValue 0
   */
  readonly minimum?: number;
  /**
   * The value that all draws stay below, up to rounding of the scaled draw.
   *
   * @defaultValue 1
   */
  readonly maximum?: number;
}

/** Options of {@link randomNormal}. */
export interface RandomNormalOptions {
  /**
   * The mean.
   *
   * @defaultValue 0
   */
  readonly mean?: number;
  /**
   * The standard deviation.
   *
   * @defaultValue 1
   */
  readonly standardDeviation?: number;
}

/** Options of {@link dropout}. */
export interface DropoutOptions {
  /**
   * The shape of the draws, which are repeated to that of `x`: `[batch, 1, 1, 1]` drops whole samples
   * (stochastic depth), `[batch, 1, 1, channels]` whole channels.
   *
   * @defaultValue the shape of `x`
   */
  readonly noiseShape?: readonly number[];
}

/**
 * Uniform numbers in `[minimum, maximum)`: multiples of 2⁻²⁴ in [0, 1), scaled.
 *
 * Like all functions of this file it is made of ordinary tfjs ops and works eagerly and inside `compile`, where
 * the seed may be an input. The draws are a function of the shape and the seed alone: every provider and every
 * tfjs backend with float32 arithmetic gives the same bits before scaling. Two calls with equal shapes and seeds
 * give equal numbers; take seeds for different places of a model from {@link splitSeed}.
 *
 * @param shape - The dimensions, positive integers; `[]` for a scalar.
 * @param seed - An integer of 32 bits, or an int32 tensor of one element.
 * @returns A float32 tensor.
 * @throws RangeError if a dimension, the seed or a bound is out of range.
 * @throws TypeError if the seed is a tensor that is not int32.
 *
 * @example
 * ```ts
 * import { randomUniform } from "@lmk/compile";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * randomUniform([3], 7).dataSync(); // => Float32Array [0.8695622, 0.32339412, 0.52111852]
 * ```
 */
export function randomUniform(
  shape: readonly number[],
  seed: Seed,
  options: RandomUniformOptions = {},
): tf.Tensor {
  const { minimum = 0, maximum = 1 } = options;
  requireShape("randomUniform", "shape", shape);
  if (!Number.isFinite(minimum) || !Number.isFinite(maximum) || minimum >= maximum) {
    throw new RangeError(
      `randomUniform: expected \`options.minimum\` to be below \`options.maximum\`, got ${minimum} and ${maximum}`,
    );
  }
  return tf.tidy(() => {
    const draws = drawUniform(shape, requireSeed("randomUniform", seed), 0);
    const scaled = maximum - minimum === 1 ? draws : tf.mul(draws, maximum - minimum);
    return minimum === 0 ? scaled : tf.add(scaled, minimum);
  });
}

/**
 * Normal numbers, by Box and Muller's transformation of two uniform streams: the first half of the elements
 * are `√(−2 ln u) · cos 2πv`, the second `√(−2 ln u) · sin 2πv`. The largest magnitude is √(48 ln 2), 5.8 deviations.
 *
 * Providers agree to the rounding of logarithm, sine and cosine, about 1e-6.
 *
 * @param shape - The dimensions, positive integers; `[]` for a scalar.
 * @param seed - An integer of 32 bits, or an int32 tensor of one element.
 * @returns A float32 tensor.
 * @throws RangeError if a dimension or the seed is out of range, or `mean` or `standardDeviation` is not finite, or
 * `standardDeviation` is below zero.
 * @throws TypeError if the seed is a tensor that is not int32.
 *
 * @example
 * ```ts
 * import { randomNormal } from "@lmk/compile";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * randomNormal([2, 2], 7, { standardDeviation: 0.02 }).shape; // => [2, 2]
 * ```
 */
export function randomNormal(
  shape: readonly number[],
  seed: Seed,
  options: RandomNormalOptions = {},
): tf.Tensor {
  const { mean = 0, standardDeviation = 1 } = options;
  requireShape("randomNormal", "shape", shape);
  if (!Number.isFinite(mean))
    throw new RangeError(`randomNormal: expected \`options.mean\` to be finite, got ${mean}`);
  if (!Number.isFinite(standardDeviation) || standardDeviation < 0) {
    throw new RangeError(
      `randomNormal: expected \`options.standardDeviation\` to be a number of at least 0, got ${standardDeviation}`,
    );
  }
  return tf.tidy(() => {
    const size = sizeOf(shape);
    const half = Math.ceil(size / 2);
    const start = requireSeed("randomNormal", seed);
    const radius = tf.sqrt(tf.mul(tf.log(tf.sub(1, drawUniform([half], start, 1))), -2));
    const angle = tf.mul(drawUniform([half], start, 2), 2 * Math.PI);
    const scaled = standardDeviation === 1 ? radius : tf.mul(radius, standardDeviation);
    const both = tf.concat([tf.mul(scaled, tf.cos(angle)), tf.mul(scaled, tf.sin(angle))]);
    const draws = tf.reshape(size % 2 === 0 ? both : tf.slice(both, [0], [size]), [...shape]);
    return mean === 0 ? draws : tf.add(draws, mean);
  });
}

/**
 * Zeros and ones: each element is 1 with the given probability.
 *
 * @param shape - The dimensions, positive integers; `[]` for a scalar.
 * @param probability - How likely a 1 is, in [0, 1].
 * @param seed - An integer of 32 bits, or an int32 tensor of one element.
 * @returns A float32 tensor.
 * @throws RangeError if a dimension, the probability or the seed is out of range.
 * @throws TypeError if the seed is a tensor that is not int32.
 *
 * @example
 * ```ts
 * import { randomBernoulli } from "@lmk/compile";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * randomBernoulli([4], 1, 7).dataSync(); // => Float32Array [1, 1, 1, 1]
 * ```
 */
export function randomBernoulli(shape: readonly number[], probability: number, seed: Seed): tf.Tensor {
  requireShape("randomBernoulli", "shape", shape);
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(
      `randomBernoulli: expected \`probability\` to be a number from 0 to 1, got ${probability}`,
    );
  }
  return tf.tidy(() => {
    const draws = drawUniform(shape, requireSeed("randomBernoulli", seed), 0);
    return tf.cast(tf.less(draws, probability), "float32");
  });
}

/**
 * Inverted dropout: each element becomes 0 with probability `rate`, and else is divided by `1 − rate`, so that
 * the expectation stays. Differentiable in `x`; with rate 0 it is `x` itself.
 *
 * @param x - A float32 tensor.
 * @param rate - The share of elements to drop, in [0, 1).
 * @param seed - An integer of 32 bits, or an int32 tensor of one element; a new one for each step.
 * @returns A tensor of the shape of `x`.
 * @throws RangeError if the rate or the seed is out of range, or `noiseShape` does not repeat to that of `x`.
 * @throws TypeError if the seed is a tensor that is not int32.
 * @see Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov: Dropout: A Simple Way to Prevent Neural
 * Networks from Overfitting, JMLR 2014
 *
 * @example
 * ```ts
 * import { dropout } from "@lmk/compile";
 * import "@tensorflow/tfjs-backend-cpu";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * dropout(tf.ones([4]), 0, 7).dataSync(); // => Float32Array [1, 1, 1, 1]
 * ```
 */
export function dropout(x: tf.Tensor, rate: number, seed: Seed, options: DropoutOptions = {}): tf.Tensor {
  const { noiseShape = x.shape } = options;
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(`dropout: expected \`rate\` to be a number of at least 0 and below 1, got ${rate}`);
  }
  const repeats =
    noiseShape.length === x.rank && noiseShape.every((d, axis) => d === 1 || d === x.shape[axis]);
  if (!repeats) {
    throw new RangeError(
      `dropout: expected \`options.noiseShape\` to be [${x.shape.join(", ")}] with some dimensions 1, got [${noiseShape.join(", ")}]`,
    );
  }
  return tf.tidy(() => {
    const start = requireSeed("dropout", seed);
    if (rate === 0) return tf.clone(x);
    const kept = tf.cast(tf.greaterEqual(drawUniform(noiseShape, start, 0), rate), "float32");
    return tf.mul(tf.mul(x, 1 / (1 - rate)), kept);
  });
}

/**
 * A seed derived from another: different indices give unrelated streams. Derive one per place of a model that
 * draws, and from the step's seed one per step.
 *
 * @param seed - An integer of 32 bits, or an int32 tensor of one element.
 * @param index - Which of the derived seeds: an integer in [0, 2²⁴).
 * @returns An int32 scalar of at least 0.
 * @throws RangeError if the seed or the index is out of range.
 * @throws TypeError if the seed is a tensor that is not int32.
 *
 * @example
 * ```ts
 * import { randomUniform, splitSeed } from "@lmk/compile";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [first, second] = [0, 1].map((index) => randomUniform([2], splitSeed(7, index)));
 * first.shape; // => [2]
 * ```
 */
export function splitSeed(seed: Seed, index: number): tf.Scalar {
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** 24) {
    throw new RangeError(
      `splitSeed: expected \`index\` to be an integer of at least 0 and below 2^24, got ${index}`,
    );
  }
  return tf.tidy(() => {
    const words = seedWords(requireSeed("splitSeed", seed));
    const [high, middle, low] = mixedWords(
      tf.scalar(splitCounter),
      [...words, index % wordSize, Math.floor(index / wordSize)],
      3,
    );
    const whole = (word: tf.Tensor, factor: number) =>
      tf.mul(tf.cast(word, "int32"), tf.scalar(factor, "int32"));
    const top = tf.floor(tf.mul(high, 2 ** -5));
    return tf.addN([whole(top, 2 ** 24), whole(middle, 2 ** 12), whole(low, 1)]) as tf.Scalar;
  });
}

/** The seed as a scalar; throws unless it is an integer of 32 bits, or one in a tensor. */
function requireSeed(caller: string, seed: Seed): tf.Scalar {
  if (typeof seed === "number") {
    if ((seed | 0) === seed) return tf.scalar(seed, "int32");
    throw new RangeError(`${caller}: expected \`seed\` to be an integer of 32 bits, got ${seed}`);
  }
  if (seed.dtype !== "int32") {
    throw new TypeError(`${caller}: expected \`seed\` to be an int32 tensor, got a ${seed.dtype} one`);
  }
  if (seed.size === 1) return tf.reshape(seed, []);
  throw new RangeError(`${caller}: expected \`seed\` to be one number, got ${seed.size}`);
}
