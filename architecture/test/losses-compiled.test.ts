import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { lossCases } from "../../packages/losses/test/cases/index.ts";
import type { LossCase } from "../../packages/losses/test/loss-case.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Value and gradients of a loss, and what it gives beside, as a function that can be compiled. */
const valueAndGradients =
  ({ arrays, loss }: LossCase) =>
  ({ labels, ...inputs }: Readonly<Record<string, tf.Tensor>>) => {
    const names = Object.keys(arrays);
    const beside: Record<string, tf.Tensor> = {};
    const { value, grads } = tf.valueAndGrads((...moving: tf.Tensor[]) => {
      const given = Object.fromEntries(names.map((name, i) => [name, moving[i]!]));
      const result = loss(given, labels as tf.Tensor1D);
      if (result instanceof tf.Tensor) return result;
      for (const [name, tensor] of Object.entries(result)) {
        if (name !== "loss") beside[name] = tf.keep(tensor.clone());
      }
      return result.loss;
    })(names.map((name) => inputs[name]!));
    const outputs = {
      ...beside,
      loss: value,
      ...Object.fromEntries(names.map((name, i) => [`∂${name}`, grads[i]!])),
    };
    return { outputs };
  };

describe.each(lossCases.map((one) => [one.name, one] as const))("%s, compiled", (_name, one) => {
  const fn = valueAndGradients(one);

  it("gives the value and the gradients it gives eagerly, to 1e-5", async () => {
    const { arrays, labels, extremes } = one;
    for (const inputs of [{ arrays, labels }, ...extremes]) {
      const eager = tf.tidy(() => {
        const tensors = Object.entries(inputs.arrays).map(([name, { shape, data }]) => [
          name,
          tf.tensor(data, [...shape]),
        ]);
        const { outputs } = fn({
          ...Object.fromEntries(tensors),
          labels: tf.tensor1d(inputs.labels, "int32"),
        });
        return Object.entries(outputs).map(([name, tensor]) => [name, tensor.dataSync()] as const);
      });
      const specs = Object.entries(inputs.arrays).map(([name, { shape }]) => [name, { shape }]);
      const step = await compile(fn, {
        inputs: { ...Object.fromEntries(specs), labels: { shape: [inputs.labels.length], dtype: "int32" } },
      });
      const data = Object.entries(inputs.arrays).map(([name, array]) => [name, array.data]);
      const compiled = await step.run({ ...Object.fromEntries(data), labels: inputs.labels });
      await step.dispose();
      for (const [name, expected] of eager) {
        const scale = Math.max(1, ...expected.map(Math.abs));
        expected.forEach((value, i) => {
          const difference = Math.abs(Number(compiled[name]!.data[i]) - value);
          expect(difference, `${name}[${i}]`).toBeLessThanOrEqual(1e-5 * scale);
        });
      }
    }
  });
});
