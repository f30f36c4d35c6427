import { compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";
import { expectSame, uniform, withGradients } from "./against-tfjs.ts";

const small = withGradients(
  ({ x, filter }) =>
    tf.maxPool(
      tf.relu(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same")) as tf.Tensor4D,
      3,
      2,
      1,
    ),
  ["x", "filter"],
);

/** Why this machine cannot run WebGPU, or undefined. */
async function obstacle(): Promise<string | undefined> {
  try {
    const probe = await compile(
      ({ x }) => ({ outputs: { y: tf.add(x, 1) } }),
      { inputs: { x: { shape: [2] } } },
      { provider: "webgpu" },
    );
    await probe.dispose();
    return undefined;
  } catch (error) {
    const adapterMissing = /WebGPU adapter|not supported|not available/i.test(String(error));
    if (error instanceof RangeError && adapterMissing) return error.message;
    throw error;
  }
}

describe("the webgpu provider", () => {
  it("agrees with tfjs on a convolution, a pooling and their gradients", async ({ skip }) => {
    const reason = await obstacle();
    skip(reason !== undefined, reason ?? "");
    await expectSame(small, { x: uniform(1, [2, 8, 8, 3]), filter: uniform(2, [3, 3, 3, 4]) }, 1e-4, {
      provider: "webgpu",
    });
  });
});
