import { CompileError, compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { expectSame, integers, type TestArray, uniform, withGradients } from "./against-tfjs.ts";
import { withZerosBetween } from "./conformance/dilated.ts";

type Tensors = Readonly<Record<string, tf.Tensor>>;
type Op = (tensors: Tensors) => tf.Tensor;

/** Holds an op's values and gradients against those of the same function written otherwise, both compiled. */
async function expectEqualGradients(
  op: Op,
  reference: Op,
  inputs: Readonly<Record<string, TestArray>>,
  tolerance = 1e-5,
): Promise<Readonly<Record<string, number>>> {
  const names = Object.keys(inputs);
  const expected = withGradients(reference, names);
  const actual = withGradients(op, names);
  let compiling = false;
  // tfjs runs the reference; what is compiled is the op.
  const report = await expectSame(
    (tensors, state) => {
      compiling = tf.getBackend() !== "cpu";
      return (compiling ? actual : expected)(tensors, state);
    },
    inputs,
    tolerance,
  );
  expect(compiling).toBe(true);
  return report.operators;
}

const four = (tensor: tf.Tensor) => tensor as tf.Tensor4D;

describe("the gradients of dilated convolutions", () => {
  for (const [dilations, pad] of [
    [[2, 2], "same"],
    [[3, 1], "valid"],
    [[1, 2], 2],
  ] as const) {
    const window = [dilations[0], dilations[1]] as [number, number];
    const x = uniform(1, [2, 9, 8, 6]);

    it(`of conv2d: dilations ${dilations}, pad ${pad}`, async () => {
      await expectEqualGradients(
        (given) => tf.conv2d(four(given.x), four(given.filter), 1, pad, "NHWC", window),
        (given) => tf.conv2d(four(given.x), withZerosBetween(given.filter, dilations), 1, pad),
        { x, filter: uniform(2, [3, 3, 6, 4]) },
      );
    });

    it(`of depthwiseConv2d: dilations ${dilations}, pad ${pad}`, async () => {
      await expectEqualGradients(
        (given) => tf.depthwiseConv2d(four(given.x), four(given.filter), 1, pad, "NHWC", window),
        (given) => tf.depthwiseConv2d(four(given.x), withZerosBetween(given.filter, dilations), 1, pad),
        { x, filter: uniform(2, [3, 3, 6, 2]) },
      );
    });

    it(`of a grouped convolution: dilations ${dilations}, pad ${pad}`, async () => {
      const grouped =
        (convolve: (part: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D): Op =>
        (given) => {
          const filters = tf.split<tf.Tensor4D>(four(given.filter), 2, 3);
          return tf.concat(
            tf.split<tf.Tensor4D>(four(given.x), 2, 3).map((part, i) => convolve(part, filters[i])),
            3,
          );
        };
      const operators = await expectEqualGradients(
        grouped((part, filter) => tf.conv2d(part, filter, 1, pad, "NHWC", window)),
        grouped((part, filter) => tf.conv2d(part, withZerosBetween(filter, dilations), 1, pad)),
        { x, filter: uniform(2, [3, 3, 3, 8]) },
      );
      expect(operators.Conv).toBe(3);
    });
  }
});

describe("the gradients of convolutions", () => {
  it("keep an output size that was rounded up", async () => {
    const ends: [[number, number], [number, number], [number, number], [number, number]] = [
      [0, 0],
      [1, 2],
      [1, 2],
      [0, 0],
    ];
    await expectEqualGradients(
      (given) => tf.conv2d(four(given.x), four(given.filter), 2, 1, "NHWC", 1, "ceil"),
      (given) => tf.conv2d(four(given.x), four(given.filter), 2, ends),
      { x: uniform(1, [2, 8, 8, 3]), filter: uniform(2, [3, 3, 3, 4]) },
    );
  });

  it("turn large filters around", async () => {
    await expectSame(
      withGradients((given) => tf.conv2d(four(given.x), four(given.filter), 1, "valid"), ["x", "filter"]),
      { x: uniform(1, [1, 20, 19, 2]), filter: uniform(2, [17, 17, 2, 2]) },
    );
  });

  it("move no image of a depthwise convolution and need no ConvTranspose at stride 1", async () => {
    const depthwise = withGradients(
      (given) => tf.depthwiseConv2d(four(given.x), four(given.filter), 1, "same"),
      ["x", "filter"],
    );
    const compiled = await compile(depthwise, {
      inputs: { x: { shape: [2, 8, 8, 16] }, filter: { shape: [3, 3, 16, 1] } },
    });
    await compiled.dispose();
    expect(compiled.report.operators.Conv).toBe(3);
    expect(compiled.report.operators.ConvTranspose).toBeUndefined();
    // x, filter and their gradients once each, the result, and the loss's weights.
    expect(compiled.report.operators.Transpose).toBeLessThanOrEqual(6);
  });

  it("are refused for a transposed convolution to an impossible shape", async () => {
    const failure = await compile(
      ({ x, filter }) => ({
        outputs: { y: tf.conv2dTranspose(four(x), four(filter), [1, 9, 9, 2], 3, "same") },
      }),
      { inputs: { x: { shape: [1, 4, 4, 3] }, filter: { shape: [3, 3, 2, 3] } } },
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CompileError);
    expect(failure).toMatchObject({
      code: "unsupported-op",
      op: "tf.conv2dTranspose",
      kernel: "Conv2DBackpropInput",
    });
    expect(String(failure)).toContain("gives [1, 3, 3, 3]");
  });

  it("of a transposed convolution take integers as tfjs does", async () => {
    await expectSame(
      ({ x, filter }) => ({
        outputs: { y: tf.conv2dTranspose(four(x), four(filter), [1, 6, 6, 2], 2, "same") },
      }),
      { x: integers(1, [1, 3, 3, 3], 5), filter: integers(2, [3, 3, 2, 3], 5) },
    );
  });
});

describe("channels-first images", () => {
  it("may be given to the fused op, whose bias and weights are per channel", async () => {
    await expectSame(
      (given) => ({
        outputs: Object.fromEntries(
          (["linear", "relu", "prelu"] as const).map((activation) => [
            activation,
            tf.fused.conv2d({
              x: four(given.x),
              filter: four(given.filter),
              strides: 1,
              pad: "same",
              dataFormat: "NCHW",
              bias: given.bias,
              activation,
              ...(activation === "prelu" ? { preluActivationWeights: given.alpha } : {}),
            }),
          ]),
        ),
      }),
      {
        x: uniform(1, [2, 3, 5, 4]),
        filter: uniform(2, [3, 3, 3, 4]),
        bias: uniform(3, [4]),
        alpha: uniform(4, [4]),
      },
    );
  });
});

describe("gradients of gradients of convolutions", () => {
  /** A convolution of stride 1 without padding as sums of products, which tfjs differentiates twice. */
  function byPlaces(x: tf.Tensor, filter: tf.Tensor, dilation: number, depthwise: boolean): tf.Tensor {
    const [rows, columns, inputs, outputs] = filter.shape;
    const [batch, height, width] = x.shape;
    const size = [batch, height - (rows - 1) * dilation, width - (columns - 1) * dilation, inputs];
    const terms: tf.Tensor[] = [];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const read = tf.slice(x, [0, row * dilation, column * dilation, 0], size);
        const weights = tf.reshape(tf.slice(filter, [row, column, 0, 0], [1, 1, inputs, outputs]), [
          inputs,
          outputs,
        ]);
        terms.push(
          depthwise
            ? tf.reshape(tf.mul(tf.reshape(read, [...size, 1]), weights), [
                ...size.slice(0, 3),
                inputs * outputs,
              ])
            : tf.reshape(tf.matMul(tf.reshape(read, [-1, inputs]), weights), [...size.slice(0, 3), outputs]),
        );
      }
    }
    return terms.reduce((sum, term) => tf.add(sum, term));
  }

  /** The squared length of both gradients of a loss, as a gradient penalty takes it. */
  const penalty =
    (convolve: (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor): Op =>
    ({ x, filter }) => {
      const loss = (...[image, weights]: tf.Tensor[]) => {
        const result = convolve(image, weights);
        return tf.sum(tf.mul(result, tf.square(result))) as tf.Scalar;
      };
      const [towardsX, towardsFilter] = tf.grads(loss)([x, filter]);
      return tf.stack([tf.sum(tf.square(towardsX)), tf.sum(tf.square(towardsFilter))]);
    };

  for (const dilation of [1, 2]) {
    it(`exist for conv2d, dilation ${dilation}`, async () => {
      await expectEqualGradients(
        penalty((x, filter) => tf.conv2d(four(x), four(filter), 1, "valid", "NHWC", dilation)),
        penalty((x, filter) => byPlaces(x, filter, dilation, false)),
        { x: uniform(1, [2, 6, 5, 2]), filter: uniform(2, [3, 2, 2, 3]) },
      );
    });

    it(`exist for depthwiseConv2d, dilation ${dilation}`, async () => {
      await expectEqualGradients(
        penalty((x, filter) => tf.depthwiseConv2d(four(x), four(filter), 1, "valid", "NHWC", dilation)),
        penalty((x, filter) => byPlaces(x, filter, dilation, true)),
        { x: uniform(1, [2, 6, 5, 2]), filter: uniform(2, [3, 2, 2, 3]) },
      );
    });
  }
});
