import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-layers";
import { type Backbone, createResNeSt, type ResNeStName } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

function drawn(backbone: Backbone): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(backbone.initialize({ seed: 1 })).map(([name, { shape, data }]) => [
      name,
      tf.tensor(data, [...shape]),
    ]),
  );
}

describe("a ResNeSt", () => {
  it("has the authors' names and shapes", () => {
    const { shapes, classifier, channels, stride, levels } = createResNeSt("resnest101");
    expect(shapes).toMatchObject({
      "conv1.0.weight": [3, 3, 3, 64],
      "conv1.1.running_mean": [64],
      "conv1.3.weight": [3, 3, 64, 64],
      "conv1.6.weight": [3, 3, 64, 128],
      "bn1.weight": [128],
      "layer1.0.conv1.weight": [1, 1, 128, 64],
      "layer1.0.conv2.conv.weight": [3, 3, 32, 128],
      "layer1.0.conv2.bn0.weight": [128],
      "layer1.0.conv2.fc1.weight": [1, 1, 64, 32],
      "layer1.0.conv2.fc1.bias": [32],
      "layer1.0.conv2.bn1.running_var": [32],
      "layer1.0.conv2.fc2.weight": [1, 1, 32, 128],
      "layer1.0.conv2.fc2.bias": [128],
      "layer1.0.downsample.1.weight": [1, 1, 128, 256],
      "layer1.0.downsample.2.weight": [256],
      "layer4.2.conv3.weight": [1, 1, 512, 2048],
    });
    expect(shapes["layer1.1.downsample.1.weight"]).toBeUndefined();
    expect(classifier).toEqual(["fc.weight", "fc.bias"]);
    expect([channels, stride]).toEqual([2048, 32]);
    expect(levels).toEqual([
      { channels: 256, stride: 4 },
      { channels: 512, stride: 8 },
      { channels: 1024, stride: 16 },
      { channels: 2048, stride: 32 },
    ]);
  });

  it("has as many blocks as its depths say", () => {
    const { shapes, channels } = createResNeSt("resnest101", { width: 4, depths: [1, 1, 2, 1] });
    const blocks = Object.keys(shapes).filter((name) => name.endsWith(".conv3.weight"));
    expect(blocks).toEqual(
      ["layer1.0", "layer2.0", "layer3.0", "layer3.1", "layer4.0"].map((block) => `${block}.conv3.weight`),
    );
    expect(channels).toBe(128);
    expect(() => createResNeSt("resnest50", { depths: [1, 2, 3] })).toThrow(
      new RangeError("createResNeSt: expected `depths` to be 4 whole numbers above 0, got [1, 2, 3]"),
    );
  });

  it("keeps the last map as fine as the one before with lastStride 1, with the same weights", () => {
    const coarse = createResNeSt("resnest50", { width: 4 });
    const fine = createResNeSt("resnest50", { width: 4, lastStride: 1 });
    expect(fine.shapes).toEqual(coarse.shapes);
    expect(fine.stride).toBe(16);
    tf.tidy(() => {
      const parameters = drawn(fine);
      const images = tf.randomUniform([1, 40, 72, 3], -1, 1, "float32", 5) as tf.Tensor4D;
      const sides = (backbone: Backbone) =>
        backbone.apply(parameters, images).levels.map(({ shape }) => shape.slice(1, 3));
      expect(sides(fine)).toEqual([
        [10, 18],
        [5, 9],
        [3, 5],
        [3, 5],
      ]);
      expect(sides(coarse).at(-1)).toEqual([2, 3]);
    });
  });

  it("draws filters as the authors do, and biases as PyTorch does by itself", () => {
    const arrays = createResNeSt("resnest50", { width: 16 }).initialize({ seed: 7 });
    const power = (name: string) =>
      arrays[name]!.data.reduce((sum, value) => sum + value ** 2, 0) / arrays[name]!.data.length;
    expect(power("layer4.0.conv2.conv.weight") / (2 / (9 * 256))).toBeCloseTo(1, 1);
    expect(power("layer4.0.conv2.fc1.weight") / (2 / 64)).toBeCloseTo(1, 1);
    const largest = (name: string) => arrays[name]!.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(largest("layer4.0.conv2.fc2.bias") * Math.sqrt(64)).toBeGreaterThan(0.95);
    expect(largest("layer4.0.conv2.fc2.bias") * Math.sqrt(64)).toBeLessThanOrEqual(1.000001);
    expect(largest("layer4.0.conv2.bn0.bias")).toBe(0);
  });

  it("scales with its width, but for the least channels of its attention", () => {
    const { channels, shapes } = createResNeSt("resnest50", { width: 4 });
    expect(channels).toBe(128);
    expect(shapes).toMatchObject({
      "conv1.0.weight": [3, 3, 3, 2],
      "bn1.weight": [4],
      "layer4.0.conv2.conv.weight": [3, 3, 16, 64],
      "layer4.0.conv2.fc1.weight": [1, 1, 32, 32],
    });
  });

  it.each([
    [3, "a multiple of 2 for resnest50"],
    [0, "a whole number above 0"],
    [1.5, "a whole number above 0"],
  ])("refuses a width of %s", (width, expected) => {
    expect(() => createResNeSt("resnest50", { width })).toThrow(
      new RangeError(`createResNeSt: expected \`width\` to be ${expected}, got ${width}`),
    );
  });

  it("refuses a name it does not know, and another last stride", () => {
    expect(() => createResNeSt("resnest14" as ResNeStName)).toThrow(
      new RangeError(
        "createResNeSt: expected `name` to be one of resnest50, resnest101, resnest200, resnest269, got resnest14",
      ),
    );
    expect(() => createResNeSt("resnest50", { lastStride: 4 as 2 })).toThrow(
      new RangeError("createResNeSt: expected `lastStride` to be 1 or 2, got 4"),
    );
  });

  it("refuses the statistics of one image, of which split attention has one mean each", () => {
    const backbone = createResNeSt("resnest50", { width: 4 });
    tf.tidy(() => {
      expect(() => backbone.apply(drawn(backbone), tf.zeros([1, 64, 64, 3]), { training: true })).toThrow(
        new RangeError(
          'batchNorm: expected `layer1.0.conv2.bn1` to see more than one value per channel, got 1; use a larger batch or batchNorm: "running"',
        ),
      );
    });
  });
});
