import { compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { bits, expectClose, expectSame, integers, mixed, uniform, withGradients } from "./against-tfjs.ts";

type Reduction = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

const reductions: Readonly<Record<string, Reduction>> = {
  sum: tf.sum,
  mean: tf.mean,
  max: tf.max,
  min: tf.min,
  prod: tf.prod,
  logSumExp: tf.logSumExp,
  norm: (x, axis, keepDims) => tf.norm(x, "euclidean", axis as number, keepDims),
};
/** tfjs's own gradient of `prod` fails for several axes. */
const valuesOnly = new Set(["prod"]);
const axes: readonly (number | number[] | undefined)[] = [undefined, 0, -1, [1, 2], [0, 1, 2], [0, 1, 2, 3]];

for (const [name, op] of Object.entries(reductions)) {
  describe(name, () => {
    const usable = name === "norm" ? axes.filter((axis) => !Array.isArray(axis) || axis.length <= 2) : axes;
    for (const axis of usable) {
      for (const keepDims of [false, true]) {
        it(`along ${axis === undefined ? "all axes" : JSON.stringify(axis)}, keepDims ${keepDims}`, async () => {
          const x = uniform(1, [2, 4, 5, 3], 0.5, 1.5);
          for (const from of [(given: tf.Tensor) => given, mixed]) {
            const reduce = (inputs: Readonly<Record<string, tf.Tensor>>) =>
              op(from(inputs.x), axis, keepDims);
            const fn = valuesOnly.has(name)
              ? (inputs: Readonly<Record<string, tf.Tensor>>) => ({ outputs: { value: reduce(inputs) } })
              : withGradients(reduce, ["x"]);
            await expectSame(fn, { x });
          }
        });
      }
    }
  });
}

describe("reductions of repeated values", () => {
  it("count every repetition", async () => {
    const wide = (x: tf.Tensor) => tf.broadcastTo(x, [4, 3, 5]);
    await expectSame(
      withGradients(({ x }) => tf.sum(wide(x), [0, 2]), ["x"]),
      { x: uniform(1, [3, 1]) },
    );
    await expectSame(
      ({ x }) => ({
        outputs: {
          sum: tf.sum(wide(x)),
          mean: tf.mean(wide(x), [0]),
          max: tf.max(wide(x), [2]),
          prod: tf.prod(wide(x), [0]),
          ones: tf.sum(tf.ones([2, 3]), 1),
          product: tf.prod(tf.fill([4], 3)),
        },
      }),
      { x: uniform(1, [3, 1]) },
    );
  });
});

describe("extremes", () => {
  it("share the gradient between ties as tfjs does", async () => {
    const x = { shape: [2, 4], data: Float32Array.of(1, 3, 3, 0, 2, 2, 2, 2) };
    await expectSame(
      withGradients(({ x: given }) => tf.max(given, 1), ["x"]),
      { x },
    );
    await expectSame(
      withGradients(({ x: given }) => tf.min(given, 1), ["x"]),
      { x },
    );
  });

  it("argMax and argMin give the first of equals, along any axis", async () => {
    const ties = integers(1, [2, 4, 5, 3], 4);
    const x = { ...ties, data: Float32Array.from(ties.data) };
    for (const axis of [0, 1, 2, 3, -1]) {
      await expectSame(
        (inputs) => ({
          outputs: {
            largest: tf.argMax(inputs.x, axis),
            smallest: tf.argMin(inputs.x, axis),
            afterConvolution: tf.argMax(mixed(inputs.x), axis),
          },
        }),
        { x },
      );
    }
  });
});

describe("int32 and bool", () => {
  it("all and any", async () => {
    const b = bits(1, [3, 2, 2]);
    for (const axis of [undefined, 0, [1, 2]]) {
      await expectSame(
        (inputs) => ({
          outputs: { all: tf.all(inputs.b, axis), any: tf.any(inputs.b, axis, true) },
        }),
        { b },
      );
    }
  });

  it("sum, max, min and prod keep int32; the mean is float32", async () => {
    await expectSame(
      ({ x }) => ({
        outputs: {
          sum: tf.sum(x, 0),
          max: tf.max(x, 0),
          min: tf.min(x, 0),
          prod: tf.prod(x, 0),
          mean: tf.mean(x, 0),
        },
      }),
      { x: integers(1, [4, 3], 9) },
    );
  });
});

describe("moments", () => {
  it("of a convolution's output, with gradients", async () => {
    await expectSame(
      withGradients(
        ({ x }) => {
          const { mean, variance } = tf.moments(mixed(x), [0, 1, 2], true);
          return tf.div(tf.sub(mixed(x), mean), tf.sqrt(tf.add(variance, 1e-3)));
        },
        ["x"],
      ),
      { x: uniform(1, [2, 4, 5, 3]) },
      2e-5,
    );
  });
});

describe("softmax and logSoftmax", () => {
  for (const shape of [[7], [3, 7], [2, 3, 4]]) {
    it(`of shape [${shape.join(", ")}], with gradients`, async () => {
      for (const op of [tf.softmax, tf.logSoftmax]) {
        await expectSame(
          withGradients(({ x }) => op(x), ["x"]),
          { x: uniform(1, shape, -5, 5) },
        );
      }
    });
  }

  it("of large logits is finite", async () => {
    await expectSame(({ x }) => ({ outputs: { softmax: tf.softmax(x), logSoftmax: tf.logSoftmax(x) } }), {
      x: uniform(1, [3, 4], -1000, 1000),
    });
  });

  it("over the channels of a convolution's output", async () => {
    await expectSame(
      withGradients(({ x }) => tf.softmax(mixed(x)), ["x"]),
      { x: uniform(1, [2, 4, 5, 3]) },
      5e-5,
    );
  });
});

describe("cumsum", () => {
  for (const exclusive of [false, true]) {
    for (const reverse of [false, true]) {
      it(`exclusive ${exclusive}, reverse ${reverse}`, async () => {
        // tfjs's own gradient keeps the axes permuted unless the sums run along the last one.
        await expectSame(
          withGradients(({ x }) => tf.cumsum(x, 1, exclusive, reverse), ["x"]),
          { x: uniform(1, [3, 5]) },
        );
        await expectSame(
          ({ x }) => ({
            outputs: {
              inner: tf.cumsum(x, 1, exclusive, reverse),
              afterConvolution: tf.cumsum(mixed(x), 2, exclusive, reverse),
            },
          }),
          { x: uniform(1, [2, 4, 5, 3]) },
        );
      });
    }
  }
});

describe("einsum", () => {
  it("sums letters of one operand alone, for which tfjs gives a wrong shape", async () => {
    const compiled = await compile(
      ({ a, b }) => ({
        outputs: {
          sums: tf.einsum("ij,kl->il", a, b),
          meant: tf.mul(tf.sum(a, 1, true), tf.sum(b, 0, true)),
        },
      }),
      { inputs: { a: { shape: [2, 3] }, b: { shape: [4, 5] } } },
    );
    const { sums, meant } = await compiled.run({
      a: uniform(1, [2, 3]).data as Float32Array,
      b: uniform(2, [4, 5]).data as Float32Array,
    });
    expectClose(sums, meant, 1e-6);
    await compiled.dispose();
  });

  it("of attention scores is one batched product, with gradients that are two", async () => {
    const shape = [2, 3, 4, 5];
    const compiled = await compile(
      ({ q, k }) => {
        const scores = (a: tf.Tensor, b: tf.Tensor) => tf.einsum("bhid,bhjd->bhij", a, b);
        const [dq, dk] = tf.grads((a, b) => tf.sum(tf.square(scores(a, b))))([q, k]);
        return { outputs: { scores: scores(q, k), dq, dk } };
      },
      { inputs: { q: { shape }, k: { shape } } },
    );
    expect(compiled.report.operators.MatMul).toBe(3);
    expect(compiled.report.operators.Einsum).toBeUndefined();
    await compiled.dispose();
  });
});

describe("tensors without elements", () => {
  it("reduce, reshape and concatenate as in tfjs", async () => {
    await expectSame(
      ({ x }) => {
        const none = tf.slice(x, [0, 0, 0], [0, 3, 2]);
        return {
          outputs: {
            sum: tf.sum(none, 0),
            all: tf.sum(none),
            inner: tf.sum(tf.mul(none, 2), 1),
            constant: tf.sum(tf.zeros([0, 3]), 0),
            flat: tf.reshape(tf.mul(none, 2), [3, 0]),
            rows: tf.reshape(tf.mul(none, 2), [0, 6]),
            joined: tf.concat([none, tf.mul(none, 2)]),
            beside: tf.concat([none, none], 2),
            filled: tf.concat([none, x]),
          },
        };
      },
      { x: uniform(1, [2, 3, 2]) },
    );
  });
});
