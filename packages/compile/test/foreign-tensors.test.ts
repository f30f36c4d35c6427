import "@tensorflow/tfjs-backend-cpu";
import { compile, type TracedFunction } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { expectSame, uniform } from "./against-tfjs.ts";

const inputs = { x: { shape: [3] } };

describe("tensors that the function closes over", () => {
  it("have their own type, also where a cast shares the memory of another", async () => {
    await tf.setBackend("cpu");
    const ints = tf.tensor1d([1, 0, 3], "int32");
    const floats = tf.cast(ints, "float32");
    expect(floats.dataId).toBe(ints.dataId);
    for (const [first, second] of [
      [ints, floats],
      [floats, ints],
    ]) {
      await expectSame(
        ({ x }) => ({
          outputs: {
            first,
            second,
            half: tf.div(first, 2),
            sum: tf.add(x, second),
            same: tf.add(first, first),
          },
        }),
        { x: uniform(1, [3]) },
      );
    }
  });

  it("are refused if an earlier trace made them", async () => {
    let kept: tf.Tensor | undefined;
    const fn: TracedFunction = ({ x }) => {
      kept ??= tf.keep(tf.add(x, 1));
      return { outputs: { y: tf.mul(x, kept) } };
    };
    const compiled = await compile(fn, { inputs });
    await compiled.dispose();
    await expect(compile(fn, { inputs })).rejects.toMatchObject({
      code: "unsupported-op",
      message: expect.stringContaining(
        "got one of shape [3] that an earlier trace made; make it inside the function, or outside of compile",
      ),
    });
  });
});

describe("types that graphs have not", () => {
  const cases: Readonly<Record<string, readonly [string, TracedFunction]>> = {
    cast: ["complex64", ({ x }) => ({ outputs: { y: tf.real(tf.cast(x, "complex64")) } })],
    fill: ["string", ({ x }) => ({ outputs: { x, y: tf.fill([3], "a") } })],
    oneHot: [
      "complex64",
      ({ x }) => ({ outputs: { y: tf.oneHot(tf.cast(x, "int32"), 3, 1, 0, "complex64") } }),
    ],
    range: ["string", ({ x }) => ({ outputs: { x, y: tf.range(0, 3, 1, "string" as "int32") } })],
    "a string outside": [
      "string",
      ({ x }) => ({ outputs: { x, y: tf.concat([tf.tensor1d(["a"]), tf.tensor1d(["b"])]) } }),
    ],
  };
  for (const [name, [type, fn]] of Object.entries(cases)) {
    it(`are refused: ${name}`, async () => {
      await expect(compile(fn, { inputs })).rejects.toMatchObject({
        code: "unsupported-op",
        message: expect.stringContaining(type),
      });
    });
  }
});
