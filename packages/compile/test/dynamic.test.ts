import { type Compiled, compile, createState, type TracedFunction } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { expectClose, integers, runEagerly, type TestArray, uniform } from "./against-tfjs.ts";

type Dimensions = readonly (number | string)[];
type Specs = Readonly<Record<string, { shape: Dimensions; dtype?: "float32" | "int32" }>>;

const constant = (seed: number, shape: number[]) => tf.tensor(uniform(seed, shape).data, shape);

/** Compiles once for any size and holds runs at several sizes against tfjs's CPU backend. */
async function expectSameAt(
  fn: TracedFunction,
  specs: Specs,
  sizes: readonly Readonly<Record<string, number>>[],
  tolerance = 1e-6,
): Promise<void> {
  const compiled = await compile(fn, { inputs: specs }, { threads: 1 });
  for (const size of sizes) {
    const inputs = Object.entries(specs).map(([name, { shape, dtype }], i): [string, TestArray] => {
      const sized = shape.map((dimension) => (typeof dimension === "string" ? size[dimension] : dimension));
      return [name, dtype === "int32" ? integers(i + 1, sized, 3) : uniform(i + 1, sized)];
    });
    const expected = runEagerly(fn, Object.fromEntries(inputs)).outputs;
    const outputs = await compiled.run(Object.fromEntries(inputs.map(([name, { data }]) => [name, data])));
    for (const [name, array] of Object.entries(expected)) {
      expectClose(outputs[name], array, tolerance, `${name} at ${JSON.stringify(size)}`);
    }
  }
  await compiled.dispose();
}

const batches = [8, 1, 3, 11, 40].map((batch) => ({ batch }));

describe("free dimensions", () => {
  it("serve a perceptron", async () => {
    const fn: TracedFunction = ({ x }) => {
      const hidden = tf.relu(tf.add(tf.matMul(x as tf.Tensor2D, constant(1, [6, 5]) as tf.Tensor2D), 0.1));
      return {
        outputs: { y: tf.softmax(tf.matMul(hidden as tf.Tensor2D, constant(2, [5, 3]) as tf.Tensor2D)) },
      };
    };
    await expectSameAt(fn, { x: { shape: ["batch", 6] } }, batches);
  });

  it("serve a convolution network with batch statistics, pooling and resize", async () => {
    const fn: TracedFunction = ({ x }) => {
      const images = tf.conv2d(x as tf.Tensor4D, constant(1, [3, 3, 3, 6]) as tf.Tensor4D, 1, "same");
      const { mean, variance } = tf.moments(images, [0, 1, 2]);
      const count = images.size / 6;
      const normal = tf.mul(tf.sub(images, mean), tf.rsqrt(tf.add(variance, 1e-3)));
      const pooled = tf.maxPool(tf.relu(normal) as tf.Tensor4D, 3, 2, "same");
      const resized = tf.image.resizeBilinear(pooled as tf.Tensor4D, [7, 7], false, true);
      return {
        outputs: { y: tf.mean(resized, [1, 2]), unbiased: tf.mul(variance, count / (count - 1)) },
      };
    };
    await expectSameAt(fn, { x: { shape: ["batch", 8, 8, 3] } }, batches, 1e-5);
  });

  it("serve attention over two of them", async () => {
    const fn: TracedFunction = ({ x }) => {
      const [batch, tokens] = x.shape;
      const heads = (seed: number) => {
        const flat = tf.matMul(
          tf.reshape(x, [batch * tokens, 8]) as tf.Tensor2D,
          constant(seed, [8, 8]) as tf.Tensor2D,
        );
        return tf.transpose(tf.reshape(flat, [batch, tokens, 2, 4]), [0, 2, 1, 3]);
      };
      const weights = tf.softmax(tf.mul(tf.matMul(heads(1), heads(2), false, true), 0.5));
      const mixedTokens = tf.transpose(tf.matMul(weights, heads(3)), [0, 2, 1, 3]);
      return { outputs: { y: tf.reshape(mixedTokens, [batch, tokens, 8]) } };
    };
    const sizes = [
      { batch: 2, tokens: 5 },
      { batch: 7, tokens: 1 },
      { batch: 1, tokens: 31 },
    ];
    const specs = { x: { shape: ["batch", "tokens", 8] }, mask: { shape: ["tokens"] } };
    await expectSameAt(({ x, mask }) => fn({ x: tf.mul(x, tf.reshape(mask, [1, -1, 1])) }, {}), specs, sizes);
  });

  it("serve losses over pairs, identities, ranges and scalars of the size", async () => {
    const fn: TracedFunction = ({ x }) => {
      const batch = x.shape[0];
      const flat = x as tf.Tensor2D;
      const similar = tf.matMul(flat, flat, false, true);
      const others = tf.sub(1, tf.eye(batch));
      return {
        outputs: {
          pairs: tf.div(tf.sum(tf.mul(similar, others)), batch * (batch + 1)),
          flat: tf.reshape(similar, [batch * batch]),
          ranks: tf.add(tf.range(0, batch, 1, "int32"), tf.scalar(1, "int32")),
          gradient: tf.grad((y) => tf.mul(tf.mean(tf.square(y)), 0.3))(x),
          share: tf.mul(tf.sum(x), 1 / batch),
        },
      };
    };
    await expectSameAt(fn, { x: { shape: ["batch", 4] } }, batches);
  });

  it("train as fixed sizes do", async () => {
    const initial = {
      filter: uniform(1, [3, 3, 2, 4], -0.4, 0.4),
      weight: uniform(2, [4, 3], -0.4, 0.4),
    } as Record<string, { shape: readonly number[]; data: Float32Array }>;
    const step: TracedFunction = ({ images, labels }, { filter, weight }) => {
      const loss = (f: tf.Tensor, w: tf.Tensor) => {
        const features = tf.relu(tf.conv2d(images as tf.Tensor4D, f as tf.Tensor4D, 2, "same"));
        const pooled = tf.mean(tf.maxPool(features as tf.Tensor4D, 2, 1, "same"), [1, 2]);
        const logits = tf.matMul(pooled as tf.Tensor2D, w as tf.Tensor2D);
        const hits = tf.mul(tf.oneHot(labels as tf.Tensor1D, 3), tf.logSoftmax(logits));
        return tf.neg(tf.mean(tf.sum(hits, -1)));
      };
      const { value, grads } = tf.valueAndGrads(loss as unknown as (...args: tf.Tensor[]) => tf.Scalar)([
        filter,
        weight,
      ]);
      const updated = [filter, weight].map((old, i) => tf.sub(old, tf.mul(grads[i], 0.1)));
      return { outputs: { loss: value }, state: { filter: updated[0], weight: updated[1] } };
    };
    const signature = (batch: number | string) => ({
      images: { shape: [batch, 6, 6, 2] },
      labels: { shape: [batch], dtype: "int32" as const },
    });
    const [free, fixed] = [createState(initial), createState(initial)];
    const any = await compile(step, { inputs: signature("batch"), state: free }, { threads: 1 });
    for (const [i, batch] of [8, 8, 5, 1].entries()) {
      const exact = await compile(step, { inputs: signature(batch), state: fixed }, { threads: 1 });
      const inputs = {
        images: uniform(10 + i, [batch, 6, 6, 2]).data as Float32Array,
        labels: integers(20 + i, [batch], 3).data as Int32Array,
      };
      const [actual, expected] = [await any.run(inputs), await exact.run(inputs)];
      expectClose(actual.loss, expected.loss, 1e-6, "loss");
      for (const name of free.names) expectClose(free.read()[name], fixed.read()[name], 1e-6, name);
      await exact.dispose();
    }
    await any.dispose();
  });

  it("refuse what depends on the size in no known way", async () => {
    const inputs = { x: { shape: ["batch", 2] } };
    const unrolled: TracedFunction = ({ x }) => ({ outputs: { y: tf.addN(tf.unstack(x)) } });
    await expect(compile(unrolled, { inputs })).rejects.toThrow(
      /^compile: cannot express the function for any size of "batch": .*; compile once per size instead, with one state for all$/,
    );
    const odd: TracedFunction = ({ x }) => ({ outputs: { y: tf.mul(x, Math.sin(x.shape[0])) } });
    await expect(compile(odd, { inputs })).rejects.toThrow(
      /in tf\.mul, a constant of the ONNX node Mul varies by no known rule/,
    );
    await expect(compile(odd, { inputs })).rejects.toMatchObject({ code: "unsupported-op" });
  });

  const images = { x: { shape: ["batch", "height", "width", 3] }, scale: { shape: ["batch"] } };
  const sides = { height: { shape: ["height"] }, width: { shape: ["width"] } };
  const places = [
    [1, 9, 7],
    [2, 8, 8],
    [3, 12, 9],
    [2, 7, 10],
    [1, 6, 4],
    [2, 1, 1],
    [1, 16, 32],
    [1, 33, 31],
  ].map(([batch, height, width]) => ({ batch, height, width }));
  const filter = (size: number) => constant(size, [size, size, 3, 3]) as tf.Tensor4D;
  const conv = (x: tf.Tensor, size: number, stride: number, pad: "same" | "valid") =>
    tf.conv2d(x as tf.Tensor4D, filter(size), stride, pad);
  const pool = (x: tf.Tensor, size: number, stride: number, pad: "same" | "valid") =>
    tf.maxPool(x as tf.Tensor4D, size, stride, pad);
  const downsampling: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
    "a convolution of stride 1": (x) => conv(x, 3, 1, "same"),
    "a pointwise convolution of stride 2": (x) => conv(x, 1, 2, "same"),
    "a convolution of stride 2": (x) => conv(x, 3, 2, "same"),
    "two convolutions of stride 2": (x) => conv(conv(x, 3, 2, "same"), 3, 2, "same"),
    "a pointwise and a wider convolution of stride 2": (x) => conv(conv(x, 1, 2, "same"), 3, 2, "same"),
    "pointwise convolutions of stride 2, then a wider one": (x) =>
      conv(conv(conv(x, 1, 2, "same"), 1, 2, "same"), 3, 2, "same"),
    "poolings of stride 2": (x) => pool(pool(x, 2, 2, "same"), 3, 2, "same"),
    "unpadded windows of stride 2": (x) => pool(conv(x, 1, 2, "valid"), 1, 2, "valid"),
    "an unpadded pooling of stride 2, then a padded one": (x) => pool(pool(x, 1, 2, "valid"), 2, 2, "same"),
    "a pooling of stride 3": (x) => pool(x, 2, 3, "same"),
    "a sum of two that are rounded": (x) => tf.add(pool(x, 1, 2, "same"), conv(x, 1, 2, "same")),
  };
  const right = new Set([
    "a convolution of stride 1",
    "a pointwise convolution of stride 2",
    "unpadded windows of stride 2",
    "a sum of two that are rounded",
  ]);
  for (const [name, down] of Object.entries(downsampling)) {
    it(`are right or refused at odd and even sizes: ${name}`, async () => {
      const fn: TracedFunction = ({ x, scale, height, width }) => {
        const rows = tf.mul(tf.mul(x, tf.reshape(height, [-1, 1, 1])), tf.reshape(width, [-1, 1]));
        const pooled = tf.mean(down(rows), [1, 2]);
        return { outputs: { y: tf.mul(pooled, tf.expandDims(scale, 1)) } };
      };
      const run = expectSameAt(fn, { ...images, ...sides }, places, 1e-5);
      if (right.has(name)) await run;
      else await expect(run).rejects.toMatchObject({ code: "unsupported-op" });
    });
  }

  it("are right or refused where halves are rounded", async () => {
    const specs = { x: { shape: ["n", 2] } };
    const sizes = [1, 2, 3, 4, 6, 7, 10].map((n) => ({ n }));
    const refused: Readonly<Record<string, TracedFunction>> = {
      floor: ({ x }) => ({ outputs: { y: tf.sum(tf.slice(x, [0, 0], [Math.floor(x.shape[0] / 2), 2])) } }),
      strided: ({ x }) => ({ outputs: { y: tf.stridedSlice(x, [0, 0], [x.shape[0] - 1, 2], [2, 1]) } }),
      fours: ({ x }) => ({ outputs: { y: tf.mul(x, Math.ceil(x.shape[0] / 4)) } }),
      ones: ({ x }) => ({ outputs: { y: tf.fill([Math.ceil((x.shape[0] - 1) / 2)], 1) } }),
    };
    for (const [name, fn] of Object.entries(refused)) {
      await expect(compile(fn, { inputs: specs }), name).rejects.toMatchObject({ code: "unsupported-op" });
    }
    const exact: TracedFunction = ({ x }) => {
      const [n] = x.shape;
      return {
        outputs: {
          half: tf.mul(x, (n - 1) / 2),
          quarter: tf.mul(x, (n + 1) / 4),
          pairs: tf.mul(x, (n * (n - 1)) / 2),
          triangle: tf.fill([(n * (n + 1)) / 2], 2),
          zeros: tf.mul(x, tf.fill([n, 1], -0)),
        },
      };
    };
    await expectSameAt(exact, specs, sizes);
  });

  it("keep their names in the exported file", async () => {
    const fn: TracedFunction = ({ x }) => ({
      outputs: { both: tf.concat([x, x]), flat: tf.reshape(x, [x.size]), pairs: tf.mul(x, tf.mean(x)) },
    });
    const compiled = await compile(fn, { inputs: { x: { shape: ["batch", 3] } } });
    const session = await InferenceSession.create(compiled.toOnnx().model);
    const shapes = [...session.inputMetadata, ...session.outputMetadata].map((port) => [
      port.name,
      port.isTensor ? port.shape : [],
    ]);
    expect(Object.fromEntries(shapes)).toEqual({
      x: ["batch", 3],
      both: ["2*batch", 3],
      flat: ["3*batch"],
      pairs: ["batch", 3],
    });
    await session.release();
    await compiled.dispose();
  });

  it("refuse lengths and signatures that do not fit", async () => {
    const fn: TracedFunction = ({ x, y }) => ({ outputs: { z: tf.add(x, tf.expandDims(y, 1)) } });
    const inputs = { x: { shape: ["batch", 3] }, y: { shape: ["batch"] } };
    const compiled: Compiled = await compile(fn, { inputs });
    const run = (x: number, y: number) => compiled.run({ x: new Float32Array(x), y: new Float32Array(y) });
    await expect(run(7, 2)).rejects.toThrow(
      'Compiled.run: expected `inputs["x"]` to be a positive multiple of 3 elements of shape [batch, 3], got 7',
    );
    await expect(run(0, 0)).rejects.toThrow("a positive multiple of 3 elements");
    await expect(run(6, 3)).rejects.toThrow(
      'Compiled.run: expected `inputs["y"]` to be 2 elements of shape [batch], batch = 2 as in inputs["x"], got 3',
    );
    await compiled.dispose();
    await expect(compile(fn, { inputs, dimensions: { time: {} } })).rejects.toThrow(
      'compile: expected `signature.dimensions` to name free dimensions of the inputs, "batch", got "time"',
    );
    await expect(compile(fn, { inputs, dimensions: { batch: { typical: 0 } } })).rejects.toThrow(
      'compile: expected `signature.dimensions["batch"].typical` to be a positive integer, got 0',
    );
    await expect(compile(fn, { inputs: { x: { shape: ["a", "b"] } } })).rejects.toThrow(
      'got "a", "b" only side by side',
    );
  });
});
