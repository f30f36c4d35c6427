import { CompileError, compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { bits, expectSame, integers, mixed, uniform, withGradients } from "./against-tfjs.ts";

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

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** The values and gradients of two functions, side by side in one model. */
async function expectEqual(
  op: (tensors: Tensors) => tf.Tensor,
  reference: (tensors: Tensors) => tf.Tensor,
  inputs: Readonly<Record<string, ReturnType<typeof uniform>>>,
): Promise<void> {
  const names = Object.keys(inputs);
  const specs = names.map((name) => [name, { shape: inputs[name].shape }]);
  const [actual, expected] = await Promise.all(
    [op, reference].map(async (fn) => {
      const compiled = await compile(withGradients(fn, names), { inputs: Object.fromEntries(specs) });
      const arrays = names.map((name) => [name, inputs[name].data]);
      const outputs = await compiled.run(Object.fromEntries(arrays));
      await compiled.dispose();
      return outputs;
    }),
  );
  expect(Object.keys(actual)).toEqual(["value", ...names.map((name) => `gradient of ${name}`)]);
  for (const [name, { data, shape }] of Object.entries(expected)) {
    expect(actual[name].shape, name).toEqual(shape);
    const scale = Math.max(...(data as Float32Array).map(Math.abs));
    data.forEach((value, i) => {
      expect(Math.abs(actual[name].data[i] - value) / scale, `${name} at ${i}`).toBeLessThan(1e-5);
    });
  }
}

describe("matMul of batches of different shapes", () => {
  const repeated: readonly (readonly [readonly number[], readonly number[]])[] = [
    [[2, 3], []],
    [[], [2, 3]],
    [[2, 3], [3]],
    [
      [1, 3],
      [2, 3],
    ],
    // Where each repeats the other, tfjs's CPU backend is wrong even in value.
    [
      [2, 1],
      [1, 3],
    ],
    [
      [3, 1],
      [3, 2],
    ],
  ];
  for (const [left, right] of repeated) {
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ]) {
      it(`sums gradients over repetition: [${left}] and [${right}], transposed ${transposeA}, ${transposeB}`, async () => {
        const tiled = (tensor: tf.Tensor, other: readonly number[]) => {
          const rank = Math.max(tensor.rank - 2, other.length);
          const fill = (dims: readonly number[]) => [...Array<number>(rank - dims.length).fill(1), ...dims];
          const batch = fill(tensor.shape.slice(0, -2));
          const repeats = fill(other).map((length, axis) => (batch[axis] === 1 ? length : 1));
          return tf.tile(tf.reshape(tensor, [...batch, ...tensor.shape.slice(-2)]), [...repeats, 1, 1]);
        };
        await expectEqual(
          ({ a, b }) => tf.matMul(a, b, transposeA, transposeB),
          ({ a, b }) => tf.matMul(tiled(a, right), tiled(b, left), transposeA, transposeB),
          {
            a: uniform(1, flip([...left, 4, 5], transposeA)),
            b: uniform(2, flip([...right, 5, 3], transposeB)),
          },
        );
      });
    }
  }

  it("differentiates one matrix for a whole batch by one product", async () => {
    const compiled = await compile(
      withGradients(({ x, w }) => tf.matMul(x, w), ["w"]),
      { inputs: { x: { shape: [2, 3, 4] }, w: { shape: [4, 5] } } },
    );
    await compiled.dispose();
    const { Gemm, MatMul, ReduceSum } = compiled.report.operators;
    expect({ Gemm, MatMul, ReduceSum }).toEqual({ Gemm: 1, MatMul: 1, ReduceSum: undefined });
  });
});

describe("attention of several heads", () => {
  const heads = 2;
  const attend = ({ x, query, key, value, output }: Tensors) => {
    const [batch, length, width] = x.shape;
    const rows = tf.reshape(x, [-1, width]);
    const split = (weights: tf.Tensor) =>
      tf.transpose(tf.reshape(tf.matMul(rows, weights), [batch, length, heads, width / heads]), [0, 2, 1, 3]);
    const scores = tf.mul(tf.matMul(split(query), split(key), false, true), Math.sqrt(heads / width));
    const mixedHeads = tf.transpose(tf.matMul(tf.softmax(scores), split(value)), [0, 2, 1, 3]);
    return tf.reshape(tf.matMul(tf.reshape(mixedHeads, [-1, width]), output), x.shape);
  };

  it("agrees with tfjs in value and all gradients", async () => {
    await expectSame(withGradients(attend, ["x", "query", "key", "value", "output"]), {
      x: uniform(1, [2, 5, 6]),
      query: uniform(2, [6, 6]),
      key: uniform(3, [6, 6]),
      value: uniform(4, [6, 6]),
      output: uniform(5, [6, 6]),
    });
  });
});

describe("matMul of other types", () => {
  it("multiplies integers, and what is mixed with floats as floats", async () => {
    await expectSame(
      ({ i, j, flags, x }) => ({
        outputs: {
          integers: tf.matMul(i, j),
          turned: tf.matMul(j, i, true, true),
          batches: tf.matMul(tf.reshape(i, [2, 2, 5]), j),
          mixed: tf.matMul(i, x),
          flags: tf.matMul(flags, x),
          counted: tf.matMul(flags, j),
        },
      }),
      {
        i: integers(1, [4, 5], 100),
        j: integers(2, [5, 3], 100),
        flags: bits(3, [4, 5]),
        x: uniform(4, [5, 3]),
      },
    );
  });

  it("refuses two bools, of which tfjs makes a count that it calls a bool", async () => {
    const bool = { shape: [2, 2], dtype: "bool" } as const;
    const failure = await compile(({ a, b }) => ({ outputs: { y: tf.matMul(a, b) } }), {
      inputs: { a: bool, b: bool },
    }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CompileError);
    expect(failure).toMatchObject({ code: "unsupported-op", op: "tf.matMul", kernel: "BatchMatMul" });
  });
});
