import "@tensorflow/tfjs-backend-wasm";
import { readFileSync } from "node:fs";
import { type AlikeName, alikeVariants, createAlike } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Digest, goldenParameters } from "./against-golden.ts";
import { hashedUniform } from "./reference-values.ts";

interface SizeGolden {
  readonly height: number;
  readonly width: number;
  readonly scores: Digest;
  readonly descriptors: Digest;
}

const sizes: readonly SizeGolden[] = JSON.parse(
  readFileSync(new URL("./golden/alike-sizes.json", import.meta.url), "utf8"),
);

const model = createAlike("alike-t");
let parameters: Record<string, tf.Tensor>;

beforeAll(async () => {
  await tf.setBackend("wasm");
  parameters = goldenParameters(model.shapes);
});
afterAll(() => {
  tf.dispose(parameters);
});

/** The largest difference from a golden's values, mean and root mean square, relative to the latter. */
function errorOf(actual: tf.Tensor, golden: Digest): number {
  expect(actual.shape).toEqual(golden.shape);
  const data = actual.dataSync<"float32">();
  const rms = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const errors = golden.values.map((value, i) => Math.abs(data[i * golden.every]! - value));
  return Math.max(...errors, Math.abs(mean - golden.mean), Math.abs(rms - golden.rms)) / golden.rms;
}

describe("createAlike", () => {
  it.each(sizes)("pads as its authors do: $height × $width", ({ height, width, scores, descriptors }) => {
    const images = tf.tensor4d(hashedUniform("images", height * width * 3), [1, height, width, 3]);
    tf.tidy(() => {
      const maps = model.apply(parameters, images);
      const length = tf.norm(maps.descriptors, "euclidean", 3, true);
      expect(errorOf(maps.scores, scores)).toBeLessThan(1e-4);
      expect(errorOf(tf.div(maps.descriptors, length), descriptors)).toBeLessThan(1e-4);
      expect(maps.statistics).toEqual({});
    });
    images.dispose();
  });

  it("treats the images of a batch alike", () => {
    const [one, two] = ["images", "others"].map((name) =>
      tf.tensor4d(hashedUniform(name, 5760), [1, 40, 48, 3]),
    );
    tf.tidy(() => {
      const both = model.apply(parameters, tf.concat4d([one!, two!], 0));
      const alone = model.apply(parameters, two!);
      const second = tf.slice(both.descriptors, [1, 0, 0, 0], [1, 40, 48, 64]);
      expect(tf.max(tf.abs(tf.sub(second, alone.descriptors))).dataSync()[0]).toBeLessThan(1e-5);
      expect(both.scores.shape).toEqual([2, 40, 48, 1]);
    });
    tf.dispose([one!, two!]);
  });

  it.each(Object.keys(alikeVariants) as AlikeName[])("draws the weights of %s by the seed", (name) => {
    const network = createAlike(name);
    const [first, again, other] = [1, 1, 2].map((seed) => network.initialize({ seed }));
    expect(Object.keys(first!)).toEqual(Object.keys(network.shapes));
    expect(first).toEqual(again);
    expect(first!["convhead2.weight"]).not.toEqual(other!["convhead2.weight"]);
    const { dimension, channels } = alikeVariants[name];
    expect(network.dimension).toBe(dimension);
    expect(network.shapes["conv4.weight"]).toEqual([1, 1, channels[3], dimension / 4]);
    expect("convhead1.weight" in network.shapes).toBe(name === "alike-l");
  });

  it("refuses what does not fit", () => {
    expect(() => createAlike("alike-xl" as AlikeName)).toThrow(
      new RangeError(
        "createAlike: expected `name` to be one of alike-t, alike-s, alike-n, alike-l, got alike-xl",
      ),
    );
    expect(() => model.apply(parameters, tf.zeros([1, 32, 32, 1]))).toThrow(
      new RangeError("alike-t: expected `images` to have shape [N, H, W, 3], got [1,32,32,1]"),
    );
    const { "conv1.weight": _, ...rest } = parameters;
    expect(() => model.apply(rest, tf.zeros([1, 32, 32, 3]))).toThrow(
      new RangeError("alike-t: expected `parameters` to have conv1.weight of shape [1,1,8,16], got none"),
    );
  });
});
