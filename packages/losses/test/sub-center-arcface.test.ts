import "@tensorflow/tfjs-backend-cpu";
import {
  arcFace,
  dynamicMargins,
  subCenterArcFace,
  subCenterArcFaceLogits,
  subCenterCosines,
} from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { expectGolden, golden } from "./golden.ts";
import { sines } from "./loss-case.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const tensorOf = ({ data, shape }: ReturnType<typeof sines>) => tf.tensor2d(data, shape as [number, number]);
const close = (values: number[], digits: number) => values.map((value) => expect.closeTo(value, digits));
const int = (values: number[]) => tf.tensor1d(values, "int32");

describe("subCenterCosines", () => {
  it("takes the nearest center of each class, rows class-major, by hand", () => {
    const weight = tf.tensor2d([
      [2, 0],
      [-1, 0],
      [0, -1],
      [0, 3],
    ]);
    const found = subCenterCosines(tf.tensor2d([[3, 4]]), weight, { centers: 2 });
    expect(found.shape).toEqual([1, 2]);
    expect([...found.dataSync()]).toEqual(close([0.6, 0.8], 6));
    expect([...subCenterCosines(tf.tensor2d([[3, 4]]), weight, { centers: 1 }).dataSync()]).toEqual(
      close([0.6, -0.6, -0.8, 0.8], 6),
    );
  });

  it("gives the 2021 winners' cosines, three centers per class", () => {
    const found = subCenterCosines(tensorOf(sines([2, 3], 0.7)), tensorOf(sines([12, 3], 0.3)));
    expect([...found.dataSync()]).toEqual(
      close([0.92905, 0.596619, 0.343378, 0.383778, 0.928473, 0.792145, 0.330793, 0.110593], 5),
    );
  });

  it("refuses rows that are not so many per class", () => {
    const embeddings = tf.zeros([1, 2]) as tf.Tensor2D;
    expect(() => subCenterCosines(embeddings, tf.zeros([4, 2]))).toThrow(
      new RangeError("subCenterCosines: expected `weight` to have 3 rows for each class, got shape [4,2]"),
    );
    expect(() => subCenterCosines(embeddings, tf.zeros([4, 3]), { centers: 2 })).toThrow(
      new RangeError("subCenterCosines: expected `weight` to have 2 columns, got shape [4,3]"),
    );
    expect(() => subCenterCosines(embeddings, embeddings, { centers: 0.5 })).toThrow(
      new RangeError("subCenterCosines: expected `centers` to be a whole number above 0, got 0.5"),
    );
  });
});

describe("subCenterArcFace", () => {
  it("gives the 2021 winners' losses with their margins for counts 1, 4, 16 and 81", () => {
    const head = [tensorOf(sines([2, 3], 0.7)), tensorOf(sines([12, 3], 0.3))] as const;
    const options = { scale: 45, margin: dynamicMargins([1, 4, 16, 81]) };
    expect(subCenterArcFace(...head, int([0, 3]), options).dataSync()[0]).toBeCloseTo(19.596479, 4);
    expect(subCenterArcFace(...head, int([2, 1]), options).dataSync()[0]).toBeCloseTo(24.662174, 4);
    expect(subCenterArcFace(...head, int([0, 3]), { scale: 45 }).dataSync()[0]).toBeCloseTo(25.123089, 4);
  });

  it("gives the third place of 2020's losses for cosines .6 or .3 (own), .2 and −.1", () => {
    const of = (own: number): number =>
      tf.tidy(() => {
        const weight = tf.tensor2d([own, 0.2, -0.1].map((cosine) => [cosine, Math.sqrt(1 - cosine ** 2)]));
        const options = { scale: 80, margin: 0.3, centers: 1 };
        return subCenterArcFace(tf.tensor2d([[1, 0]]), weight, int([0]), options).dataSync()[0]!;
      });
    // float32 knows 1 + 1.8e-5, whose logarithm this is, to 6e-8.
    expect(of(0.6)).toBeCloseTo(1.76837e-5, 7);
    expect(of(0.3)).toBeCloseTo(15.624589, 4);
  });

  it("is the code of the third place of 2020 and of the 2021 winners, with its gradients", () => {
    const margin = dynamicMargins([4, 100, 30]);
    const { centers: rows, centerLabels } = golden;
    expectGolden(
      golden.subCenter2020Third,
      (x, w, y) => subCenterArcFace(x, w, y, { scale: 80, centers: 2, margin }),
      rows,
      centerLabels,
    );
    expectGolden(
      golden.subCenter2021First,
      (x, w, y) => subCenterArcFace(x, w, y, { scale: 45, centers: 2, margin }),
      rows,
      centerLabels,
    );
  });

  it("is pytorch-metric-learning's, whose margin is in degrees", () => {
    expectGolden(
      golden.librarySubCenter,
      (x, w, y) => subCenterArcFace(x, w, y, { scale: 16, centers: 2, margin: 0.4 }),
      golden.centers,
      golden.centerLabels,
    );
  });

  it("is ArcFace with one center, defaults and options alike", () => {
    const head = [tensorOf(sines([2, 3], 0.7)), tensorOf(sines([4, 3], 0.3)), int([0, 3])] as const;
    const of = (options: Parameters<typeof arcFace>[3]): [number, number] => [
      subCenterArcFace(...head, { centers: 1, ...options }).dataSync()[0]!,
      arcFace(...head, options).dataSync()[0]!,
    ];
    for (const options of [
      {},
      { beyond: "easy" as const, margin: 0.7 },
      { labelSmoothing: 0.2, scale: 7 },
      { classWeights: Float32Array.of(1, 2, 3, 4) },
    ]) {
      const [found, expected] = of(options);
      expect(found).toBe(expected);
    }
  });

  it("computes the doc comment's example", () => {
    const weight = tf.tensor2d([
      [1, 0],
      [-1, 0],
      [0, -1],
      [0, 1],
    ]);
    const options = { centers: 2, scale: 1, margin: 0.5 };
    const loss = subCenterArcFace(tf.tensor2d([[3, 4]]), weight, int([1]), options);
    expect(loss.dataSync()[0]).toBeCloseTo(0.790241, 6);
  });

  it("refuses what does not fit", () => {
    const embeddings = tf.zeros([1, 2]) as tf.Tensor2D;
    const weight = tf.zeros([6, 2]) as tf.Tensor2D;
    const labels = int([0]);
    expect(() => subCenterArcFaceLogits(embeddings, tf.zeros([4, 2]), labels)).toThrow(
      new RangeError(
        "subCenterArcFaceLogits: expected `weight` to have 3 rows for each class, got shape [4,2]",
      ),
    );
    expect(() => subCenterArcFaceLogits(embeddings, tf.zeros([6, 3]), labels)).toThrow(
      new RangeError("subCenterArcFaceLogits: expected `weight` to have 2 columns, got shape [6,3]"),
    );
    expect(() => subCenterArcFaceLogits(embeddings, weight, tf.tensor1d([0]))).toThrow(
      new TypeError("subCenterArcFaceLogits: expected `labels` to be int32, got float32"),
    );
    expect(() => subCenterArcFaceLogits(embeddings, weight, labels, { scale: 0 })).toThrow(
      new RangeError("subCenterArcFaceLogits: expected `scale` to be a finite number above 0, got 0"),
    );
    expect(() => subCenterArcFaceLogits(embeddings, weight, labels, { margin: new Float32Array(6) })).toThrow(
      new RangeError("subCenterArcFaceLogits: expected `margin` to hold 2 numbers, one per class, got 6"),
    );
    expect(() => subCenterArcFaceLogits(embeddings, weight, labels, { margin: -0.1 })).toThrow(
      new RangeError("subCenterArcFaceLogits: expected `margin` to be from 0 to π, got -0.1"),
    );
  });
});
