import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { type Backbone, createResNet, type ResNetName } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

/** Learned values, without running statistics. */
const parametersOf = ({ shapes }: Backbone): number =>
  Object.entries(shapes).reduce((sum, [name, shape]) => sum + (/running_/.test(name) ? 0 : sizeOf(shape)), 0);

function drawn(backbone: Backbone): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(backbone.initialize({ seed: 1 })).map(([name, { shape, data }]) => [
      name,
      tf.tensor(data, [...shape]),
    ]),
  );
}

/** Heights and widths of the maps. */
function sides(backbone: Backbone, height: number, width = height): readonly (readonly number[])[] {
  return tf.tidy(() => {
    const parameters = Object.fromEntries(
      Object.entries(backbone.shapes).map(([name, shape]) => [name, tf.zeros([...shape])]),
    );
    const { levels } = backbone.apply(parameters, tf.zeros([1, height, width, 3]));
    return levels.map(({ shape }) => shape.slice(1, 3));
  });
}

describe("the variants of ResNet", () => {
  // Counted in IBN-Net and pretrainedmodels, without their classifiers.
  it.each([
    ["resnet18_ibn_a", 11_176_512],
    ["se_resnet101_ibn_a", 47_243_328],
    ["se_resnext101_32x4d", 46_906_416],
  ] as const)("has as many parameters as the reference: %s", (name, count) => {
    expect(parametersOf(createResNet(name))).toBe(count);
  });

  it("names the parts of IBN-a as IBN-Net does, in the first three stages", () => {
    const { shapes } = createResNet("resnet50_ibn_a");
    expect(shapes).toMatchObject({
      "layer1.0.bn1.IN.weight": [32],
      "layer1.0.bn1.IN.bias": [32],
      "layer1.0.bn1.BN.running_var": [32],
      "layer3.5.bn1.IN.weight": [128],
      "layer4.0.bn1.weight": [512],
    });
    expect(Object.keys(shapes).filter((name) => /^layer4.*IN/.test(name))).toEqual([]);
    expect(shapes["layer1.0.bn1.IN.running_mean"]).toBeUndefined();
  });

  it("can be shallower than published", () => {
    const shallow = createResNet("se_resnext101_32x4d", { width: 16, depths: [1, 1, 2, 1] });
    const blocks = new Set(
      Object.keys(shallow.shapes).flatMap((name) => name.match(/^layer[1-4]\.\d+/) ?? []),
    );
    expect([...blocks]).toEqual(["layer1.0", "layer2.0", "layer3.0", "layer3.1", "layer4.0"]);
    expect(shallow.levels).toEqual(createResNet("se_resnext101_32x4d", { width: 16 }).levels);
    expect(() => createResNet("resnet18", { depths: [2, 2, 2] })).toThrow(
      new RangeError("createResNet: expected `depths` to be 4 whole numbers above 0, got [2, 2, 2]"),
    );
  });

  it("groups a ResNeXt's 3 × 3 convolutions", () => {
    expect(createResNet("resnext101_32x4d").shapes["layer1.0.conv2.weight"]).toEqual([3, 3, 4, 128]);
    expect(createResNet("resnext101_32x8d").shapes["layer4.2.conv2.weight"]).toEqual([3, 3, 64, 2048]);
    expect(createResNet("resnext101_ibn_a", { width: 16 }).shapes).toMatchObject({
      "layer1.0.bn1.IN.weight": [16],
      "layer2.0.conv2.weight": [3, 3, 2, 64],
    });
  });

  it("names squeeze and excitation as each reference does", () => {
    const linear = createResNet("se_resnet101_ibn_a");
    expect(linear.shapes).toMatchObject({
      "layer1.0.se.fc.0.weight": [16, 256],
      "layer1.0.se.fc.2.weight": [256, 16],
    });
    expect(linear.shapes["layer1.0.se.fc.0.bias"]).toBeUndefined();
    expect(linear.classifier).toEqual(["fc.weight", "fc.bias"]);
    const convolutions = createResNet("se_resnext101_32x4d");
    expect(convolutions.shapes).toMatchObject({
      "layer0.conv1.weight": [7, 7, 3, 64],
      "layer0.bn1.weight": [64],
      "layer4.2.se_module.fc1.weight": [1, 1, 2048, 128],
      "layer4.2.se_module.fc1.bias": [128],
      "layer4.2.se_module.fc2.bias": [2048],
    });
    expect(convolutions.classifier).toEqual(["last_linear.weight", "last_linear.bias"]);
  });

  it("pools without padding in pretrainedmodels' stem, and a last window that is not full counts", () => {
    const first = (backbone: Backbone) => sides(backbone, 34, 36)[0];
    expect(first(createResNet("se_resnext101_32x4d", { width: 16 }))).toEqual([8, 9]);
    expect(first(createResNet("resnet18", { width: 2 }))).toEqual([9, 9]);
  });

  it("draws linear layers of squeeze and excitation as PyTorch does by itself", () => {
    const arrays = createResNet("se_resnet101_ibn_a", { width: 16 }).initialize({ seed: 3 });
    const largest = (name: string) => arrays[name]!.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(largest("layer4.0.se.fc.0.weight")).toBeGreaterThan(0.99 / Math.sqrt(512));
    expect(largest("layer4.0.se.fc.0.weight")).toBeLessThanOrEqual(1 / Math.sqrt(512));
    expect(largest("layer4.0.se.fc.2.weight")).toBeGreaterThan(0.99 / Math.sqrt(32));
    expect(largest("layer4.0.conv2.weight")).toBeGreaterThan(3 * Math.sqrt(2 / (9 * 128)));
  });

  it("draws everything in pretrainedmodels' network as PyTorch does by itself", () => {
    const arrays = createResNet("se_resnext101_32x4d", { width: 16 }).initialize({ seed: 3 });
    // Filters of 8 channels each, biases by the 512 and 32 channels that they are added to the sums of.
    for (const [name, seen] of [
      ["layer4.0.conv2.weight", 9 * 8],
      ["layer4.0.se_module.fc1.bias", 512],
      ["layer4.0.se_module.fc2.bias", 32],
    ] as const) {
      const largest = arrays[name]!.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      expect(largest * Math.sqrt(seen), name).toBeGreaterThan(0.8);
      expect(largest * Math.sqrt(seen), name).toBeLessThanOrEqual(1.000001);
    }
    expect(new Set(arrays["layer4.0.bn3.weight"]!.data)).toEqual(new Set([1]));
  });
});

describe("lastStride", () => {
  it("keeps the last map as fine as the one before, with the same weights", () => {
    const coarse = createResNet("resnet18", { width: 2 });
    const fine = createResNet("resnet18", { width: 2, lastStride: 1 });
    expect(fine.shapes).toEqual(coarse.shapes);
    expect(fine.stride).toBe(16);
    expect(fine.levels.map(({ stride }) => stride)).toEqual([4, 8, 16, 16]);
    expect(coarse.levels.map(({ stride }) => stride)).toEqual([4, 8, 16, 32]);
    expect(sides(fine, 64, 33)).toEqual([
      [16, 9],
      [8, 5],
      [4, 3],
      [4, 3],
    ]);
    expect(sides(coarse, 64, 33).at(-1)).toEqual([2, 2]);
  });

  it.each([0, 3, 1.5])("refuses %s", (lastStride) => {
    expect(() => createResNet("resnet18", { lastStride: lastStride as 1 })).toThrow(
      new RangeError(`createResNet: expected \`lastStride\` to be 1 or 2, got ${lastStride}`),
    );
  });
});

describe("the average shortcut", () => {
  it("has another name in the blocks that stride, and only in them", () => {
    const names = (options: Parameters<typeof createResNet>[1]) =>
      Object.keys(createResNet("resnet50", options).shapes).filter((name) =>
        /downsample.*\.weight/.test(name),
      );
    const average = ["layer2", "layer3"].flatMap((stage) => [
      `${stage}.0.downsample.1.weight`,
      `${stage}.0.downsample.2.weight`,
    ]);
    const plain = (stage: string) => [`${stage}.0.downsample.0.weight`, `${stage}.0.downsample.1.weight`];
    expect(names({ shortcut: "average", lastStride: 1 })).toEqual([
      ...plain("layer1"),
      ...average,
      ...plain("layer4"),
    ]);
    expect(names({ shortcut: "average" }).slice(-2)).toEqual([
      "layer4.0.downsample.1.weight",
      "layer4.0.downsample.2.weight",
    ]);
    expect(names({})).toEqual(["layer1", "layer2", "layer3", "layer4"].flatMap(plain));
  });

  it("averages what there is at the end of an odd side, and its gradient goes there", () => {
    // A stem that gives ones, blocks without branches and shortcuts that add channels: 1, 1, 1 · 2, 2 · 4.
    const backbone = createResNet("resnet18", { width: 1, shortcut: "average" });
    const values = (name: string): number => {
      if (name === "bn1.bias") return 1;
      return name === "bn1.weight" || /bn2\.weight|bias|running_mean/.test(name) ? 0 : 1;
    };
    tf.tidy(() => {
      const parameters = Object.fromEntries(
        Object.entries(backbone.shapes).map(([name, shape]) => [name, tf.fill([...shape], values(name))]),
      );
      const images = tf.zeros([1, 33, 33, 3]) as tf.Tensor4D;
      const { value, grad } = tf.valueAndGrad((bias: tf.Tensor) => {
        const { features } = backbone.apply({ ...parameters, "bn1.bias": bias }, images);
        expect(features.shape).toEqual([1, 2, 2, 8]);
        for (const each of features.dataSync()) expect(each).toBeCloseTo(8, 3);
        return tf.sum(features);
      })(parameters["bn1.bias"]!);
      expect(value.dataSync()[0]).toBeCloseTo(4 * 8 * 8, 1);
      expect(grad.dataSync()[0]).toBeCloseTo(4 * 8 * 8, 1);
    });
  });

  it("refuses another shortcut", () => {
    expect(() => createResNet("resnet50", { shortcut: "max" as "average" })).toThrow(
      new RangeError("createResNet: expected `shortcut` to be one of convolution, average, got max"),
    );
  });
});

describe("width", () => {
  it.each([
    ["resnet50_ibn_a", 2, 3],
    ["se_resnet101_ibn_a", 4, 6],
    ["resnext101_32x4d", 16, 8],
    ["resnext101_32x8d", 8, 12],
    ["se_resnext101_32x4d", 16, 24],
  ] as const)("is refused if %s cannot be divided: a multiple of %s, not %s", (name, step, width) => {
    expect(() => createResNet(name, { width })).toThrow(
      new RangeError(
        `createResNet: expected \`width\` to be a multiple of ${step} for ${name}, got ${width}`,
      ),
    );
    const { shapes } = createResNet(name, { width: step });
    for (const shape of Object.values(shapes)) {
      expect(shape.every((side) => Number.isInteger(side) && side > 0)).toBe(true);
    }
  });
});

describe("IBN-a", () => {
  const names: readonly ResNetName[] = ["resnet18_ibn_a"];

  it.each(names)("normalizes each image by itself, in training too: %s", (name) => {
    const backbone = createResNet(name, { width: 4 });
    tf.tidy(() => {
      const parameters = drawn(backbone);
      // The stem's own batch norm uses the running statistics here, as do those beside the instance norms.
      const one = tf.randomUniform([1, 32, 32, 3], -1, 1, "float32", 5) as tf.Tensor4D;
      const two = tf.concat([one, tf.mul(one, 3)]) as tf.Tensor4D;
      const options = { training: true, batchNorm: "running" } as const;
      const alone = backbone.apply(parameters, one, options).features.dataSync();
      const together = tf.slice(backbone.apply(parameters, two, options).features, [0], [1]).dataSync();
      for (const [i, value] of alone.entries()) expect(together[i]).toBeCloseTo(value, 5);
    });
  });

  it("refuses the statistics of a single pixel", () => {
    const backbone = createResNet("resnet18_ibn_a", { width: 4 });
    tf.tidy(() => {
      expect(() => backbone.apply(drawn(backbone), tf.zeros([2, 8, 8, 3]))).toThrow(
        new RangeError(
          "instanceNorm: expected `layer2.0.bn1.IN` to see more than one value per channel, got 1; use larger images",
        ),
      );
    });
  });
});
