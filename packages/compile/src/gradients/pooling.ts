import * as tf from "@tensorflow/tfjs-core";
import type { Gradients } from "./gradient.ts";

const run = (
  kernel: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attrs: tf.NamedAttrMap,
): tf.Tensor => tf.engine().runKernel(kernel, { ...inputs }, attrs) as tf.Tensor;

/** Gradients of pooling. tfjs's own lose `dimRoundingMode`, and it has none for the variant with indices. */
export const poolingGradients: Gradients = {
  MaxPool: {
    inputsToSave: ["x"],
    outputsToSave: [true],
    gradFunc: (dy, [x, y], attrs) => ({
      x: () => run("MaxPoolGrad", { dy: dy as tf.Tensor, input: x, output: y }, attrs),
    }),
  },
  MaxPoolWithArgmax: {
    inputsToSave: ["x"],
    outputsToSave: [true, false],
    gradFunc: (dys, [x, y], attrs) => ({
      x: () => run("MaxPoolGrad", { dy: (dys as unknown as tf.Tensor[])[0], input: x, output: y }, attrs),
    }),
  },
  AvgPool: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attrs) => ({
      x: () => run("AvgPoolGrad", { dy: dy as tf.Tensor, input: x }, attrs),
    }),
  },
};
