import { compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { expectSame, mixed, type TestArray, uniform, withGradients } from "./against-tfjs.ts";

type Tensors = Readonly<Record<string, tf.Tensor>>;

const axes = [0, 1, 2];
const images = { x: uniform(1, [3, 5, 4, 6]), scale: uniform(2, [6], 0.5, 2), offset: uniform(3, [6]) };

/** Batch normalization with the statistics of the batch, in the words of a user. */
function batchNorm({ x, scale, offset }: Tensors) {
  const mean = tf.mean(x, axes);
  const centered = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centered), axes);
  const slope = tf.mul(scale, tf.rsqrt(tf.add(variance, 1e-3)));
  return { y: tf.add(tf.mul(centered, slope), offset), mean, variance };
}

function layerNorm({ x, scale, offset }: Tensors): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), scale), offset);
}

describe("batch normalization with the statistics of the batch", () => {
  it("becomes one node that also gives the statistics", async () => {
    const report = await expectSame((inputs) => {
      const { y, mean, variance } = batchNorm({ ...inputs, x: mixed(inputs.x) });
      return { outputs: { y, mean, variance, twice: tf.mul(mean, 2) } };
    }, images);
    expect(report.operators).toMatchObject({ BatchNormalization: 1 });
    expect(report.operators).not.toHaveProperty("ReduceMean");
    expect(report.operators).not.toHaveProperty("Sub");
  });

  it("is told by tf.moments and tf.batchNorm, too", async () => {
    const report = await expectSame(({ x, scale, offset }) => {
      const { mean, variance } = tf.moments(mixed(x), axes);
      const [m, v, o, s] = [mean, variance, offset, scale] as tf.Tensor1D[];
      return { outputs: { y: tf.batchNorm(mixed(x), m, v, o, s, 1e-3) } };
    }, images);
    expect(report.operators).toMatchObject({ BatchNormalization: 1 });
    expect(report.operators).not.toHaveProperty("ReduceMean");
  });

  it("has right gradients, also where the gradient is written with the centered images", async () => {
    const written = (given: Tensors): tf.Tensor => {
      const x = mixed(given.x);
      const mean = tf.mean(x, axes);
      const centered = tf.sub(x, mean);
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centered), axes), 1e-3));
      const count = x.size / 6;
      const op = tf.customGrad((_x, scale, offset, save) => {
        (save as tf.GradSaveFunc)([centered, inverse, scale as tf.Tensor]);
        return {
          value: tf.add(tf.mul(centered, tf.mul(scale as tf.Tensor, inverse)), offset as tf.Tensor),
          gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
            const [from, root, factor] = saved;
            const along = tf.mul(tf.sum(tf.mul(dy, from), axes), root);
            const slope = tf.mul(factor, root);
            const back = tf.neg(tf.mul(slope, tf.mul(root, tf.div(along, count))));
            const shift = tf.neg(tf.mul(slope, tf.div(tf.sum(dy, axes), count)));
            const toX = tf.add(tf.mul(dy, slope), tf.add(tf.mul(from, back), shift));
            return [toX, along, tf.sum(dy, axes)];
          },
        };
      });
      return op(x, given.scale, given.offset);
    };
    const names = ["x", "scale", "offset"];
    const taped = (given: Tensors) => batchNorm({ ...given, x: mixed(given.x) }).y;
    await expectSame(withGradients(taped, names), images);
    const report = await expectSame(withGradients(written, names), images);
    // One for the value, one for `centered · back + shift`.
    expect(report.operators).toMatchObject({ BatchNormalization: 2 });
  });

  it("stays right from run to run, also after a run with an infinite pixel", async () => {
    const compiled = await compile(
      (inputs) => {
        const { y, mean, variance } = batchNorm({ ...inputs, x: mixed(inputs.x) });
        return { outputs: { y, mean: tf.neg(mean), variance: tf.neg(variance) } };
      },
      { inputs: { x: { shape: [3, 5, 4, 6] }, scale: { shape: [6] }, offset: { shape: [6] } } },
      { threads: 1 },
    );
    const run = (x: TestArray["data"]) =>
      compiled.run({ x, scale: images.scale.data, offset: images.offset.data });
    const before = await run(images.x.data);
    const broken = images.x.data.slice();
    broken.fill(Number.POSITIVE_INFINITY, 0, 6);
    broken.fill(Number.POSITIVE_INFINITY, broken.length - 6);
    const between = await run(broken);
    expect(between.mean.data.every(Number.isFinite)).toBe(false);
    expect(await run(images.x.data)).toEqual(before);
    await compiled.dispose();
  });

  it("is left alone where the offset depends on the statistics", async () => {
    const report = await expectSame(({ x, scale }) => {
      const { mean } = tf.moments(mixed(x), axes);
      return { outputs: batchNorm({ x: mixed(x), scale, offset: tf.mul(mean, 3) }) };
    }, images);
    expect(report.operators).not.toHaveProperty("BatchNormalization");
  });
});

describe("layer normalization", () => {
  it("becomes one node", async () => {
    const report = await expectSame((inputs) => ({ outputs: { y: layerNorm(inputs) } }), images);
    expect(report.operators).toEqual({ LayerNormalization: 1 });
  });

  it("is told by a division by the root", async () => {
    const divided = ({ x, scale, offset }: Tensors) => {
      const { mean, variance } = tf.moments(x, -1, true);
      const normalized = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
      return { outputs: { y: tf.add(tf.mul(normalized, scale), offset) } };
    };
    expect((await expectSame(divided, images)).operators).toEqual({ LayerNormalization: 1 });
  });

  it.each([[[3, 5, 4, 6]], [[7, 6]]])("is told with constants for scale and offset, of %j", async (shape) => {
    const [scale, offset] = [images.scale, images.offset].map(({ data }) => Float32Array.from(data));
    const report = await expectSame(
      ({ x }) => ({ outputs: { y: layerNorm({ x, scale: tf.tensor(scale!), offset: tf.tensor(offset!) }) } }),
      { x: uniform(1, shape) },
    );
    expect(report.operators).toEqual({ LayerNormalization: 1 });
  });

  it("has right gradients, which read its mean and deviation", async () => {
    const report = await expectSame(withGradients(layerNorm, ["x", "scale", "offset"]), images);
    expect(report.operators).toMatchObject({ LayerNormalization: 1 });
  });

  it("is left alone with a scale that is computed", async () => {
    const report = await expectSame(
      ({ x, scale, offset }) => ({ outputs: { y: layerNorm({ x, scale: tf.exp(scale), offset }) } }),
      images,
    );
    expect(report.operators).not.toHaveProperty("LayerNormalization");
  });
});
