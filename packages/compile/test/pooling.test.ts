import { compile, type TracedFunction } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { maximumGradient } from "../src/kernels/maximum-gradient.ts";
import { channelsFirst, poolingWindow } from "../src/kernels/window.ts";
import { encodeModel } from "../src/onnx-model.ts";
import { Tracer } from "../src/tracer.ts";
import {
  expectClose,
  expectSame,
  mixed,
  runEagerly,
  type TestArray,
  uniform,
  withGradients,
} from "./against-tfjs.ts";

type Explicit = [[number, number], [number, number], [number, number], [number, number]];
const one: Explicit = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];

interface Case {
  readonly image: readonly [number, number, number, number];
  readonly size: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | Explicit;
}

const cases: readonly Case[] = [
  { image: [2, 8, 8, 3], size: 3, strides: 2, pad: one },
  { image: [2, 7, 10, 3], size: 3, strides: 2, pad: one },
  { image: [2, 8, 6, 2], size: 2, strides: 2, pad: "valid" },
  { image: [2, 7, 9, 2], size: 2, strides: 2, pad: "valid" },
  { image: [1, 8, 7, 2], size: 3, strides: 2, pad: "same" },
  { image: [1, 5, 6, 4], size: [2, 3], strides: [1, 2], pad: "same" },
  { image: [1, 9, 7, 2], size: 2, strides: 3, pad: "valid" },
  { image: [2, 6, 6, 3], size: 3, strides: 1, pad: 1 },
  { image: [2, 4, 5, 3], size: [4, 5], strides: 1, pad: "valid" },
];

const named = ({ image, size, strides, pad }: Case) =>
  `image ${image.join("x")}, size ${size}, stride ${strides}, pad ${JSON.stringify(pad)}`;

const pools = { maxPool: tf.maxPool, avgPool: tf.avgPool };

for (const [name, pool] of Object.entries(pools)) {
  // tfjs's own gradient of avgPool divides by the whole window where its value leaves padding out.
  const comparable = ({ pad }: Case) => name === "maxPool" || pad === "valid";
  describe(`${name} agrees with tfjs in value and gradient`, () => {
    for (const given of cases.filter(comparable)) {
      it(named(given), async () => {
        const apply = ({ x }: Readonly<Record<string, tf.Tensor>>) =>
          pool(x as tf.Tensor4D, given.size, given.strides, given.pad);
        await expectSame(withGradients(apply, ["x"]), { x: uniform(1, given.image) });
      });
    }

    it("between convolutions", async () => {
      await expectSame(
        withGradients(({ x }) => mixed(pool(mixed(x), 3, 2, name === "maxPool" ? one : "valid")), ["x"]),
        { x: uniform(1, [2, 8, 7, 3]) },
      );
    });

    it("rounds the output size up where asked to", async () => {
      await expectSame(({ x }) => ({ outputs: { y: pool(x as tf.Tensor4D, 3, 2, 1, "ceil") } }), {
        x: uniform(1, [1, 8, 6, 2]),
      });
    });

    it("gives the gradient where nothing reads the value", async () => {
      const total = (x: tf.Tensor) => tf.sum(pool(x as tf.Tensor4D, 2, 2, "valid")) as tf.Scalar;
      await expectSame(({ x }) => ({ outputs: { gradient: tf.grad(total)(x) } }), {
        x: uniform(1, [1, 6, 6, 2]),
      });
    });
  });
}

describe("maxPool with ties", () => {
  const relued = (seed: number): TestArray => {
    const { shape, data } = uniform(seed, [2, 8, 8, 3], -3, 1);
    return { shape, data: Float32Array.from(data, (value) => Math.max(value, 0)) };
  };

  it("gives the gradient to one place per window, the one that tfjs picks", async () => {
    for (const pad of [one, "same", "valid"] as const) {
      await expectSame(
        withGradients(({ x }) => tf.maxPool(x as tf.Tensor4D, 3, 2, pad), ["x"]),
        { x: relued(1) },
      );
    }
  });

  it("after a relu, as in a stem", async () => {
    await expectSame(
      withGradients(({ x }) => tf.maxPool(tf.relu(mixed(x)) as tf.Tensor4D, 3, 2, one), ["x"]),
      { x: uniform(2, [2, 8, 8, 3]) },
    );
  });

  it("of windows that hold one value only", async () => {
    const x = { shape: [1, 5, 5, 2], data: new Float32Array(50).fill(-2) };
    await expectSame(
      withGradients((inputs) => tf.maxPool(inputs.x as tf.Tensor4D, 3, 2, one), ["x"]),
      { x },
    );
  });
});

describe("avgPool with padding", () => {
  const padded: readonly Case[] = cases.filter(({ pad }) => pad !== "valid");
  for (const given of padded) {
    it(`has the gradient of its value: ${named(given)}`, async () => {
      const { image, size, strides, pad } = given;
      const sides = typeof size === "number" ? [size, size] : size;
      const ones = tf.ones([sides[0], sides[1], image[3], 1]) as tf.Tensor4D;
      const sum = (x: tf.Tensor) => tf.depthwiseConv2d(x as tf.Tensor4D, ones, strides, pad as "same");
      const x = uniform(1, image);
      const gradientOf = (mean: (x: tf.Tensor) => tf.Tensor): TracedFunction => {
        return ({ x: value }) => {
          const loss = (variable: tf.Tensor) => tf.sum(tf.square(mean(variable))) as tf.Scalar;
          return { outputs: { gradient: tf.grad(loss)(value) } };
        };
      };
      const expected = runEagerly(
        gradientOf((value) => tf.div(sum(value), sum(tf.ones([...image])))),
        { x },
      ).outputs;
      const compiled = await compile(
        gradientOf((value) => tf.avgPool(value as tf.Tensor4D, size, strides, pad)),
        { inputs: { x: { shape: image } } },
        { threads: 1 },
      );
      const { gradient } = await compiled.run({ x: x.data });
      await compiled.dispose();
      expectClose(gradient, expected.gradient, 1e-5, "gradient");
    });
  }
});

describe("maxPool's gradient without indices", () => {
  for (const { image, size, strides, pad } of cases) {
    it(`is that with indices: ${named({ image, size, strides, pad })}`, async () => {
      const window = poolingWindow(image, { filterSize: size, strides, pad });
      const [dims, outDims] = [image, window.outShape].map((shape) =>
        channelsFirst.map((axis) => shape[axis]),
      );
      const tied = Float32Array.from(uniform(5, image, -2, 3).data, (value) =>
        Math.max(Math.round(value), 0),
      );
      const feeds = {
        x: new Tensor("float32", tied, dims),
        dy: new Tensor("float32", uniform(6, outDims).data as Float32Array, outDims),
      };
      const [first, second] = await Promise.all(
        [true, false].map(async (poolingIndices) => {
          const tracer = new Tracer({ poolingIndices, batchStatistics: true, groupedTransposes: true });
          tracer.graph.input("x", dims, "float32");
          tracer.graph.input("dy", outDims, "float32");
          const x = tracer.value("x", image, "float32", channelsFirst);
          const dy = tracer.value("dy", window.outShape, "float32", channelsFirst);
          const source = tracer.name(maximumGradient(tracer, dy, x, window));
          const graph = tracer.graph.finish([{ port: { name: "dx", dims, type: "float32" }, source }]);
          expect(graph.nodes.some(({ op }) => op === "ScatterElements")).toBe(poolingIndices);
          const session = await InferenceSession.create(encodeModel(graph));
          const { dx } = await session.run(feeds);
          await session.release();
          return { shape: dims, data: dx.data as Float32Array };
        }),
      );
      expectClose(first, second, 1e-6);
    });
  }
});

describe("pooling refuses", () => {
  it("padding that fills a whole window", async () => {
    await expect(
      compile(({ x }) => ({ outputs: { y: tf.maxPool(x as tf.Tensor4D, 2, 1, 2) } }), {
        inputs: { x: { shape: [1, 4, 4, 1] } },
      }),
    ).rejects.toThrow("compile: cannot express MaxPool with padding that fills a whole window");
  });
});
