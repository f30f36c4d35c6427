import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import {
  type Backbone,
  createEmbeddingModel,
  createResNet,
  type EmbeddingModel,
  fromReferenceLayout,
  type NamedArrays,
  type Parameters,
  type ResNetName,
  resnetVariants,
  toReferenceLayout,
} from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  crc32,
  type Digest,
  type Golden,
  hashedUniform,
  readGoldens,
  referenceWeights,
} from "./reference-values.ts";

const { goldens, shapes: goldenShapes } = readGoldens();

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Shapes as PyTorch has them. */
function referenceShapes(shapes: Backbone["shapes"]): Record<string, readonly number[]> {
  const empty = Object.entries(shapes).map(([name, shape]) => [name, { shape, data: new Float32Array() }]);
  const arrays: NamedArrays = toReferenceLayout(Object.fromEntries(empty));
  return Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape]));
}

function tensorsOf(arrays: NamedArrays): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );
}

const goldenParameters = ({ shapes }: Pick<Backbone, "shapes">): Record<string, tf.Tensor> =>
  tensorsOf(fromReferenceLayout(referenceWeights(referenceShapes(shapes))));

/** Noise, each image with a tint of its own. */
function goldenImages({ batch, size }: Golden): tf.Tensor4D {
  const noise = tf.tensor4d(hashedUniform("images", batch * size * size * 3, 2), [batch, size, size, 3]);
  return tf.add(noise, tf.tensor4d(hashedUniform("tints", batch * 3, 2), [batch, 1, 1, 3]));
}

/** Compares with a digest, relative to its root mean square. */
function expectDigest(actual: tf.Tensor, golden: Digest, tolerance = 1e-4): void {
  const data = actual.dataSync() as Float32Array;
  expect(actual.shape).toEqual(golden.shape);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const rms = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
  const errors = golden.values.map((value, i) => Math.abs(data[i * golden.every]! - value));
  expect(Math.max(...errors) / golden.rms).toBeLessThan(tolerance);
  expect(Math.abs(mean - golden.mean) / golden.rms).toBeLessThan(tolerance);
  expect(Math.abs(rms / golden.rms - 1)).toBeLessThan(tolerance);
}

function expectStatistics(statistics: Parameters, golden: Golden): void {
  for (const [name, digest] of Object.entries(golden.statistics!)) expectDigest(statistics[name]!, digest);
}

describe("a ResNet", () => {
  it.each(Object.keys(resnetVariants) as ResNetName[])("has torchvision's names and shapes: %s", (name) => {
    const shapes = referenceShapes(createResNet(name).shapes);
    const values = Object.values(shapes).map((shape) => shape.reduce((product, side) => product * side, 1));
    const json = JSON.stringify(shapes);
    expect({
      names: values.length,
      values: values.reduce((sum, size) => sum + size, 0),
      crc32: crc32(json),
    }).toEqual(goldenShapes[name]);
  });

  it.each(["resnet18", "resnet50"] as const)("gives torchvision's features: %s", (name) => {
    const golden = goldens[`${name}.eval`]!;
    const backbone = createResNet(name);
    tf.tidy(() => {
      const { features, statistics } = backbone.apply(goldenParameters(backbone), goldenImages(golden));
      expectDigest(features, golden.output);
      expect(statistics).toEqual({});
    });
  });

  it("gives torchvision's features and running statistics in training: resnet18", () => {
    const golden = goldens["resnet18.train"]!;
    const backbone = createResNet("resnet18");
    tf.tidy(() => {
      const parameters = goldenParameters(backbone);
      const { features, statistics } = backbone.apply(parameters, goldenImages(golden), { training: true });
      expectDigest(features, golden.output);
      expectStatistics(statistics, golden);
      expect(Object.keys(statistics)).toHaveLength(40);
    });
  });

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
        "createResNet: expected `name` to be one of resnet18, resnet34, resnet50, resnet101, resnet152, got resnet19",
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

const narrow = (name: ResNetName): EmbeddingModel =>
  createEmbeddingModel({
    backbone: createResNet(name, { width: 8 }),
    dimension: 16,
    learnablePower: true,
  });

describe("embeddings", () => {
  it("are PyTorch's without training: resnet18", () => {
    const golden = goldens["resnet18-width8-gem-16.eval"]!;
    const model = narrow("resnet18");
    tf.tidy(() => {
      expectDigest(model.apply(goldenParameters(model), goldenImages(golden)).embedding, golden.output);
    });
  });

  it("are PyTorch's in training: resnet50", () => {
    const golden = goldens["resnet50-width8-gem-16.train"]!;
    const model = narrow("resnet50");
    tf.tidy(() => {
      const parameters = goldenParameters(model);
      const { embedding, statistics } = model.apply(parameters, goldenImages(golden), { training: true });
      // The neck's batch norm divides by small deviations here: PyTorch's own float32 is 2.7e-4 from its float64.
      expectDigest(embedding, golden.output, 5e-4);
      expectStatistics(statistics, golden);
    });
  });
});

describe("gradients", () => {
  it.each([
    ["resnet18", "train"],
    ["resnet18", "frozen"],
    ["resnet50", "frozen"],
  ] as const)("are PyTorch's: %s, %s", (name, mode) => {
    const golden = goldens[`${name}-width8-gem-16.${mode}`]!;
    const model = narrow(name);
    tf.tidy(() => {
      const parameters = goldenParameters(model);
      const images = goldenImages(golden);
      const names = Object.keys(golden.gradients!);
      let output: tf.Tensor2D | undefined;
      const gradients = tf.grads((...moving: tf.Tensor[]) => {
        const current = { ...parameters, ...Object.fromEntries(names.map((key, i) => [key, moving[i]!])) };
        const result = model.apply(current, images, {
          training: true,
          batchNorm: mode === "train" ? "batch" : "running",
        });
        output = tf.keep(result.embedding);
        if (golden.statistics) expectStatistics(result.statistics, golden);
        const direction = tf.tensor2d(hashedUniform("direction", output.size), output.shape);
        return tf.mean(tf.mul(output, direction));
      })(names.map((key) => parameters[key]!));
      expectDigest(output!, golden.output);
      output!.dispose();
      for (const [i, key] of names.entries()) {
        const norm = Math.sqrt(
          (gradients[i]!.dataSync() as Float32Array).reduce((sum, value) => sum + value ** 2, 0),
        );
        expect(Math.abs(norm / golden.gradients![key]!.norm - 1), key).toBeLessThan(2e-4);
      }
    });
  });
});
