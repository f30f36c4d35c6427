import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";
import { expectSame, mixed, uniform, withGradients } from "./against-tfjs.ts";

const flip = (shape: readonly number[], transposed: boolean) => [
  ...shape.slice(0, -2),
  ...(transposed ? shape.slice(-2).toReversed() : shape.slice(-2)),
];

/** Batches of the two operands. */
const batches: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[2], [2]],
  [[2], [1]],
  [
    [2, 3],
    [2, 3],
  ],
  [[], [3]],
];

describe("matMul agrees with tfjs in value and both gradients", () => {
  for (const [left, right] of batches) {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        it(`batches [${left}] and [${right}], transposeA ${transposeA}, transposeB ${transposeB}`, async () => {
          const multiply = ({ a, b }: Readonly<Record<string, tf.Tensor>>) =>
            tf.matMul(a, b, transposeA, transposeB);
          const sameBatch = String(left) === String(right);
          await expectSame(
            sameBatch
              ? withGradients(multiply, ["a", "b"])
              : (inputs) => ({ outputs: { y: multiply(inputs) } }),
            {
              a: uniform(1, flip([...left, 4, 5], transposeA)),
              b: uniform(2, flip([...right, 5, 3], transposeB)),
            },
          );
        });
      }
    }
  }

  it("after transpositions, reshapes and a convolution", async () => {
    await expectSame(
      withGradients(
        ({ x, w }) => {
          const rows = tf.reshape(mixed(x), [-1, 3]);
          return tf.matMul(tf.transpose(w), tf.matMul(rows, w), false, true);
        },
        ["x", "w"],
      ),
      { x: uniform(1, [2, 4, 5, 3]), w: uniform(2, [3, 3]) },
    );
  });

  it("of vectors: dot, outer product", async () => {
    await expectSame(
      withGradients(
        ({ a, b }) => tf.mul(tf.outerProduct(a as tf.Tensor1D, b as tf.Tensor1D), tf.dot(a, a)),
        ["a", "b"],
      ),
      { a: uniform(1, [4]), b: uniform(2, [3]) },
    );
  });

  it("with one operand repeated over the batch", async () => {
    await expectSame(({ a, b }) => ({ outputs: { y: tf.matMul(a, tf.broadcastTo(b, [2, 5, 3])) } }), {
      a: uniform(1, [2, 4, 5]),
      b: uniform(2, [1, 5, 3]),
    });
  });
});

describe("fused.matMul", () => {
  it("applies bias and activation", async () => {
    await expectSame(
      ({ a, b, bias }) => ({
        outputs: Object.fromEntries(
          (["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu"] as const).map((activation) => [
            activation,
            tf.fused.matMul({ a, b, bias, activation, transposeB: true, leakyreluAlpha: 0.1 }),
          ]),
        ),
      }),
      { a: uniform(1, [4, 5], -2, 2), b: uniform(2, [3, 5]), bias: uniform(3, [3]) },
    );
  });

  it("has gradients", async () => {
    await expectSame(
      withGradients(
        ({ a, b, bias }) => tf.fused.matMul({ a, b, bias, activation: "relu" }),
        ["a", "b", "bias"],
      ),
      { a: uniform(1, [4, 5]), b: uniform(2, [5, 3]), bias: uniform(3, [3]) },
    );
  });
});
