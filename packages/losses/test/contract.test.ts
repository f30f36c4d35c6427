import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { lossCases } from "./cases/index.ts";
import type { LossCase } from "./loss-case.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

type Inputs = Pick<LossCase, "arrays" | "labels">;

const lossOf = (result: ReturnType<LossCase["loss"]>): tf.Scalar =>
  result instanceof tf.Tensor ? result : result.loss;

function tensorsOf({ arrays, labels }: Inputs): [Record<string, tf.Tensor>, tf.Tensor1D] {
  const tensors = Object.entries(arrays).map(([name, { shape, data }]) => [
    name,
    tf.tensor(data, [...shape]),
  ]);
  return [Object.fromEntries(tensors), tf.tensor1d(labels, "int32")];
}

function evaluate(loss: LossCase["loss"], inputs: Inputs): number {
  return tf.tidy(() => lossOf(loss(...tensorsOf(inputs))).dataSync()[0]!);
}

function gradientsOf(loss: LossCase["loss"], inputs: Inputs): Record<string, Float32Array> {
  return tf.tidy(() => {
    const [tensors, labels] = tensorsOf(inputs);
    const names = Object.keys(tensors);
    const f = (...moving: tf.Tensor[]): tf.Scalar =>
      lossOf(loss(Object.fromEntries(names.map((name, i) => [name, moving[i]!])), labels));
    const gradients = tf.grads(f)(names.map((name) => tensors[name]!));
    return Object.fromEntries(names.map((name, i) => [name, gradients[i]!.dataSync() as Float32Array]));
  });
}

describe.each(lossCases.map((one) => [one.name, one] as const))(
  "%s",
  (_name, { loss, held = loss, extremes, ...inputs }) => {
    it("has the gradients that finite differences find", () => {
      const gradients = gradientsOf(loss, inputs);
      const moved = (name: string, i: number, by: number): number => {
        const { shape, data } = inputs.arrays[name]!;
        const changed = data.map((value, position) => (position === i ? value + by : value));
        return evaluate(held, { ...inputs, arrays: { ...inputs.arrays, [name]: { shape, data: changed } } });
      };
      const step = 1e-2;
      const largest = Math.max(
        ...Object.values(gradients).flatMap((gradient) => [...gradient].map(Math.abs)),
      );
      expect(largest).toBeGreaterThan(0);
      for (const [name, gradient] of Object.entries(gradients)) {
        gradient.forEach((value, i) => {
          const [near, far] = [1, 2].map(
            (n) => (moved(name, i, n * step) - moved(name, i, -n * step)) / (2 * n * step),
          );
          // Two central differences, so that the error falls with the fourth power of the step.
          const slope = (4 * near! - far!) / 3;
          expect(Math.abs(value - slope), `${name}[${i}]: ${value}, ${slope}`).toBeLessThan(0.005 * largest);
        });
      }
    });

    it.each(extremes)("is finite, with finite gradients, at $name", ({ arrays, labels }) => {
      expect(evaluate(loss, { arrays, labels })).toSatisfy(Number.isFinite);
      for (const gradient of Object.values(gradientsOf(loss, { arrays, labels }))) {
        expect(gradient.every(Number.isFinite)).toBe(true);
      }
    });

    it("leaves no tensor behind but its results", () => {
      const [tensors, labels] = tensorsOf(inputs);
      const before = tf.memory().numTensors;
      const result = tf.tidy(() => loss(tensors, labels));
      const results = result instanceof tf.Tensor ? 1 : Object.keys(result).length;
      expect(tf.memory().numTensors - before).toBe(results);
    });
  },
);
