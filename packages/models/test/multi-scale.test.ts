import "@tensorflow/tfjs-backend-cpu";
import { readFileSync } from "node:fs";
import { type EmbeddingModel, embedMultiScale, type MultiScaleOptions, multiScalePresets } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { hashedUniform } from "./reference-values.ts";

const { scales: goldens } = JSON.parse(
  readFileSync(new URL("./golden/embedding-parts.json", import.meta.url), "utf8"),
) as { readonly scales: Readonly<Record<string, readonly number[]>> };

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** A model that notes the sizes it is given and embeds an image as its mean color times its number of pixels. */
function recorder(): { readonly model: EmbeddingModel; readonly sizes: string[] } {
  const sizes: string[] = [];
  const model: EmbeddingModel = {
    name: "recorder",
    dimension: 3,
    stride: 32,
    shapes: {},
    classifier: [],
    initialize: () => ({}),
    apply(_parameters, images) {
      const [, height, width] = images.shape;
      sizes.push(`${height}×${width}`);
      const embedding = tf.mul(tf.mean(images, [1, 2]), height * width) as tf.Tensor2D;
      return { embedding, statistics: {} };
    },
  };
  return { model, sizes };
}

function sizesFor(height: number, width: number, options?: MultiScaleOptions): string[] {
  const { model, sizes } = recorder();
  embedMultiScale(model, {}, tf.zeros([1, height, width, 3]), options).dispose();
  return sizes;
}

describe("embedMultiScale", () => {
  it("uses the 2019 winners' sizes", () => {
    expect(sizesFor(544, 800)).toEqual(["384×576", "544×800", "672×992"]);
    expect(sizesFor(800, 800)).toEqual(["576×576", "800×800", "992×992"]);
  });

  it("keeps a smallest side, 128 unless told otherwise", () => {
    expect(sizesFor(96, 160)).toEqual(["128×128", "128×160", "128×192"]);
    expect(sizesFor(96, 160, { minimumSide: 32 })).toEqual(["64×96", "96×160", "96×192"]);
  });

  it("averages the raw embeddings", () => {
    const { model } = recorder();
    const gray = tf.fill([1, 128, 160, 3], 0.5) as tf.Tensor4D;
    const embedding = embedMultiScale(model, {}, gray).dataSync();
    const pixels = (128 * 128 + 128 * 160 + 160 * 192) / 3;
    expect([...embedding]).toEqual([0, 0, 0].map(() => expect.closeTo(0.5 * pixels, 1)));
  });

  it("resizes bilinearly with aligned corners, and not at all where the size stays", () => {
    const seen: number[][] = [];
    const model: EmbeddingModel = {
      ...recorder().model,
      stride: 1,
      apply(_parameters, images) {
        seen.push([...images.dataSync()].filter((_, i) => i % 3 === 0));
        return { embedding: tf.zeros([1, 3]), statistics: {} };
      },
    };
    const ramp = tf.tensor4d([0, 0, 0, 3, 3, 3], [1, 1, 2, 3]);
    embedMultiScale(model, {}, ramp, { scales: [1, 2], minimumSide: 1 });
    expect(seen).toEqual([[0, 3], [0, 1, 2, 3, 0, 1, 2, 3].map((value) => expect.closeTo(value, 6))]);
  });

  it.each([
    ["radenovic", multiScalePresets.radenovic],
    ["radenovicPower3", { ...multiScalePresets.radenovic, power: 3 }],
    ["dolg", multiScalePresets.dolg],
  ] as const)("gives cirtorch's embeddings: %s", (name, options) => {
    const model: EmbeddingModel = {
      ...recorder().model,
      apply(_parameters, images) {
        const colors = tf.mean(tf.square(images), [1, 2]);
        return { embedding: tf.add(colors, [[0.1, 0.2, 0.3]]) as tf.Tensor2D, statistics: {} };
      },
    };
    const images = tf.tensor4d(hashedUniform("images", 5 * 7 * 3), [1, 5, 7, 3]);
    const embedding = embedMultiScale(model, {}, images, options).dataSync();
    expect([...embedding]).toEqual(goldens[name]!.map((value) => expect.closeTo(value, 5)));
  });

  it("has the solutions' sizes as presets", () => {
    expect(sizesFor(544, 800, multiScalePresets.landmark2019)).toEqual(sizesFor(544, 800));
    expect(sizesFor(1000, 700, multiScalePresets.dolg)).toEqual([
      "354×247",
      "500×350",
      "707×495",
      "1000×700",
      "1414×990",
    ]);
    expect(sizesFor(1001, 701, multiScalePresets.radenovic)).toEqual(["1001×701", "1415×991", "707×495"]);
  });

  it("rounds halves to even, as Python does", () => {
    expect(sizesFor(5, 7, { scales: [0.5], sides: "round", minimumSide: 1 })).toEqual(["2×4"]);
    expect(sizesFor(3, 9, { scales: [0.5], sides: "round", minimumSide: 1 })).toEqual(["2×4"]);
    expect(sizesFor(5, 7, { scales: [0.5], sides: "floor", minimumSide: 3 })).toEqual(["3×3"]);
  });

  it("normalizes each embedding, their mean, or both", () => {
    const { model } = recorder();
    const images = tf.tensor4d([3, 4, 0], [1, 1, 1, 3]);
    const options = { scales: [1, 2], sides: "floor", minimumSide: 1 } as const;
    const run = (normalize: NonNullable<MultiScaleOptions["normalize"]>): number[] => [
      ...embedMultiScale(model, {}, images, { ...options, normalize }).dataSync(),
    ];
    const close = (values: number[]): unknown[] => values.map((value) => expect.closeTo(value, 5));
    expect(run("none")).toEqual(close([7.5, 10, 0]));
    for (const normalize of ["each", "mean", "both"] as const)
      expect(run(normalize)).toEqual(close([0.6, 0.8, 0]));
    const turned: EmbeddingModel = {
      ...model,
      apply: (_parameters, { shape }) => ({
        embedding: tf.tensor2d(shape[1] === 1 ? [[2, 0]] : [[0, 6]]),
        statistics: {},
      }),
    };
    const turn = (normalize: NonNullable<MultiScaleOptions["normalize"]>): number[] => [
      ...embedMultiScale(turned, {}, images, { ...options, normalize }).dataSync(),
    ];
    expect(turn("each")).toEqual(close([0.5, 0.5]));
    expect(turn("mean")).toEqual(close([1 / Math.sqrt(10), 3 / Math.sqrt(10)]));
    expect(turn("both")).toEqual(close([Math.SQRT1_2, Math.SQRT1_2]));
  });

  it("leaves no tensor behind but its result", () => {
    const { model } = recorder();
    const images = tf.zeros([1, 128, 128, 3]) as tf.Tensor4D;
    const before = tf.memory().numTensors;
    embedMultiScale(model, {}, images).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses no scales, scales not above 0, fractional sides, unknown names and images that are not RGB", () => {
    const { model } = recorder();
    const images = tf.zeros([1, 128, 128, 3]) as tf.Tensor4D;
    expect(() => embedMultiScale(model, {}, images, { scales: [] })).toThrow(
      new RangeError("embedMultiScale: expected `scales` to hold at least one factor, got none"),
    );
    expect(() => embedMultiScale(model, {}, images, { scales: [1, 0] })).toThrow(
      new RangeError("embedMultiScale: expected `scales` to be a finite number above 0, got 0"),
    );
    expect(() => embedMultiScale(model, {}, images, { minimumSide: 1.5 })).toThrow(
      new RangeError("embedMultiScale: expected `minimumSide` to be a whole number above 0, got 1.5"),
    );
    expect(() => embedMultiScale(model, {}, images, { sides: "ceil" as "floor" })).toThrow(
      new RangeError("embedMultiScale: expected `sides` to be one of stride, floor, round, got ceil"),
    );
    expect(() => embedMultiScale(model, {}, images, { normalize: "all" as "both" })).toThrow(
      new RangeError("embedMultiScale: expected `normalize` to be one of none, each, mean, both, got all"),
    );
    expect(() => embedMultiScale(model, {}, images, { power: 0 })).toThrow(
      new RangeError("embedMultiScale: expected `power` to be a finite number above 0, got 0"),
    );
    expect(() => embedMultiScale(model, {}, tf.zeros([1, 128, 128, 1]))).toThrow(
      new RangeError("embedMultiScale: expected `images` to have shape [N, H, W, 3], got [1,128,128,1]"),
    );
  });
});
