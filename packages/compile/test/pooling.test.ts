import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";
import { expectSame, mixed, type TestArray, uniform, withGradients } from "./against-tfjs.ts";

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
  describe(`${name} agrees with tfjs in value and gradient`, () => {
    for (const given of cases) {
      it(named(given), async () => {
        const apply = ({ x }: Readonly<Record<string, tf.Tensor>>) =>
          pool(x as tf.Tensor4D, given.size, given.strides, given.pad);
        await expectSame(withGradients(apply, ["x"]), { x: uniform(1, given.image) });
      });
    }

    it("between convolutions", async () => {
      await expectSame(
        withGradients(({ x }) => mixed(pool(mixed(x), 3, 2, one)), ["x"]),
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
