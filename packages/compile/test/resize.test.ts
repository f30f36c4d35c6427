import { compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";
import { expectClose, expectSame, mixed, runEagerly, uniform, withGradients } from "./against-tfjs.ts";

const rules = [
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: true, halfPixelCenters: false },
  { alignCorners: false, halfPixelCenters: true },
];
const sizes: readonly (readonly [string, [number, number]])[] = [
  ["larger", [9, 11]],
  ["twice as large", [8, 10]],
  ["smaller", [3, 2]],
  ["larger one way and smaller the other", [7, 3]],
  ["equal", [4, 5]],
  ["a single pixel", [1, 1]],
];
const resizers = {
  resizeBilinear: tf.image.resizeBilinear,
  resizeNearestNeighbor: tf.image.resizeNearestNeighbor,
};
const [batch, height, width, channels] = [2, 4, 5, 3];

for (const [name, resize] of Object.entries(resizers)) {
  describe(name, () => {
    for (const { alignCorners, halfPixelCenters } of rules) {
      for (const [kind, size] of sizes) {
        const apply = (x: tf.Tensor) => resize(x as tf.Tensor4D, size, alignCorners, halfPixelCenters);
        const rule = `alignCorners ${alignCorners}, halfPixelCenters ${halfPixelCenters}`;
        const x = uniform(1, [batch, height, width, channels]);

        it(`agrees with tfjs: ${kind}, ${rule}`, async () => {
          await expectSame(
            (inputs) => ({ outputs: { plain: apply(inputs.x), mixed: apply(mixed(inputs.x)) } }),
            { x },
          );
        });

        // tfjs's CPU gradients are wrong for images that are not square, so that the gradient is held against
        // its definition: the weight that tfjs's resize gives each source pixel in each target pixel.
        it(`has the gradient of a linear map: ${kind}, ${rule}`, async () => {
          const weights = uniform(2, [batch, ...size, channels]);
          const loss = (w: tf.Tensor) => (given: tf.Tensor) => tf.sum(tf.mul(apply(given), w)) as tf.Scalar;
          const inputs = { x: { shape: x.shape }, w: { shape: weights.shape } };
          const compiled = await compile(
            (given) => ({ outputs: { gradient: tf.grad(loss(given.w))(given.x) } }),
            { inputs },
            { threads: 1 },
          );
          const { gradient } = await compiled.run({ x: x.data, w: weights.data });
          await compiled.dispose();
          const { outputs } = runEagerly(
            ({ w }) => {
              const pixels = tf.reshape(tf.eye(height * width), [height * width, height, width, 1]);
              const map = tf.reshape(apply(pixels), [height * width, size[0] * size[1]]);
              const summed = tf.matMul(
                tf.broadcastTo(map, [batch, ...map.shape]),
                tf.reshape(w, [batch, size[0] * size[1], channels]),
              );
              return { outputs: { gradient: tf.reshape(summed, x.shape as number[]) } };
            },
            { w: weights },
          );
          expectClose(gradient, outputs.gradient, 1e-5, "gradient");
        });
      }
    }
  });
}

describe("resizeBilinear", () => {
  it("has tfjs's gradient for square images, also between convolutions", async () => {
    await expectSame(
      withGradients(({ x }) => mixed(tf.image.resizeBilinear(mixed(x), [7, 7])), ["x"]),
      { x: uniform(1, [2, 4, 4, 3]) },
    );
  });
});
