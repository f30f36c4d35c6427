import "@tensorflow/tfjs-backend-cpu";
import {
  type AdaCosOptions,
  adaCos,
  adaCosScale,
  arcFace,
  batchAdaCos,
  fixedAdaCos,
  normalizedSoftmax,
} from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { expectGolden, golden, matrix } from "./golden.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const int = (values: number[]) => tf.tensor1d(values, "int32");
const cross = () =>
  tf.tensor2d([
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ]);
const head = () => [tf.tensor2d([[3, 4]]), cross(), int([1])] as const;

/** Loss and scale of one step on the golden batch. */
function step(running: number, options: AdaCosOptions): { loss: number; scale: number } {
  const { loss, statistics } = adaCos(
    matrix(golden.embeddings, 4),
    matrix(golden.weight, 4),
    int(golden.labels),
    tf.scalar(running),
    options,
  );
  return { loss: loss.dataSync()[0]!, scale: statistics["final.running_scale"].dataSync()[0]! };
}

describe("adaCosScale", () => {
  it("is √2 · ln(C − 1), and the 2019 winners' for 1.25", () => {
    expect(adaCosScale(81313)).toBeCloseTo(15.989, 3);
    expect(adaCosScale(203094)).toBeCloseTo(17.284, 3);
    expect(adaCosScale(10)).toBeCloseTo(Math.SQRT2 * Math.log(9), 10);
    expect(adaCosScale(14950, 1.25)).toBeCloseTo(30.484, 3);
  });

  it("refuses too few classes and angles out of range", () => {
    for (const classes of [2, 3.5, Number.NaN]) {
      expect(() => adaCosScale(classes)).toThrow(
        new RangeError(`adaCosScale: expected \`classes\` to be a whole number above 2, got ${classes}`),
      );
    }
    for (const angle of [0, Math.PI / 2, Number.NaN]) {
      expect(() => adaCosScale(5, angle)).toThrow(
        new RangeError(`adaCosScale: expected \`clipAngle\` to be above 0 and below π/2, got ${angle}`),
      );
    }
  });
});

describe("adaCos", () => {
  it("follows the 2019 winners' code, step after step, with the median of all angles", () => {
    const [first, ...steps] = golden.adaCos2019;
    let running = first!.scale;
    expect(running).toBeCloseTo(adaCosScale(5, 1.25), 5);
    for (const expected of steps) {
      const found = step(running, { clipAngle: 1.25, margin: 0.3, medianOf: "all" });
      expect(found.scale / expected.scale).toBeCloseTo(1, 5);
      expect(found.loss / expected.loss!).toBeCloseTo(1, 4);
      running = found.scale;
    }
  });

  it("follows it with the paper's clip angle and no margin", () => {
    const [first, ...steps] = golden.adaCos2019Paper;
    let running = first!.scale;
    expect(running).toBeCloseTo(adaCosScale(5), 5);
    for (const expected of steps) {
      const found = step(running, { medianOf: "all" });
      expect(found.scale / expected.scale).toBeCloseTo(1, 5);
      expect(found.loss / expected.loss!).toBeCloseTo(1, 5);
      running = found.scale;
    }
  });

  it("has the 2019 code's gradients: none through the scale", () => {
    const [{ scale }, first] = golden.adaCos2019 as unknown as [
      { scale: number },
      { loss: number; embeddings: number[]; weight: number[] },
    ];
    const options = { clipAngle: 1.25, margin: 0.3, medianOf: "all" } as const;
    expectGolden(first, (x, w, y) => adaCos(x, w, y, tf.scalar(scale), options).loss);
  });

  it("by hand: other cosines .6, −.6, −.8, a running scale of 2, an own angle below π/4", () => {
    const sum = Math.exp(1.2) + Math.exp(-1.2) + Math.exp(-1.6);
    const { loss, statistics } = adaCos(...head(), tf.scalar(2));
    const scale = Math.log(sum) / 0.8;
    expect(statistics["final.running_scale"].shape).toEqual([]);
    expect(statistics["final.running_scale"].dataSync()[0]).toBeCloseTo(scale, 5);
    const others = [0.6, -0.6, -0.8].map((cosine) => Math.exp(scale * (cosine - 0.8)));
    expect(loss.dataSync()[0]).toBeCloseTo(Math.log(1 + others[0]! + others[1]! + others[2]!), 5);
  });

  it("clips the median angle, and takes the lower of two in the middle", () => {
    const scaleOf = (own: number[], options: AdaCosOptions = {}): number => {
      const angles = own.map((angle) => [Math.cos(angle), Math.sin(angle)]);
      const labels = int(own.map(() => 0));
      const result = adaCos(tf.tensor2d(angles), cross(), labels, tf.scalar(3), options);
      return result.statistics["final.running_scale"].dataSync()[0]!;
    };
    const logMean = (own: number[]): number =>
      Math.log(
        own
          .map((a) => Math.exp(3 * Math.sin(a)) + Math.exp(-3 * Math.cos(a)) + Math.exp(-3 * Math.sin(a)))
          .reduce((total, value) => total + value, 0) / own.length,
      );
    expect(scaleOf([1.2])).toBeCloseTo(logMean([1.2]) / Math.cos(Math.PI / 4), 4);
    expect(scaleOf([1.2], { clipAngle: 1.25 })).toBeCloseTo(logMean([1.2]) / Math.cos(1.2), 4);
    const four = [0.6, 0.2, 0.5, 0.3];
    expect(scaleOf(four)).toBeCloseTo(logMean(four) / Math.cos(0.3), 4);
    const three = [0.6, 0.2, 0.5];
    expect(scaleOf(three)).toBeCloseTo(logMean(three) / Math.cos(0.5), 4);
  });

  it("stays finite where exp(s · cos) does not, and where the formula falls below 0", () => {
    const { loss, statistics } = adaCos(...head(), tf.scalar(1000));
    // exp(600) is beyond float32; its logarithm over cos θ is 750.
    expect(statistics["final.running_scale"].dataSync()[0]).toBeCloseTo(750, 3);
    expect(loss.dataSync()[0]).toBeCloseTo(0, 6);
    const far = tf.tensor2d([
      [1, 0],
      [-1, 0],
      [-1, 0],
    ]);
    const low = adaCos(tf.tensor2d([[1, 0]]), far, int([0]), tf.scalar(10));
    expect(low.statistics["final.running_scale"].dataSync()[0]).toBeCloseTo(0.1, 6);
  });

  it("computes the doc comment's examples", () => {
    const running = tf.scalar(adaCosScale(4));
    expect(adaCos(...head(), running).statistics["final.running_scale"].dataSync()[0]).toBeCloseTo(
      1.462627,
      5,
    );
    expect(fixedAdaCos(...head()).dataSync()[0]).toBeCloseTo(0.657392, 5);
    expect(batchAdaCos(...head()).dataSync()[0]).toBeCloseTo(0.678905, 5);
  });

  it("passes smoothing on to the cross-entropy", () => {
    const scale = adaCosScale(4);
    expect(fixedAdaCos(...head(), { labelSmoothing: 0.2 }).dataSync()[0]).toBeCloseTo(
      normalizedSoftmax(...head(), { scale, labelSmoothing: 0.2 }).dataSync()[0]!,
      6,
    );
    const running = tf.scalar(scale);
    const { loss, statistics } = adaCos(...head(), running, { labelSmoothing: 0.2 });
    const [found] = statistics["final.running_scale"].dataSync();
    expect(loss.dataSync()[0]).toBeCloseTo(
      normalizedSoftmax(...head(), { scale: found!, labelSmoothing: 0.2 }).dataSync()[0]!,
      6,
    );
  });

  it("refuses what does not fit", () => {
    const [embeddings, weight, labels] = head();
    expect(() => adaCos(embeddings, weight, labels, tf.tensor1d([1]) as unknown as tf.Scalar)).toThrow(
      new RangeError("adaCos: expected `running` to have shape [], got [1]"),
    );
    const calls = {
      adaCos: (w: tf.Tensor2D, y: tf.Tensor1D, o?: AdaCosOptions) =>
        adaCos(embeddings, w, y, tf.scalar(9), o),
      batchAdaCos: (w: tf.Tensor2D, y: tf.Tensor1D, o?: AdaCosOptions) => batchAdaCos(embeddings, w, y, o),
      fixedAdaCos: (w: tf.Tensor2D, y: tf.Tensor1D, o?: AdaCosOptions) => fixedAdaCos(embeddings, w, y, o),
    };
    for (const [name, call] of Object.entries(calls)) {
      expect(() => call(tf.zeros([4, 3]), labels)).toThrow(
        new RangeError(`${name}: expected \`weight\` to have 2 columns, got shape [4,3]`),
      );
      expect(() => call(weight, tf.tensor1d([1]))).toThrow(
        new TypeError(`${name}: expected \`labels\` to be int32, got float32`),
      );
      expect(() => call(tf.zeros([2, 2]), labels)).toThrow(
        new RangeError(`${name}: expected \`weight\` to have more than 2 rows, got 2`),
      );
      expect(() => call(weight, labels, { clipAngle: 2 })).toThrow(
        new RangeError(`${name}: expected \`clipAngle\` to be above 0 and below π/2, got 2`),
      );
      expect(() => call(weight, labels, { margin: -1 })).toThrow(
        new RangeError(`${name}: expected \`margin\` to be from 0 to π, got -1`),
      );
    }
  });
});

describe("fixedAdaCos", () => {
  it("is normalized softmax, or ArcFace without a fall-back, with the fixed scale", () => {
    const [x, w] = [matrix(golden.embeddings, 4), matrix(golden.weight, 4)];
    const labels = int(golden.labels);
    const scale = adaCosScale(5);
    expect(fixedAdaCos(x, w, labels).dataSync()[0]).toBeCloseTo(
      normalizedSoftmax(x, w, labels, { scale }).dataSync()[0]!,
      5,
    );
    expect(fixedAdaCos(x, w, labels, { margin: 0.3, clipAngle: 1.25 }).dataSync()[0]).toBeCloseTo(
      arcFace(x, w, labels, { scale: adaCosScale(5, 1.25), margin: 0.3, beyond: "none" }).dataSync()[0]!,
      5,
    );
  });
});

describe("batchAdaCos", () => {
  it("is the 2020 retrieval winners' formula, with its gradients", () => {
    expectGolden(golden.adaCos2020, batchAdaCos);
  });
});
