import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { arcFace, arcFaceParameters, softmax } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const classes = 5;
const dimension = 4;
const batch = 3;

/** Every loss, as a function of embeddings and class rows. */
const losses: readonly [string, (x: tf.Tensor2D, w: tf.Tensor2D, labels: tf.Tensor1D) => tf.Scalar][] = [
  ["arcFace", (x, w, labels) => arcFace(x, w, labels)],
  ["arcFace with an easy margin", (x, w, labels) => arcFace(x, w, labels, { easyMargin: true, scale: 8 })],
  ["softmax", (x, w, labels) => softmax(x, w, tf.zeros([classes]), labels)],
];

const seeded = (count: number, seed: number): Float32Array =>
  arcFaceParameters({ classes: count, dimension: 1, seed })["final.weight"]!.data.map((value) => value * 4);

describe.each(losses)("%s", (_name, loss) => {
  const x = seeded(batch * dimension, 1);
  const w = seeded(classes * dimension, 2);
  const labelNumbers = [0, 3, 3];
  const value = (
    embeddings: Float32Array,
    weight: Float32Array,
    numbers: readonly number[] = labelNumbers,
  ): number =>
    tf.tidy(() => {
      const rows = tf.tensor2d(embeddings, [embeddings.length / dimension, dimension]);
      const labels = tf.tensor1d([...numbers], "int32");
      return loss(rows, tf.tensor2d(weight, [classes, dimension]), labels).dataSync()[0]!;
    });
  const gradients = (embeddings: Float32Array): Float32Array[] =>
    tf.tidy(() => {
      const labels = tf.tensor1d(labelNumbers, "int32");
      const f = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => loss(a as tf.Tensor2D, b as tf.Tensor2D, labels);
      const rows = tf.tensor2d(embeddings, [batch, dimension]);
      return tf
        .grads(f)([rows, tf.tensor2d(w, [classes, dimension])])
        .map((g) => g.dataSync() as Float32Array);
    });

  it("has the gradients that finite differences find", () => {
    const step = 1e-2;
    const [byX, byW] = gradients(x);
    const moved = (array: Float32Array, i: number, by: number): Float32Array =>
      array.map((v, position) => (position === i ? v + by : v));
    const largest = Math.max(...byX!.map(Math.abs), ...byW!.map(Math.abs));
    for (let i = 0; i < x.length; i++) {
      const slope = (value(moved(x, i, step), w) - value(moved(x, i, -step), w)) / (2 * step);
      expect(Math.abs(byX![i]! - slope)).toBeLessThan(0.02 * largest);
    }
    for (let i = 0; i < w.length; i++) {
      const slope = (value(x, moved(w, i, step)) - value(x, moved(w, i, -step))) / (2 * step);
      expect(Math.abs(byW![i]! - slope)).toBeLessThan(0.02 * largest);
    }
  });

  it("averages over the batch", () => {
    const rows = Array.from({ length: batch }, (_, i) =>
      value(x.slice(i * dimension, (i + 1) * dimension), w, [labelNumbers[i]!]),
    );
    expect(value(x, w)).toBeCloseTo(rows.reduce((sum, one) => sum + one, 0) / batch, 4);
  });

  it("is finite, with finite gradients, on embeddings that equal, oppose or lack a direction", () => {
    const first = w.slice(0, dimension);
    const fourth = w.slice(3 * dimension, 4 * dimension);
    const extremes = Float32Array.of(...first, ...fourth.map((v) => -v), ...new Float32Array(dimension));
    expect(Number.isFinite(value(extremes, w))).toBe(true);
    for (const gradient of gradients(extremes)) expect(gradient.every(Number.isFinite)).toBe(true);
  });

  it("leaves no tensor behind but its result", () => {
    const inputs = [tf.tensor2d(x, [batch, dimension]), tf.tensor2d(w, [classes, dimension])] as const;
    const labels = tf.tensor1d(labelNumbers, "int32");
    const before = tf.memory().numTensors;
    loss(...inputs, labels).dispose();
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(_name === "softmax" ? 1 : 0);
  });
});
