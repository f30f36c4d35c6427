import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { readFileSync } from "node:fs";
import {
  batchNormNeck,
  fcNeck,
  linearNeck,
  type Neck,
  type NeckOption,
  optionNeck,
  type Pass,
  swishNeck,
} from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { hashedUniform } from "./reference-values.ts";

interface NeckGolden {
  readonly eval: readonly number[];
  readonly train: readonly number[];
  readonly input: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

const { necks: goldens } = JSON.parse(
  readFileSync(new URL("./golden/embedding-parts.json", import.meta.url), "utf8"),
) as { readonly necks: Readonly<Record<string, NeckGolden>> };

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 4));

function passOf(parameters: Pass["parameters"], training: boolean, random?: Pass["random"]): Pass {
  return { parameters, training, batchNorm: training ? "batch" : "running", random, statistics: {} };
}

/** A weight as golden/make-part-goldens.py has it. */
function weightOf(name: string, shape: readonly number[]): tf.Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  if (shape.length === 2) return tf.tensor(hashedUniform(name, size, 0.7), [...shape]);
  if (name.endsWith(".running_var")) return tf.tensor(hashedUniform(name, size, 0.3, 1), [...shape]);
  const values = name.endsWith(".weight")
    ? hashedUniform(name, size, 0.2, 1)
    : hashedUniform(name, size, 0.1);
  return tf.tensor(values, [...shape]);
}

/** Runs a neck of 8 values with the goldens' weights, without training, and with it and gradients; nothing is dropped. */
function run(neck: Neck): NeckGolden {
  return tf.tidy(() => {
    const layer = neck.layer(8);
    const parameters = Object.fromEntries(
      Object.entries(layer.shapes).map(([name, shape]) => [name, weightOf(name, shape)]),
    );
    const x = tf.tensor2d(hashedUniform("pooled", 40), [5, 8]);
    const output = layer.apply(passOf(parameters, false), x);
    const names = Object.keys(parameters).filter((name) => !name.includes(".running_"));
    const training = (...moving: tf.Tensor[]): tf.Tensor => {
      const moved = Object.fromEntries(names.map((name, i) => [name, moving[i + 1]!]));
      const keepAll: Pass["random"] = (shape, probability) => tf.fill([...shape], probability);
      return layer.apply(passOf({ ...parameters, ...moved }, true, keepAll), moving[0] as tf.Tensor2D);
    };
    const inputs = [x, ...names.map((name) => parameters[name]!)];
    const y = training(...inputs);
    const direction = tf.tensor2d(hashedUniform("direction", y.size), y.shape as [number, number]);
    const [input, ...gradients] = tf.grads((...moving: tf.Tensor[]) =>
      tf.sum(tf.mul(training(...moving), direction)),
    )(inputs) as [tf.Tensor, ...tf.Tensor[]];
    return {
      eval: [...output.dataSync()],
      train: [...y.dataSync()],
      input: [...input.dataSync()],
      gradients: Object.fromEntries(names.map((name, i) => [name, [...gradients[i]!.dataSync()]])),
    };
  });
}

describe("necks", () => {
  it.each([
    ["linear", linearNeck({ dimension: 4 })],
    ["D", optionNeck("D", { dimension: 4 })],
    ["F", optionNeck("F", { dimension: 4 })],
    ["X", optionNeck("X", { dimension: 4 })],
    ["S", optionNeck("S", { dimension: 4 })],
    ["swish", swishNeck({ dimension: 4 })],
    ["fc", fcNeck({ dimension: 4 })],
    ["batchNorm", batchNormNeck()],
  ] as const)("give PyTorch's values and gradients under its names: %s", (name, neck) => {
    const golden = goldens[name]!;
    const result = run(neck);
    expect(result.eval).toEqual(close(golden.eval));
    expect(result.train).toEqual(close(golden.train));
    expect(result.input).toEqual(close(golden.input));
    expect(Object.keys(result.gradients)).toEqual(Object.keys(golden.gradients));
    for (const [parameter, gradient] of Object.entries(golden.gradients)) {
      expect(result.gradients[parameter], parameter).toEqual(close(gradient));
    }
  });

  it("say what they give and what stays as it is", () => {
    const said = [linearNeck(), optionNeck("D"), swishNeck(), fcNeck(), batchNormNeck()].map((neck) => {
      const { dimension, frozen } = neck.layer(2048);
      return { dimension, frozen };
    });
    expect(said).toEqual([
      { dimension: 512, frozen: [] },
      { dimension: 512, frozen: [] },
      { dimension: 512, frozen: [] },
      { dimension: 512, frozen: ["fcneck_bn.bias"] },
      { dimension: 2048, frozen: ["bottleneck.bias"] },
    ]);
    expect(fcNeck({ trainBias: true }).layer(8).frozen).toEqual([]);
    expect(batchNormNeck({ trainBias: true }).layer(8).frozen).toEqual([]);
  });

  it("take other names", () => {
    const names = { linear: "fc", norm: "bn" };
    const first = (neck: Neck): string[] => Object.keys(neck.layer(8).shapes);
    expect(first(linearNeck({ names, bias: false }))).toEqual([
      "fc.weight",
      "bn.weight",
      "bn.bias",
      "bn.running_mean",
      "bn.running_var",
    ]);
    expect(first(fcNeck({ names }))[0]).toBe("fc.weight");
    expect(first(optionNeck("S", { name: "head" }))).toEqual(["head.0.weight", "head.0.bias"]);
    expect(first(swishNeck({ name: "dense" }))).toEqual(["dense.weight", "dense.bias"]);
    expect(first(batchNormNeck({ name: "bn" }))[0]).toBe("bn.weight");
  });

  it("draw their weights as their solutions did", () => {
    const drawn = (neck: Neck, name: string): Float32Array =>
      neck.layer(300).initialize({ seed: 3 })[name]!.data;
    const largest = (values: Float32Array): number => Math.max(...values.map(Math.abs));
    const deviation = (values: Float32Array): number =>
      Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    const dimension = 100;
    const normal = deviation(drawn(linearNeck({ dimension }), "neck.fc.weight")) / Math.sqrt(2 / 400);
    expect(Math.abs(normal - 1)).toBeLessThan(0.02);
    expect(largest(drawn(linearNeck({ dimension }), "neck.fc.bias"))).toBe(0);
    const torch = 1 / Math.sqrt(300);
    for (const [neck, name] of [
      [optionNeck("D", { dimension }), "neck.0"],
      [optionNeck("F", { dimension }), "neck.1"],
      [swishNeck({ dimension }), "feat"],
    ] as const) {
      expect(largest(drawn(neck, `${name}.weight`)) / torch).toBeCloseTo(1, 2);
      expect(deviation(drawn(neck, `${name}.weight`)) / torch).toBeCloseTo(Math.sqrt(1 / 3), 2);
      expect(largest(drawn(neck, `${name}.bias`)) / torch).toBeGreaterThan(0.9);
    }
    const glorot = Math.sqrt(6 / 400);
    const keras = swishNeck({ dimension, initial: "keras" });
    expect(largest(drawn(keras, "feat.weight")) / glorot).toBeCloseTo(1, 2);
    expect(largest(drawn(keras, "feat.bias"))).toBe(0);
    expect(largest(drawn(fcNeck({ dimension }), "fcneck.weight")) / glorot).toBeCloseTo(1, 2);
    expect([...drawn(optionNeck("D"), "neck.2.weight")]).toEqual([0.25]);
    expect([...drawn(optionNeck("F"), "neck.3.weight")]).toEqual([0.25]);
    expect(new Set(drawn(optionNeck("D"), "neck.1.weight"))).toEqual(new Set([1]));
  });

  it("drop pooled values in training, and divide the others by what is kept", () => {
    tf.tidy(() => {
      const layer = optionNeck("F", { dimension: 8, dropout: 0.5 }).layer(8);
      const arrays = Object.entries(layer.initialize({ seed: 1 }));
      const parameters: Record<string, tf.Tensor> = Object.fromEntries(
        arrays.map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
      );
      const asked: unknown[] = [];
      const mask = tf.tensor2d([1, 0, 0, 1, 1, 0, 1, 0], [1, 8]);
      const random: Pass["random"] = (shape, probability) => {
        asked.push([...shape], probability);
        return mask;
      };
      const x = tf.tensor2d(hashedUniform("pooled", 8), [1, 8]);
      const dropped = layer.apply({ ...passOf(parameters, true, random), batchNorm: "running" }, x);
      const expected = layer.apply(passOf(parameters, false), tf.mul(x, tf.mul(mask, 2)));
      expect([...dropped.dataSync()]).toEqual(close([...expected.dataSync()]));
      expect(asked).toEqual([[1, 8], 0.5]);
    });
  });

  it("refuse to drop without chance", () => {
    for (const [neck, caller] of [
      [optionNeck("F"), "optionNeck"],
      [linearNeck({ dropout: 0.1 }), "linearNeck"],
    ] as const) {
      expect(() => neck.layer(8).apply(passOf({}, true), tf.ones([2, 8]))).toThrow(
        new RangeError(
          `${caller}: expected \`random\` to draw what training drops, got none; give one, or set the rate to 0`,
        ),
      );
    }
  });

  it("refuse dimensions and rates out of range, and unknown options", () => {
    for (const dimension of [0, 1.5, Number.NaN]) {
      for (const [caller, make] of [
        ["linearNeck", () => linearNeck({ dimension })],
        ["optionNeck", () => optionNeck("D", { dimension })],
        ["swishNeck", () => swishNeck({ dimension })],
        ["fcNeck", () => fcNeck({ dimension })],
      ] as const) {
        expect(make).toThrow(
          new RangeError(`${caller}: expected \`dimension\` to be a whole number above 0, got ${dimension}`),
        );
      }
    }
    expect(() => linearNeck({ dropout: 1 })).toThrow(
      new RangeError("linearNeck: expected `dropout` to be from 0 to below 1, got 1"),
    );
    expect(() => optionNeck("F", { dropout: -0.1 })).toThrow(
      new RangeError("optionNeck: expected `dropout` to be from 0 to below 1, got -0.1"),
    );
    expect(() => optionNeck("E" as NeckOption)).toThrow(
      new RangeError("optionNeck: expected `option` to be one of D, F, X, S, got E"),
    );
  });
});
