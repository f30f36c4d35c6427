import { type Compiled, compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { expectSame, mixed, uniform, withGradients } from "./against-tfjs.ts";

type Tensors = Readonly<Record<string, tf.Tensor>>;
type Convolve = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D;

/** One convolution per group, as a user writes it. */
function grouped(x: tf.Tensor, filter: tf.Tensor, groups: number, convolve: Convolve): tf.Tensor {
  const filters = tf.split<tf.Tensor4D>(filter as tf.Tensor4D, groups, 3);
  const parts = tf
    .split<tf.Tensor4D>(x as tf.Tensor4D, groups, 3)
    .map((part, i) => convolve(part, filters[i]));
  return tf.concat(parts, 3);
}

const count = ({ operators }: Compiled["report"], ...names: string[]) =>
  names.reduce((total, name) => total + (operators[name] ?? 0), 0);

/** Nodes that cut or join, of which a grouped convolution needs none. */
const perGroup = ["Concat", "Slice", "Split"];

interface Case {
  readonly groups: number;
  readonly image: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: [number, number];
  readonly strides: number;
  readonly pad: number | "same" | "valid";
}

const cases: readonly Case[] = [
  { groups: 2, image: 7, inputs: 4, outputs: 6, kernel: [3, 3], strides: 1, pad: "same" },
  { groups: 2, image: 7, inputs: 4, outputs: 6, kernel: [2, 3], strides: 1, pad: "valid" },
  { groups: 4, image: 8, inputs: 8, outputs: 4, kernel: [3, 3], strides: 2, pad: "same" },
  { groups: 4, image: 6, inputs: 8, outputs: 16, kernel: [1, 1], strides: 1, pad: 0 },
  { groups: 4, image: 9, inputs: 4, outputs: 8, kernel: [3, 2], strides: 3, pad: 1 },
  { groups: 5, image: 5, inputs: 5, outputs: 5, kernel: [3, 3], strides: 1, pad: "same" },
  { groups: 32, image: 4, inputs: 64, outputs: 64, kernel: [3, 3], strides: 1, pad: "same" },
];

describe("a convolution per group between a split and a concatenation", () => {
  for (const given of cases) {
    const { groups, image, inputs, outputs, kernel, strides, pad } = given;
    it(`becomes one convolution forward and one per gradient: ${JSON.stringify(given)}`, async () => {
      const x = uniform(1, [2, image, image, inputs]);
      const filter = uniform(2, [...kernel, inputs / groups, outputs]);
      const op = (tensors: Tensors) =>
        grouped(tensors.x, tensors.filter, groups, (part, weights) => tf.conv2d(part, weights, strides, pad));
      const forward = await expectSame((tensors) => ({ outputs: { y: op(tensors) } }), { x, filter });
      expect(count(forward, "Conv")).toBe(1);
      expect(count(forward, ...perGroup)).toBe(0);

      const both = await expectSame(withGradients(op, ["x", "filter"]), { x, filter });
      expect(count(both, "Conv", "ConvTranspose")).toBe(3);
      // With a stride, rows and columns at the end that no window reads are cut off once.
      expect(count(both, ...perGroup)).toBeLessThanOrEqual(strides === 1 ? 0 : 1);
    });
  }

  it("takes the same nodes at any number of groups", async () => {
    const reports = [2, 4, 32].map((groups) =>
      expectSame(
        withGradients(
          ({ x, filter }) =>
            grouped(x, filter, groups, (part, weights) => tf.conv2d(part, weights, 2, "same")),
          ["x", "filter"],
        ),
        { x: uniform(1, [2, 8, 8, 64]), filter: uniform(2, [3, 3, 64 / groups, 64]) },
      ),
    );
    const [two, four, many] = await Promise.all(reports);
    expect(four.operators).toEqual(two.operators);
    expect(many.operators).toEqual(two.operators);
  });

  it("dilates", async () => {
    const op = ({ x, filter }: Tensors) =>
      grouped(x, filter, 2, (part, weights) => tf.conv2d(part, weights, 1, "same", "NHWC", [2, 3]));
    const report = await expectSame((tensors) => ({ outputs: { y: op(tensors) } }), {
      x: uniform(1, [2, 8, 7, 4]),
      filter: uniform(2, [3, 3, 2, 4]),
    });
    expect(count(report, "Conv")).toBe(1);
  });

  it("takes channels-first images", async () => {
    const report = await expectSame(
      withGradients(
        ({ x, filter }) => {
          const filters = tf.split<tf.Tensor4D>(filter as tf.Tensor4D, 2, 3);
          const parts = tf.split<tf.Tensor4D>(x as tf.Tensor4D, 2, 1);
          const results = parts.map((part, i) => tf.conv2d(part, filters[i], 1, "same", "NCHW"));
          return tf.concat(results, 1);
        },
        ["x", "filter"],
      ),
      { x: uniform(1, [2, 4, 6, 5]), filter: uniform(2, [3, 3, 2, 6]) },
    );
    expect(count(report, "Conv", "ConvTranspose")).toBe(3);
    expect(count(report, ...perGroup)).toBe(0);
  });

  it("may be a transposed convolution", async () => {
    const report = await expectSame(
      withGradients(
        ({ x, filter }) =>
          grouped(x, filter, 2, (part, weights) =>
            tf.conv2dTranspose(part, weights, [2, 8, 6, 3], 2, "same"),
          ),
        ["x", "filter"],
      ),
      { x: uniform(1, [2, 4, 3, 4]), filter: uniform(2, [3, 3, 3, 4]) },
    );
    expect(count(report, "Conv", "ConvTranspose")).toBe(3);
    expect(count(report, "Concat", "Split")).toBe(0);
  });

  it("follows another one, with a bias and an activation between them", async () => {
    const report = await expectSame(
      withGradients(
        ({ x, first, bias, second }) => {
          const same: Convolve = (part, weights) => tf.conv2d(part, weights, 1, "same");
          const hidden = tf.elu(tf.add(grouped(mixed(x), first, 2, same), bias));
          return grouped(hidden, second, 4, same);
        },
        ["x", "first", "bias", "second"],
      ),
      {
        x: uniform(1, [2, 5, 5, 4]),
        first: uniform(2, [3, 3, 2, 8]),
        bias: uniform(3, [8]),
        second: uniform(4, [3, 3, 2, 4]),
      },
    );
    expect(count(report, ...perGroup)).toBe(0);
    // Two forward, two input and two filter gradients; the images' mixing forward and backward.
    expect(count(report, "Conv", "ConvTranspose")).toBe(8);
  });

  it("takes filters that the function closes over", async () => {
    const filter = tf.tensor4d(uniform(3, [3, 3, 2, 4]).data as Float32Array, [3, 3, 2, 4]);
    const report = await expectSame(
      withGradients(
        ({ x }) => grouped(x, filter, 2, (part, weights) => tf.conv2d(part, weights, 1, "same")),
        ["x"],
      ),
      { x: uniform(4, [2, 5, 5, 4]) },
    );
    expect(count(report, "Conv")).toBe(2);
    expect(count(report, ...perGroup)).toBe(0);
  });

  it("is traced quickly at 32 groups", async () => {
    const filter = uniform(2, [3, 3, 8, 256]);
    const step = withGradients(
      ({ x, filter: weights }) => grouped(x, weights, 32, (part, own) => tf.conv2d(part, own, 1, "same")),
      ["x", "filter"],
    );
    const compiled = await compile(step, {
      inputs: { x: { shape: [8, 14, 14, 256] }, filter: { shape: filter.shape } },
    });
    await compiled.dispose();
    expect(compiled.report.traceMilliseconds).toBeLessThan(1000);
  });
});

describe("what only looks like a grouped convolution", () => {
  const x = uniform(1, [2, 5, 5, 4]);
  const filter = uniform(2, [3, 3, 2, 4]);
  const parts = ({ x: images, filter: weights }: Tensors) => ({
    images: tf.split<tf.Tensor4D>(images as tf.Tensor4D, 2, 3),
    filters: tf.split<tf.Tensor4D>(weights as tf.Tensor4D, 2, 3),
  });
  const same: Convolve = (part, weights) => tf.conv2d(part, weights, 1, "same");
  const others: Readonly<Record<string, (tensors: Tensors) => tf.Tensor>> = {
    "groups in another order": (tensors) => {
      const { images, filters } = parts(tensors);
      return tf.concat([same(images[1], filters[1]), same(images[0], filters[0])], 3);
    },
    "filters in another order": (tensors) => {
      const { images, filters } = parts(tensors);
      return tf.concat([same(images[0], filters[1]), same(images[1], filters[0])], 3);
    },
    "one group twice": (tensors) => {
      const { images, filters } = parts(tensors);
      return tf.concat([same(images[0], filters[0]), same(images[0], filters[0])], 3);
    },
    "a group left out": (tensors) => {
      const images = tf.split<tf.Tensor4D>(tensors.x as tf.Tensor4D, 4, 3);
      const filters = tf.split<tf.Tensor4D>(tf.slice(tensors.filter, 0, [3, 3, 1, 4]) as tf.Tensor4D, 4, 3);
      return tf.concat(
        [0, 1, 2].map((i) => same(images[i], filters[i])),
        3,
      );
    },
    "joined along the rows": (tensors) => {
      const { images, filters } = parts(tensors);
      return tf.concat(
        images.map((part, i) => same(part, filters[i])),
        1,
      );
    },
    "different dilations": (tensors) => {
      const { images, filters } = parts(tensors);
      return tf.concat(
        images.map((part, i) => tf.conv2d(part, filters[i], 1, "same", "NHWC", i + 1)),
        3,
      );
    },
    "an activation in every group": (tensors) => {
      const { images, filters } = parts(tensors);
      return tf.concat(
        images.map((part, i) => tf.relu(same(part, filters[i]))),
        3,
      );
    },
    "groups transposed before and after": (tensors) => {
      const { images, filters } = parts(tensors);
      const turned = images.map((part) => tf.transpose(part, [0, 2, 1, 3]));
      return tf.concat(
        turned.map((part, i) => same(part as tf.Tensor4D, filters[i])),
        3,
      );
    },
    "one image batch for all groups": (tensors) => {
      const { images, filters } = parts(tensors);
      return tf.concat(
        filters.map((weights) => same(images[0], weights)),
        3,
      );
    },
  };
  for (const [name, op] of Object.entries(others)) {
    it(`stays as it is: ${name}`, async () => {
      const report = await expectSame((tensors) => ({ outputs: { y: op(tensors) } }), { x, filter });
      expect(count(report, "Conv")).toBe(
        name === "one group twice" ? 1 : name === "a group left out" ? 3 : 2,
      );
    });
  }
});
