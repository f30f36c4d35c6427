import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { allGradients } from "../../src/gradients/all-gradients.ts";
import { allKernels } from "../../src/kernels/all-kernels.ts";
import { uniform } from "../against-tfjs.ts";
import type { Case } from "./case.ts";
import { checkCase, expectProven } from "./check-case.ts";

const kernels = allKernels as Record<string, (typeof allKernels)[string]>;
const gradients = allGradients as Record<string, (typeof allGradients)[string]>;
const { Sin } = kernels;
const sineGradient: (typeof gradients)[string] | undefined = gradients.Sin;

const sine: Case = {
  name: "the sine of a vector",
  kernels: ["Sin"],
  differentiable: ["x"],
  arbitrary: fc
    .integer({ min: 1, max: 6 })
    .map((length) => ({ inputs: { x: uniform(1, [length]) }, op: ({ x }) => tf.sin(x) })),
};

async function failureOf(checked: Case): Promise<string> {
  const failure = await checkCase(checked).then(
    () => "",
    (error: Error) => error.message,
  );
  return failure;
}

describe("the conformance suite", () => {
  afterEach(() => {
    kernels.Sin = Sin;
    if (sineGradient === undefined) delete gradients.Sin;
    else gradients.Sin = sineGradient;
  });

  it("passes a right kernel", async () => {
    expectProven(sine, await checkCase(sine));
  });

  it("catches a wrong kernel, with the smallest example and how to replay it", async () => {
    kernels.Sin = kernels.Cos;
    const message = await failureOf(sine);
    expect(message).toMatch(/^the sine of a vector: value 0: largest error over largest value: /);
    expect(message).toContain("input x: Float32Array [1] = 0.2541479");
    expect(message).toContain("Sin(x [1]) {}");
    expect(message).toMatch(
      /LMK_CONFORMANCE_SEED=\d+ LMK_CONFORMANCE_PATH=0\S* vitest run .* "the sine of a vector"/,
    );
  });

  it("catches a wrong element type", async () => {
    kernels.Sin = (tracer, inputs) => tracer.cast(Sin(tracer, inputs, {}) as never, "int32");
    expect(await failureOf({ ...sine, differentiable: [] })).toContain(
      "value 0: expected a Float32Array, got a Int32Array",
    );
  });

  it("catches a wrong gradient", async () => {
    gradients.Sin = {
      inputsToSave: ["x"],
      gradFunc: (dy, [x]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.sin(x)) }),
    };
    expect(await failureOf(sine)).toContain("gradient of x: largest error over largest value");
  });

  it("compares gradients with those of the reference", async () => {
    const arbitrary = sine.arbitrary.map((example) => ({
      ...example,
      reference: ({ x }: { readonly [name: string]: tf.Tensor }) => tf.mul(tf.sin(x), 2),
    }));
    expect(await failureOf({ ...sine, arbitrary })).toContain("gradient of x: largest error");
  });

  it("catches claims that no example reaches", async () => {
    const reached = await checkCase(sine);
    expect(() => expectProven({ ...sine, kernels: ["Sin", "Tan"] }, reached)).toThrow();
    expect(() => expectProven({ ...sine, gradientKernels: ["Tan"] }, reached)).toThrow();
    expect(() => expectProven({ ...sine, gradientKernels: ["Cos"] }, reached)).not.toThrow();
    const forward = await checkCase({ ...sine, differentiable: [] });
    expect(() => expectProven(sine, forward)).toThrow();
  });
});
