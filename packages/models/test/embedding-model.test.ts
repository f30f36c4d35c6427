import "@tensorflow/tfjs-backend-cpu";
import { createEmbeddingModel, createResNet, type EmbeddingModel, type NamedArrays } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const backbone = createResNet("resnet18", { width: 2 });

const tensorsOf = (arrays: NamedArrays): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );

const deviationOf = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

describe("createEmbeddingModel", () => {
  it("adds the neck's parameters behind the backbone's, 512 wide unless told otherwise", () => {
    const model = createEmbeddingModel({ backbone: createResNet("resnet101") });
    expect(model.dimension).toBe(512);
    expect(Object.entries(model.shapes).slice(-6)).toEqual([
      ["neck.fc.weight", [512, 2048]],
      ["neck.fc.bias", [512]],
      ["neck.bn.weight", [512]],
      ["neck.bn.bias", [512]],
      ["neck.bn.running_mean", [512]],
      ["neck.bn.running_var", [512]],
    ]);
    expect(Object.keys(model.shapes).slice(0, -6)).toEqual(Object.keys(createResNet("resnet101").shapes));
  });

  it("initializes every parameter in its shape, the linear layer with variance 2 / (in + out)", () => {
    const model = createEmbeddingModel({ backbone, dimension: 400, learnablePower: true, poolingPower: 2 });
    const arrays = model.initialize({ seed: 5 });
    expect(Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape]))).toEqual(
      model.shapes,
    );
    for (const { shape, data } of Object.values(arrays)) {
      expect(data).toHaveLength(shape.reduce((product, side) => product * side, 1));
    }
    expect(deviationOf(arrays["neck.fc.weight"]!.data)).toBeCloseTo(Math.sqrt(2 / 416), 2);
    expect(new Set(arrays["neck.fc.bias"]!.data)).toEqual(new Set([0]));
    expect([...arrays["pooling.p"]!.data]).toEqual([2]);
  });

  it("pools with a fixed power of 3, or with the parameter", () => {
    const images = tf.ones([1, 64, 64, 3]) as tf.Tensor4D;
    const fixed = createEmbeddingModel({ backbone, dimension: 4 });
    const learned = createEmbeddingModel({ backbone, dimension: 4, learnablePower: true });
    const parameters = tensorsOf(learned.initialize({ seed: 2 }));
    const run = (model: EmbeddingModel, power: number): number[] => [
      ...model.apply({ ...parameters, "pooling.p": tf.tensor1d([power]) }, images).embedding.dataSync(),
    ];
    expect(run(fixed, 9)).toEqual(run(fixed, 3));
    expect(run(learned, 3)).toEqual(run(fixed, 3).map((value) => expect.closeTo(value, 5)));
    expect(run(learned, 9)).not.toEqual(run(learned, 3));
  });

  it("normalizes with the batch in training unless batch norm is frozen", () => {
    const model = createEmbeddingModel({ backbone, dimension: 4 });
    const parameters = tensorsOf(model.initialize({ seed: 2 }));
    const images = tf.randomUniform([3, 64, 64, 3], -1, 1, "float32", 4) as tf.Tensor4D;
    const { embedding, statistics } = model.apply(parameters, images, { training: true });
    const means = tf.mean(embedding, 0).dataSync();
    expect([...means]).toEqual([0, 0, 0, 0].map((value) => expect.closeTo(value, 4)));
    const running = Object.keys(model.shapes).filter((name) => name.includes(".running_"));
    expect(Object.keys(statistics).sort()).toEqual(running.sort());

    const frozen = model.apply(parameters, images, { training: true, batchNorm: "running" });
    expect(frozen.statistics).toEqual({});
    const inference = model.apply(parameters, images);
    expect([...frozen.embedding.dataSync()]).toEqual([...inference.embedding.dataSync()]);
  });

  it("leaves no tensor behind but its results", () => {
    const model = createEmbeddingModel({ backbone, dimension: 4 });
    const parameters = tensorsOf(model.initialize({ seed: 2 }));
    const images = tf.ones([2, 64, 64, 3]) as tf.Tensor4D;
    const before = tf.memory().numTensors;
    const { embedding, statistics } = model.apply(parameters, images, { training: true });
    expect(tf.memory().numTensors).toBe(before + 1 + Object.keys(statistics).length);
    tf.dispose([embedding, statistics]);
  });

  it("refuses dimensions and powers out of range, and parameters without a neck", () => {
    for (const dimension of [0, -1, 1.5, Number.NaN]) {
      expect(() => createEmbeddingModel({ backbone, dimension })).toThrow(
        new RangeError(
          `createEmbeddingModel: expected \`dimension\` to be a whole number above 0, got ${dimension}`,
        ),
      );
    }
    expect(() => createEmbeddingModel({ backbone, poolingPower: 0 })).toThrow(
      new RangeError("createEmbeddingModel: expected `poolingPower` to be a finite number above 0, got 0"),
    );
    const model = createEmbeddingModel({ backbone, dimension: 4 });
    const parameters = tensorsOf(backbone.initialize({ seed: 1 }));
    expect(() => model.apply(parameters, tf.ones([1, 32, 32, 3]))).toThrow(
      new RangeError("resnet18: expected `parameters` to have neck.fc.weight of shape [4,16], got none"),
    );
  });
});
