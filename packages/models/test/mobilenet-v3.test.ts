import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-layers";
import { createMobileNetV3, type MobileNetV3Name, mobilenetV3Variants } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

describe("a MobileNetV3", () => {
  it("has timm's names and shapes", () => {
    const { shapes, classifier, channels, stride } = createMobileNetV3("mobilenetv3_large_100");
    expect(shapes).toMatchObject({
      "conv_stem.weight": [3, 3, 3, 16],
      "bn1.running_var": [16],
      "blocks.0.0.conv_dw.weight": [3, 3, 1, 16],
      "blocks.0.0.conv_pw.weight": [1, 1, 16, 16],
      "blocks.0.0.bn2.weight": [16],
      "blocks.1.1.conv_pw.weight": [1, 1, 24, 72],
      "blocks.2.0.se.conv_reduce.weight": [1, 1, 72, 24],
      "blocks.2.0.se.conv_expand.bias": [72],
      "blocks.2.0.conv_dw.weight": [5, 5, 1, 72],
      "blocks.3.1.conv_pw.weight": [1, 1, 80, 200],
      "blocks.3.2.conv_pw.weight": [1, 1, 80, 184],
      "blocks.4.0.se.conv_reduce.bias": [120],
      "blocks.5.2.conv_pwl.weight": [1, 1, 960, 160],
      "blocks.5.2.bn3.running_mean": [160],
      "blocks.6.0.conv.weight": [1, 1, 160, 960],
      "blocks.6.0.bn1.weight": [960],
    });
    expect(Object.keys(shapes)).toHaveLength(262);
    expect(shapes["blocks.3.0.se.conv_reduce.weight"]).toBeUndefined();
    expect(classifier).toEqual([
      "conv_head.weight",
      "conv_head.bias",
      "classifier.weight",
      "classifier.bias",
    ]);
    expect([channels, stride]).toEqual([960, 32]);
  });

  it.each([
    ["mobilenetv3_small_050", [16, 8, 16, 24, 288], 1024, 1593224],
    ["mobilenetv3_small_075", [16, 16, 24, 40, 432], 1024, 2041872],
    ["mobilenetv3_small_100", [16, 16, 24, 48, 576], 1024, 2542856],
    ["mobilenetv3_large_075", [16, 24, 32, 88, 720], 1280, 3993528],
    ["mobilenetv3_large_100", [16, 24, 40, 112, 960], 1280, 5483032],
  ] as const)("has timm's channels and number of weights: %s", (name, channels, head, count) => {
    const backbone = createMobileNetV3(name);
    expect(backbone.levels).toEqual(channels.map((c, i) => ({ channels: c, stride: 2 ** (i + 1) })));
    const weights = Object.entries(backbone.shapes).filter(([key]) => !key.includes(".running_"));
    const sum = weights.reduce((total, [, shape]) => total + sizeOf(shape), 0);
    expect(sum + head * (backbone.channels + 1) + 1000 * (head + 1)).toBe(count);
  });

  it("keeps its stem of 16 channels when it is narrow, and rounds all others to multiples of 8", () => {
    const { shapes } = createMobileNetV3("mobilenetv3_small_100", { width: 0.25 });
    expect(shapes["conv_stem.weight"]).toEqual([3, 3, 3, 16]);
    expect(shapes["blocks.0.0.conv_pw.weight"]).toEqual([1, 1, 16, 8]);
    expect(shapes["blocks.1.0.conv_pw.weight"]).toEqual([1, 1, 8, 40]);
    expect(shapes["blocks.5.0.conv.weight"]).toEqual([1, 1, 24, 144]);
  });

  it("gives maps whose sizes are rounded up", () => {
    const backbone = createMobileNetV3("mobilenetv3_small_050");
    tf.tidy(() => {
      const arrays = Object.entries(backbone.initialize({ seed: 1 }));
      const parameters = arrays.map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]);
      const { levels, features } = backbone.apply(Object.fromEntries(parameters), tf.zeros([2, 40, 70, 3]));
      expect(levels.map(({ shape }) => shape)).toEqual([
        [2, 20, 35, 16],
        [2, 10, 18, 8],
        [2, 5, 9, 16],
        [2, 3, 5, 24],
        [2, 2, 3, 288],
      ]);
      expect(features).toBe(levels.at(-1));
    });
  });

  it("draws filters with variance 2 / (height · width · out / groups), biases zero", () => {
    const arrays = createMobileNetV3("mobilenetv3_large_100").initialize({ seed: 7 });
    const power = (name: string) =>
      arrays[name]!.data.reduce((sum, value) => sum + value ** 2, 0) / arrays[name]!.data.length;
    expect(power("blocks.5.1.conv_dw.weight") / (2 / 25)).toBeCloseTo(1, 1);
    expect(power("blocks.5.1.conv_pw.weight") / (2 / 960)).toBeCloseTo(1, 1);
    expect(new Set(arrays["blocks.5.1.se.conv_expand.bias"]!.data)).toEqual(new Set([0]));
    expect(new Set(arrays["blocks.6.0.bn1.weight"]!.data)).toEqual(new Set([1]));
  });

  it("refuses a name it does not know", () => {
    expect(() => createMobileNetV3("mobilenetv3_large_050" as MobileNetV3Name)).toThrow(
      new RangeError(
        `createMobileNetV3: expected \`name\` to be one of ${Object.keys(mobilenetV3Variants).join(", ")}, got mobilenetv3_large_050`,
      ),
    );
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a width of %s", (width) => {
    expect(() => createMobileNetV3("mobilenetv3_small_100", { width })).toThrow(
      new RangeError(`createMobileNetV3: expected \`width\` to be a finite number above 0, got ${width}`),
    );
  });
});
