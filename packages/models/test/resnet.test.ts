import {
  createEmbeddingModel,
  createResNet,
  gem,
  linearNeck,
  type NamedArrays,
  type ResNetName,
} from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { describeAgainstGolden } from "./against-golden.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

function tensorsOf(arrays: NamedArrays): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );
}

describe("a ResNet", () => {
  it("draws filters with variance 2 / (height · width · out) and makes batch norm the identity", () => {
    const arrays = createResNet("resnet18", { width: 16 }).initialize({ seed: 7 });
    const filter = arrays["layer4.0.conv1.weight"]!;
    const power = filter.data.reduce((sum, value) => sum + value ** 2, 0) / filter.data.length;
    expect(filter.shape).toEqual([3, 3, 64, 128]);
    expect(power / (2 / (9 * 128))).toBeCloseTo(1, 1);
    expect(Math.max(...filter.data)).toBeGreaterThan(4 * Math.sqrt(power));
    for (const [part, value] of Object.entries({ weight: 1, bias: 0, running_mean: 0, running_var: 1 })) {
      expect(new Set(arrays[`bn1.${part}`]!.data)).toEqual(new Set([value]));
    }
  });

  it("draws the same weights from the same seed, and others from another", () => {
    const backbone = createResNet("resnet18", { width: 4 });
    expect(backbone.initialize({ seed: 1 })).toEqual(backbone.initialize({ seed: 1 }));
    const [one, two] = [1, 2].map((seed) => backbone.initialize({ seed })["conv1.weight"]!.data);
    expect(one).not.toEqual(two);
    expect(backbone.initialize({ seed: 1 })["layer1.0.conv1.weight"]!.data).not.toEqual(
      backbone.initialize({ seed: 1 })["layer1.0.conv2.weight"]!.data,
    );
  });

  it("rounds the size of the feature map up", () => {
    const backbone = createResNet("resnet18", { width: 2 });
    tf.tidy(() => {
      const parameters = tensorsOf(backbone.initialize({ seed: 1 }));
      for (const [size, side] of [
        [32, 1],
        [33, 2],
        [95, 3],
      ] as const) {
        const { features } = backbone.apply(parameters, tf.zeros([1, size, 32, 3]));
        expect(features.shape).toEqual([1, side, 1, 16]);
      }
    });
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses a width of %s", (width) => {
    expect(() => createResNet("resnet18", { width })).toThrow(
      new RangeError(`createResNet: expected \`width\` to be a whole number above 0, got ${width}`),
    );
  });

  it("refuses a name it does not know", () => {
    expect(() => createResNet("resnet19" as ResNetName)).toThrow(
      new RangeError(
        "createResNet: expected `name` to be one of resnet18, resnet34, resnet50, resnet101, resnet152, resnet18_ibn_a, resnet34_ibn_a, resnet50_ibn_a, resnet101_ibn_a, resnet152_ibn_a, resnext101_32x4d, resnext101_32x8d, resnext101_ibn_a, se_resnet101_ibn_a, se_resnext101_32x4d, got resnet19",
      ),
    );
  });

  it("refuses parameters that are missing or have another shape, and images that are not RGB", () => {
    const backbone = createResNet("resnet18", { width: 2 });
    const images = tf.zeros([1, 32, 32, 3]) as tf.Tensor4D;
    const parameters = tensorsOf(backbone.initialize({ seed: 1 }));
    const { "bn1.bias": _, ...rest } = parameters;
    expect(() => backbone.apply(rest, images)).toThrow(
      new RangeError("resnet18: expected `parameters` to have bn1.bias of shape [2], got none"),
    );
    expect(() => backbone.apply({ ...parameters, "bn1.bias": tf.zeros([3]) }, images)).toThrow(
      new RangeError("resnet18: expected `parameters` to have bn1.bias of shape [2], got [3]"),
    );
    expect(() => backbone.apply(parameters, tf.zeros([1, 32, 32, 4]))).toThrow(
      new RangeError("resnet18: expected `images` to have shape [N, H, W, 3], got [1,32,32,4]"),
    );
  });

  it("refuses batch statistics of a single value", () => {
    const backbone = createResNet("resnet18", { width: 2 });
    const parameters = tensorsOf(backbone.initialize({ seed: 1 }));
    expect(() => backbone.apply(parameters, tf.zeros([1, 32, 32, 3]), { training: true })).toThrow(
      new RangeError(
        'batchNorm: expected `layer4.0.bn1` to see more than one value per channel, got 1; use a larger batch or batchNorm: "running"',
      ),
    );
  });
});

describe("an embedding", () => {
  describeAgainstGolden("embedding", (variant) =>
    createEmbeddingModel({
      backbone: createResNet(variant as ResNetName, { width: 8 }),
      pooling: gem({ learnable: true }),
      neck: linearNeck({ dimension: 16 }),
    }),
  );
});
