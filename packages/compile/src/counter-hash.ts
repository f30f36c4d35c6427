import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "./dtype.ts";

/**
 * A hash of counters to numbers, in float32 arithmetic that is exact: every intermediate value is a multiple
 * of 2⁻²⁴ that float32 holds, so that all backends agree bit by bit.
 *
 * The state is a number of 24 bits, written as `high + low` with a whole part below 2¹² and a fraction of 12
 * bits. One round is `a · low + high · 2⁻¹²`: the step of Marsaglia's multiply-with-carry generator, which
 * multiplies in the integers modulo `a · 2¹² − 1`. Each round has another `a`; what mixes is the change of modulus.
 *
 * @see G. Marsaglia, "Random numbers for C: The END?", sci.stat.math, 1999
 */

/** One more than the largest word. */
export const wordSize: number = 2 ** 12;

const perWord = 2 ** -12;

/**
 * Each is above the whole parts that the one before it leaves, so that no round makes two states one. They are
 * far enough below 2¹² for every sum to be exact.
 */
const multipliers = [
  1013, 1231, 1447, 1667, 1889, 2111, 2333, 2557, 2777, 2999, 3221, 3449, 3671, 3889, 4001, 4091,
] as const;

/** One round. */
function round(state: tf.Tensor, multiplier: number | tf.Tensor): tf.Tensor {
  const high = tf.floor(state);
  return tf.add(tf.mul(tf.sub(state, high), multiplier), tf.mul(high, perWord));
}

/** The state with a word, whole and below 2¹², added to its low part; what overflows is dropped. */
function absorb(state: tf.Tensor, word: number | tf.Tensor): tf.Tensor {
  const high = tf.floor(state);
  const low = tf.add(tf.sub(state, high), tf.mul(word, perWord));
  return tf.add(high, tf.sub(low, tf.floor(low)));
}

/** The words of an int32 seed: 12, 12 and 8 bits. */
export function seedWords(seed: tf.Scalar): tf.Tensor[] {
  const size = tf.scalar(wordSize, "int32");
  const low = tf.mod(seed, size);
  // A multiple of 2¹² below 2³¹ is a float32.
  const rest = tf.mul(tf.cast(tf.sub(seed, low), "float32"), perWord);
  const high = tf.floor(tf.mul(rest, perWord));
  const middle = tf.sub(rest, tf.mul(high, wordSize));
  return [tf.cast(low, "float32"), middle, tf.add(high, 2 ** 7)];
}

/** `count` words of 12 bits for each counter, whole and below 2²², that depend on all the given words. */
export function mixedWords(
  counters: tf.Tensor,
  words: readonly (number | tf.Tensor)[],
  count: number,
): tf.Tensor[] {
  let turn = 0;
  const next = () => multipliers[turn++];
  let state = tf.mul(counters, perWord);
  for (const word of words) state = round(absorb(state, word), next());
  for (let i = 0; i < 4; i++) state = round(state, next());
  const results: tf.Tensor[] = [];
  for (let i = 0; i < count; i++) {
    state = round(round(state, next()), next());
    results.push(tf.floor(tf.mul(tf.sub(state, tf.floor(state)), wordSize)));
  }
  return results;
}

/** The sides of a grid that holds `size` places, as square as the divisors of `size` allow. */
export function gridOf(size: number): { rows: number; columns: number } {
  const root = Math.floor(Math.sqrt(size));
  for (let rows = root; rows * 16 > root; rows--) {
    if (size % rows === 0) return { rows, columns: size / rows };
  }
  return { rows: root, columns: Math.ceil(size / root) };
}

/**
 * Uniform multiples of 2⁻²⁴ in [0, 1). The places form a grid: rows and columns are hashed with the seed, which
 * costs little, and each place mixes its row's words with its column's.
 */
export function drawUniform(shape: readonly number[], seed: tf.Scalar, stream: number): tf.Tensor {
  const size = sizeOf(shape);
  const { rows, columns } = gridOf(size);
  const counters = tf.range(0, rows + columns, 1, "float32");
  const words = mixedWords(counters, [...seedWords(seed), stream + 1], 4);
  const [upper, first, second] = [words[0], words[2], words[3]].map((word) =>
    tf.floor(tf.mul(word, 2 ** -3)),
  );
  const start = tf.add(upper, tf.mul(words[1], perWord));
  const byRow = (values: tf.Tensor) => tf.reshape(tf.slice(values, [0], [rows]), [rows, 1]);
  const byColumn = (values: tf.Tensor) => tf.reshape(tf.slice(values, [rows], [columns]), [1, columns]);

  // The multipliers grow from round to round, as above.
  let state = tf.add(byRow(start), byColumn(start));
  state = round(state, tf.add(byRow(first), 1280));
  state = round(state, tf.add(byColumn(first), 2048));
  state = round(state, tf.add(byRow(second), 3839));
  state = round(state, wordSize - 1);
  const high = tf.floor(state);
  const draws = tf.add(tf.sub(state, high), tf.mul(high, perWord * perWord));
  const flat = rows * columns === size ? draws : tf.slice(tf.reshape(draws, [rows * columns]), [0], [size]);
  return tf.reshape(flat, [...shape]);
}
