import "@tensorflow/tfjs-backend-cpu";
import { type ArcFaceOptions, arcFace, arcFaceLogits, focal } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { expectGolden, golden } from "./golden.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** The target logit of an embedding whose cosine to its own class is `cosine`. */
function targetLogit(cosine: number, options?: ArcFaceOptions): number {
  return tf.tidy(() => {
    const embeddings = tf.tensor2d([[cosine, Math.sqrt(Math.max(0, 1 - cosine ** 2))]]);
    const weight = tf.tensor2d([
      [1, 0],
      [0, -1],
    ]);
    return arcFaceLogits(embeddings, weight, tf.tensor1d([0], "int32"), options).dataSync()[0]!;
  });
}

describe("arcFaceLogits", () => {
  it("gives the published code's target logits, the fall-back beyond π − m among them", () => {
    const golden: [cosine: number, logit: number][] = [
      [0.5, 6.6522],
      [0.9, 21.9297],
      [-0.5, -22.0079],
      [-0.96, -31.4597],
      [1, 28.6601],
    ];
    for (const [cosine, logit] of golden) expect(targetLogit(cosine)).toBeCloseTo(logit, 3);
  });

  it("leaves other classes at s · cos θ and ignores lengths", () => {
    const logits = tf.tidy(() => {
      const embeddings = tf.tensor2d([[30, 40]]);
      const weight = tf.tensor2d([
        [5, 0],
        [0, 0.1],
        [-2, 0],
      ]);
      return [
        ...arcFaceLogits(embeddings, weight, tf.tensor1d([1], "int32"), { scale: 10, margin: 0 }).dataSync(),
      ];
    });
    expect(logits).toEqual([6, 8, -6].map((value) => expect.closeTo(value, 5)));
  });

  it("applies an easy margin only up to a right angle", () => {
    expect(targetLogit(-0.5, { beyond: "easy" })).toBeCloseTo(-15, 5);
    expect(targetLogit(-0.01, { beyond: "easy" })).toBeCloseTo(-0.3, 5);
    expect(targetLogit(0.01, { beyond: "easy" })).toBeCloseTo(30 * Math.cos(Math.acos(0.01) + 0.3), 4);
    expect(targetLogit(0.5, { beyond: "easy" })).toBeCloseTo(6.6522, 3);
  });

  it("holds the logit at −s past a hard threshold", () => {
    const limit = Math.cos(Math.PI - 0.3);
    expect(targetLogit(limit + 1e-4, { beyond: "hard" })).toBeCloseTo(
      30 * Math.cos(Math.acos(limit + 1e-4) + 0.3),
      2,
    );
    for (const cosine of [-0.96, -0.99, -1]) expect(targetLogit(cosine, { beyond: "hard" })).toBe(-30);
    expect(targetLogit(0.5, { beyond: "hard" })).toBeCloseTo(6.6522, 3);
  });

  it("lets the logit rise again past π without a fall-back", () => {
    expect(targetLogit(-0.99, { beyond: "none" })).toBeCloseTo(30 * Math.cos(Math.acos(-0.99) + 0.3), 2);
    expect(targetLogit(-0.99, { beyond: "none" })).toBeGreaterThan(targetLogit(-0.96, { beyond: "none" }));
  });

  it("gives the third place of 2020's target cosines for margins of its own for each class", () => {
    const given: [cosine: number, margin: number, moved: number][] = [
      [0.9, 0.05, 0.87709],
      [0.9, 0.5, 0.580848],
      [0.3, 0.5, -0.194068],
      [-0.95, 0.5, -1.189713],
      [-0.95, 0.05, -0.964419],
    ];
    for (const [cosine, margin, moved] of given) {
      for (const margins of [Float32Array.of(margin, 1), tf.tensor1d([margin, 1])]) {
        expect(targetLogit(cosine, { scale: 1, margin: margins })).toBeCloseTo(moved, 5);
      }
    }
  });

  it.each(["linear", "easy", "hard", "none"] as const)(
    "gives the same with a margin for all as with one per class, beyond: %s",
    (beyond) => {
      for (const cosine of [0.7, -0.2, -0.99]) {
        expect(targetLogit(cosine, { margin: Float32Array.of(0.3, 0.1), beyond })).toBeCloseTo(
          targetLogit(cosine, { margin: 0.3, beyond }),
          4,
        );
      }
    },
  );

  it("falls with the angle over the whole range, across the fall-back", () => {
    const logits = Array.from({ length: 201 }, (_, i) => targetLogit(Math.cos((Math.PI * i) / 200)));
    for (let i = 1; i < logits.length; i++) expect(logits[i]!).toBeLessThan(logits[i - 1]!);
  });

  it("refuses shapes that do not fit, float labels and margins out of range", () => {
    const embeddings = tf.zeros([2, 3]) as tf.Tensor2D;
    const weight = tf.zeros([4, 3]) as tf.Tensor2D;
    const labels = tf.tensor1d([0, 1], "int32");
    expect(() => arcFaceLogits(embeddings, tf.zeros([4, 2]), labels)).toThrow(
      new RangeError("arcFaceLogits: expected `weight` to have 3 columns, got shape [4,2]"),
    );
    expect(() => arcFaceLogits(embeddings, weight, tf.tensor1d([0], "int32"))).toThrow(
      new RangeError("arcFaceLogits: expected `labels` to have shape [2], got [1]"),
    );
    expect(() => arcFaceLogits(embeddings, weight, tf.tensor1d([0, 1]))).toThrow(
      new TypeError("arcFaceLogits: expected `labels` to be int32, got float32"),
    );
    expect(() => arcFaceLogits(embeddings, weight, labels, { scale: 0 })).toThrow(
      new RangeError("arcFaceLogits: expected `scale` to be a finite number above 0, got 0"),
    );
    expect(() => arcFaceLogits(embeddings, weight, labels, { margin: 4 })).toThrow(
      new RangeError("arcFaceLogits: expected `margin` to be from 0 to π, got 4"),
    );
    expect(() => arcFaceLogits(embeddings, weight, labels, { margin: Float32Array.of(0.1) })).toThrow(
      new RangeError("arcFaceLogits: expected `margin` to hold 4 numbers, one per class, got 1"),
    );
    expect(() =>
      arcFaceLogits(embeddings, weight, labels, { margin: Float32Array.of(0.5, 0.25, -1, 0) }),
    ).toThrow(
      new RangeError("arcFaceLogits: expected `margin[2]` to be a finite number of at least 0, got -1"),
    );
    expect(() =>
      arcFaceLogits(embeddings, weight, labels, { margin: Float32Array.of(0.5, 0.25, 4, 0) }),
    ).toThrow(new RangeError("arcFaceLogits: expected `margin[2]` to be from 0 to π, got 4"));
    expect(() => arcFaceLogits(embeddings, weight, labels, { margin: tf.tensor1d([0.1]) })).toThrow(
      new RangeError("arcFaceLogits: expected `margin` to have shape [4], got [1]"),
    );
  });
});

describe("arcFace", () => {
  it("is the winners' code of 2019 to 2021, with its gradients, one embedding past π", () => {
    expectGolden(golden.arcFace2019, arcFace);
    expectGolden(golden.arcFace2019Easy, (x, w, y) => arcFace(x, w, y, { beyond: "easy" }));
    const classWeights = Float32Array.from(golden.classWeights);
    expectGolden(golden.arcFace2020First, (x, w, y) =>
      arcFace(x, w, y, { scale: 45, margin: 0.4, classWeights }),
    );
    expectGolden(golden.arcFace2020FirstFocal, (x, w, y) =>
      focal(arcFaceLogits(x, w, y, { scale: 45, margin: 0.4 }), y),
    );
    expectGolden(golden.arcFace2020Second, (x, w, y) => arcFace(x, w, y, { labelSmoothing: 0.1 }));
    expectGolden(golden.arcFace2021Second, arcFace);
    expectGolden(golden.arcFace2021SecondLast, (x, w, y) => arcFace(x, w, y, { scale: 60, margin: 0 }));
  });

  it("is pytorch-metric-learning's, whose margin is in degrees", () => {
    expectGolden(golden.libraryArcFace, (x, w, y) => arcFace(x, w, y, { scale: 64, margin: 0.5 }));
  });

  it("gives the published code's loss for cosines .5 (own), .2 and −.1", () => {
    const loss = tf.tidy(() => {
      const weight = tf.tensor2d([0.5, 0.2, -0.1].map((cosine) => [cosine, Math.sqrt(1 - cosine ** 2)]));
      return arcFace(tf.tensor2d([[1, 0]]), weight, tf.tensor1d([0], "int32")).dataSync()[0]!;
    });
    expect(loss).toBeCloseTo(0.419341, 4);
  });

  it("computes the doc comment's example", () => {
    const loss = tf.tidy(() => {
      const weight = tf.tensor2d([
        [1, 0],
        [0, 1],
      ]);
      return arcFace(tf.tensor2d([[3, 4]]), weight, tf.tensor1d([1], "int32"), {
        scale: 1,
        margin: 0.5,
      }).dataSync()[0]!;
    });
    const widened = Math.cos(Math.acos(0.8) + 0.5);
    expect(loss).toBeCloseTo(Math.log(1 + Math.exp(0.6 - widened)), 6);
    expect(loss).toBeCloseTo(0.790241, 6);
  });
});
