import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { batchNormNeck, createResNet, type Pass, type ReplicaGroup } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { hashedUniform } from "./reference-values.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/**
 * What each of several replicas computes, one after the other: each is run again and again, until every mean it asks
 * for is one that all have told their part of.
 */
function together<T>(size: number, run: (replicas: ReplicaGroup, rank: number) => T) {
  const means: tf.Tensor[] = [];
  for (;;) {
    const asked: tf.Tensor[][] = [];
    const results = Array.from({ length: size }, (_, rank) => {
      const own: tf.Tensor[] = [];
      asked.push(own);
      const mean = <V extends tf.Tensor>(x: V): V => {
        own.push(tf.keep(tf.clone(x)));
        return (means[own.length - 1] ?? tf.clone(x)) as V;
      };
      return run({ rank, size, mean }, rank);
    });
    const next = means.length;
    if (asked[0]!.length === next) return { results, exchanges: next };
    means.push(tf.keep(tf.div(tf.addN(asked.map((own) => own[next]!)), size)));
  }
}

const layer = batchNormNeck().layer(3);
const runningVariance = Object.keys(layer.shapes).find((name) => name.endsWith("running_var"))!;

/** The layer's output, statistics, and the gradients of a loss: a mean over the batch. */
function run(
  x: Float32Array,
  replicas: ReplicaGroup | undefined,
  weights: Float32Array,
  runningMean: number,
) {
  const parameters = Object.fromEntries(
    Object.entries(layer.shapes).map(([name, shape]) => {
      if (name.endsWith("running_mean")) return [name, tf.fill([...shape], runningMean)];
      const values = hashedUniform(name, 3, 0.2, 1);
      return [name, tf.tensor(values, [...shape])];
    }),
  );
  const names = Object.keys(parameters).filter((name) => !name.includes("running_"));
  const rows = x.length / 3;
  const statistics: Record<string, tf.Tensor> = {};
  const loss = (...moving: tf.Tensor[]) => {
    const given = { ...parameters, ...Object.fromEntries(names.map((name, i) => [name, moving[i + 1]!])) };
    const pass: Pass = {
      parameters: given,
      training: true,
      batchNorm: "batch",
      random: undefined,
      replicas,
      statistics,
    };
    const y = layer.apply(pass, moving[0] as tf.Tensor2D);
    for (const tensor of Object.values(statistics)) tf.keep(tensor);
    return tf.div(tf.sum(tf.mul(tf.square(y), tf.tensor2d(weights, [rows, 3]))), rows) as tf.Scalar;
  };
  const { value, grads } = tf.valueAndGrads(loss)([
    tf.tensor2d(x, [rows, 3]),
    ...names.map((name) => parameters[name]!),
  ]);
  return { value, dx: grads[0]!, gradients: grads.slice(1), statistics };
}

const mean = (tensors: readonly tf.Tensor[]) => tf.div(tf.addN([...tensors]), tensors.length).arraySync();

function expectClose(
  actual: tf.Tensor | tf.TensorLike,
  expected: tf.Tensor | tf.TensorLike,
  tolerance: number,
) {
  const [a, b] = [actual, expected].map((one) => tf.tensor((one as tf.Tensor).arraySync?.() ?? one));
  expect(a!.shape).toEqual(b!.shape);
  expect(tf.max(tf.abs(tf.sub(a!, b!))).dataSync()[0]).toBeLessThan(tolerance);
}

describe("batch norm with replicas", () => {
  // Half of the batch is far from the other half: the replicas' own statistics are of no use.
  const x = Float32Array.from(hashedUniform("x", 24, 1), (v, i) => v + (i < 12 ? 3 : -1));
  const weights = Float32Array.from(hashedUniform("weights", 24, 1));
  const half = (data: Float32Array, rank: number) => data.slice(rank * 12, rank * 12 + 12);

  it("normalizes, differentiates and keeps statistics as one process does with the whole batch", () => {
    tf.tidy(() => {
      const whole = run(x, undefined, weights, 0.5);
      const { results, exchanges } = together(2, (replicas, rank) =>
        run(half(x, rank), replicas, half(weights, rank), 0.5),
      );
      expect(exchanges).toBe(2);
      expectClose(mean(results.map(({ value }) => value)), whole.value, 1e-6);
      // The loss is a mean over the batch, of which each replica has half.
      expectClose(tf.div(tf.concat(results.map(({ dx }) => dx)), 2), whole.dx, 1e-6);
      for (const [i, gradient] of whole.gradients.entries()) {
        expectClose(mean(results.map(({ gradients }) => gradients[i]!)), gradient, 1e-6);
      }
      for (const [name, tensor] of Object.entries(whole.statistics)) {
        for (const { statistics } of results) expectClose(statistics[name]!, tensor, 1e-6);
      }
    });
  });

  it.each([0, 1000])(
    "keeps its digits where the mean is large beside the deviation, with a running mean of %d",
    (running) => {
      tf.tidy(() => {
        const far = Float32Array.from(x, (v) => Math.fround(v / 8) + 1000);
        const whole = run(far, undefined, weights, running);
        const { results } = together(2, (replicas, rank) =>
          run(half(far, rank), replicas, half(weights, rank), running),
        );
        expectClose(mean(results.map(({ value }) => value)), whole.value, 1e-3);
        for (const { statistics } of results) {
          expectClose(statistics[runningVariance]!, whole.statistics[runningVariance]!, 1e-4);
        }
      });
    },
  );

  it("has one value per replica suffice", () => {
    tf.tidy(() => {
      const { results } = together(2, (replicas, rank) =>
        run(Float32Array.of(rank, 2 * rank, 3 * rank), replicas, Float32Array.of(1, 1, 1), 0),
      );
      // Variance of 0 and 2, unbiased, is 2; a tenth of it joins nine tenths of the old one.
      const old = hashedUniform(runningVariance, 3, 0.2, 1);
      expect(results[0]!.statistics[runningVariance]!.dataSync()[1]).toBeCloseTo(0.9 * old[1]! + 0.1 * 2, 5);
    });
  });

  it("refuses a size or a rank that is no number of replicas", () => {
    const backbone = createResNet("resnet18", { width: 2 });
    tf.tidy(() => {
      const parameters = Object.fromEntries(
        Object.entries(backbone.shapes).map(([name, shape]) => [name, tf.ones([...shape])]),
      );
      const mean = <T extends tf.Tensor>(one: T): T => one;
      const apply = (rank: number, size: number) => () =>
        backbone.apply(parameters, tf.ones([1, 32, 32, 3]), {
          training: true,
          replicas: { rank, size, mean },
        });
      expect(apply(0, 0)).toThrow(
        new RangeError("resnet18: expected `options.replicas.size` to be a whole number above 0, got 0"),
      );
      expect(apply(2, 2)).toThrow(
        new RangeError("resnet18: expected `options.replicas.rank` to be a whole number below 2, got 2"),
      );
    });
  });
});
