import "@tensorflow/tfjs-backend-cpu";
import { readFileSync } from "node:fs";
import {
  createEmbeddingModel,
  createResNet,
  linearNeck,
  type NamedArrays,
  whiten,
  withWhitening,
} from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { hashedUniform } from "./reference-values.ts";

const { whitening: golden } = JSON.parse(
  readFileSync(new URL("./golden/embedding-parts.json", import.meta.url), "utf8"),
) as {
  readonly whitening: {
    readonly mean: readonly number[];
    readonly projection: readonly number[];
    readonly whitened: readonly [readonly number[], readonly number[]];
  };
};

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const mean = Float32Array.from(golden.mean);
const projection = { data: Float32Array.from(golden.projection), rows: 5, columns: 5 };
const close = (values: ArrayLike<number>): unknown[] =>
  Array.from(values, (value) => expect.closeTo(value, 4));
const tensorsOf = (arrays: NamedArrays): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );
const vectors = (): tf.Tensor2D => {
  const rows = tf.tensor2d(hashedUniform("vectors", 15), [3, 5]);
  return tf.div(rows, tf.norm(rows, 2, 1, true));
};

describe("whiten", () => {
  it("computes the doc comment's example", () => {
    const swap = { data: Float32Array.of(0, 1, 2, 0), rows: 2, columns: 2 };
    const whitened = whiten(tf.tensor2d([[2, 5]]), { mean: Float32Array.of(0, 2), projection: swap });
    expect([...whitened.dataSync()]).toEqual(close([0.6, 0.8]));
  });

  it("is cirtorch's whitenapply, with all rows or the first", () => {
    const all = whiten(vectors(), { mean, projection });
    expect([...all.dataSync()]).toEqual(close(golden.whitened[1]));
    const first = whiten(vectors(), { mean, projection, dimension: 3 });
    expect(first.shape).toEqual([3, 3]);
    expect([...first.dataSync()]).toEqual(close(golden.whitened[0]));
  });

  it("leaves no tensor behind but its result", () => {
    const embeddings = vectors();
    const before = tf.memory().numTensors;
    whiten(embeddings, { mean, projection }).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses sizes that do not fit", () => {
    expect(() => whiten(tf.ones([3, 4]), { mean, projection })).toThrow(
      new RangeError("whiten: expected `embeddings` to have shape [N, 5], got [3,4]"),
    );
    expect(() => whiten(vectors(), { mean: mean.subarray(1), projection })).toThrow(
      new RangeError("whiten: expected `mean` to have length 5, got 4"),
    );
    expect(() => whiten(vectors(), { mean, projection: { ...projection, rows: 4 } })).toThrow(
      new RangeError("whiten: expected `projection` to hold 4 × 5 values, got 25"),
    );
    expect(() => whiten(vectors(), { mean, projection, dimension: 0 })).toThrow(
      new RangeError("whiten: expected `dimension` to be a whole number above 0, got 0"),
    );
    expect(() => whiten(vectors(), { mean, projection, dimension: 6 })).toThrow(
      new RangeError("whiten: expected `dimension` to be at most the projection's 5 rows, got 6"),
    );
  });
});

describe("withWhitening", () => {
  const model = createEmbeddingModel({
    backbone: createResNet("resnet18", { width: 2 }),
    neck: linearNeck({ dimension: 5 }),
  });
  const images = (): tf.Tensor4D => tf.tensor4d(hashedUniform("images", 2 * 32 * 32 * 3), [2, 32, 32, 3]);

  it("adds the whitening's parameters, of the first rows", () => {
    const whitened = withWhitening(model, { mean, projection, dimension: 3 });
    expect(whitened.dimension).toBe(3);
    expect(Object.entries(whitened.shapes).slice(-2)).toEqual([
      ["whiten.weight", [3, 5]],
      ["whiten.bias", [3]],
    ]);
    const arrays = whitened.initialize({ seed: 1 });
    expect(Object.keys(arrays)).toEqual(Object.keys(whitened.shapes));
    expect([...arrays["whiten.weight"]!.data]).toEqual([...projection.data.subarray(0, 15)]);
    expect(arrays["conv1.weight"]).toEqual(model.initialize({ seed: 1 })["conv1.weight"]);
    arrays["whiten.weight"]!.data[0] = 9;
    expect(whitened.initialize({ seed: 1 })["whiten.weight"]!.data[0]).toBe(projection.data[0]);
  });

  it.each([true, false])("is the whitening of embeddings but for their length, normalize %s", (normalize) => {
    tf.tidy(() => {
      const whitened = withWhitening(model, { mean, projection, normalize });
      const parameters = tensorsOf(whitened.initialize({ seed: 1 }));
      const { embedding } = model.apply(parameters, images());
      const length = tf.norm(embedding, 2, 1, true);
      const expected = whiten(normalize ? tf.div(embedding, length) : embedding, { mean, projection });
      const actual = whitened.apply(parameters, images()).embedding;
      const unit = tf.div(actual, tf.norm(actual, 2, 1, true));
      expect([...unit.dataSync()]).toEqual(close(expected.dataSync()));
      expect([...actual.dataSync()]).not.toEqual(close(expected.dataSync()));
    });
  });

  it("passes training on and leaves no tensor behind but its results", () => {
    const whitened = withWhitening(model, { mean, projection });
    const parameters = tensorsOf(whitened.initialize({ seed: 1 }));
    const batch = tf.tensor4d(hashedUniform("images", 3 * 64 * 64 * 3), [3, 64, 64, 3]);
    const before = tf.memory().numTensors;
    const { embedding, statistics } = whitened.apply(parameters, batch, { training: true });
    expect(Object.keys(statistics)).toHaveLength(42);
    expect(tf.memory().numTensors).toBe(before + 43);
    tf.dispose([embedding, statistics]);
  });

  it("refuses a projection of another dimension, and parameters without a whitening", () => {
    const narrow = { data: new Float32Array(8), rows: 2, columns: 4 };
    expect(() => withWhitening(model, { mean: new Float32Array(4), projection: narrow })).toThrow(
      new RangeError("withWhitening: expected `projection` to have the model's 5 columns, got 4"),
    );
    const whitened = withWhitening(model, { mean, projection });
    expect(() => whitened.apply(tensorsOf(model.initialize({ seed: 1 })), images())).toThrow(
      new RangeError("resnet18: expected `parameters` to have whiten.weight of shape [5,5], got none"),
    );
  });
});
