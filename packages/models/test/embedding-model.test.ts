import "@tensorflow/tfjs-backend-cpu";
import {
  averageMax,
  type Backbone,
  concatenated,
  createEmbeddingModel,
  createFishNet,
  createResNet,
  type EmbeddingModel,
  fcNeck,
  gem,
  linearNeck,
  mac,
  type NamedArrays,
  optionNeck,
  spoc,
} from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const backbone = createResNet("resnet18", { width: 2 });
const neck = linearNeck({ dimension: 4 });

const tensorsOf = (arrays: NamedArrays): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );

const namesBehind = (model: EmbeddingModel, { shapes }: Backbone): string[] =>
  Object.keys(model.shapes).slice(Object.keys(shapes).length);

describe("createEmbeddingModel", () => {
  it("is the 2019 model unless told otherwise: GeM, a linear layer to 512, batch norm", () => {
    const model = createEmbeddingModel({ backbone: createResNet("resnet101") });
    expect(model.dimension).toBe(512);
    expect(model.frozen).toEqual([]);
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

  it("initializes every parameter in its shape", () => {
    const pooling = gem({ power: 2, learnable: true });
    const model = createEmbeddingModel({ backbone, pooling, neck: optionNeck("D", { dimension: 7 }) });
    const arrays = model.initialize({ seed: 5 });
    expect(Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape]))).toEqual(
      model.shapes,
    );
    for (const { shape, data } of Object.values(arrays)) {
      expect(data).toHaveLength(shape.reduce((product, side) => product * side, 1));
    }
    expect([...arrays["pooling.p"]!.data]).toEqual([2]);
    expect([...arrays["neck.2.weight"]!.data]).toEqual([0.25]);
  });

  it("pools with a fixed power of 3, or with the parameter", () => {
    const images = tf.ones([1, 64, 64, 3]) as tf.Tensor4D;
    const fixed = createEmbeddingModel({ backbone, neck });
    const learned = createEmbeddingModel({ backbone, neck, pooling: gem({ learnable: true }) });
    const parameters = tensorsOf(learned.initialize({ seed: 2 }));
    const run = (model: EmbeddingModel, power: number): number[] => [
      ...model.apply({ ...parameters, "pooling.p": tf.tensor1d([power]) }, images).embedding.dataSync(),
    ];
    expect(run(fixed, 9)).toEqual(run(fixed, 3));
    expect(run(learned, 3)).toEqual(run(fixed, 3).map((value) => expect.closeTo(value, 5)));
    expect(run(learned, 9)).not.toEqual(run(learned, 3));
  });

  it("gives the pooled vector without a neck", () => {
    const model = createEmbeddingModel({ backbone, pooling: averageMax(), neck: null });
    expect(model.dimension).toBe(16);
    expect(model.shapes).toEqual(backbone.shapes);
    tf.tidy(() => {
      const parameters = tensorsOf(model.initialize({ seed: 2 }));
      const images = tf.randomUniform([2, 64, 64, 3], -1, 1, "float32", 4) as tf.Tensor4D;
      const { features } = backbone.apply(parameters, images);
      const expected = tf.add(tf.mean(features, [1, 2]), tf.max(features, [1, 2]));
      expect([...model.apply(parameters, images).embedding.dataSync()]).toEqual([...expected.dataSync()]);
    });
  });

  it("pools several levels, one after another, and leaves out those that are null", () => {
    const learned = gem({ learnable: true });
    const pooling = [learned, null, concatenated([spoc(), learned]), mac()];
    const model = createEmbeddingModel({ backbone, pooling, neck: null });
    expect(model.dimension).toBe(2 + 2 * 8 + 16);
    expect(namesBehind(model, backbone)).toEqual(["pooling.0.p", "pooling.2.1.p"]);
    tf.tidy(() => {
      const parameters = tensorsOf(model.initialize({ seed: 2 }));
      const images = tf.randomUniform([2, 64, 64, 3], -1, 1, "float32", 4) as tf.Tensor4D;
      const [first, , third, last] = backbone.apply(parameters, images).levels as tf.Tensor4D[];
      const pooled = (x: tf.Tensor4D): tf.Tensor =>
        createEmbeddingModel({ backbone: fixedMap(x), neck: null }).apply({}, images).embedding;
      const parts = [pooled(first!), tf.mean(third!, [1, 2]), pooled(third!), tf.max(last!, [1, 2])];
      expect([...model.apply(parameters, images).embedding.dataSync()]).toEqual(
        [...tf.concat(parts, 1).dataSync()].map((value) => expect.closeTo(value, 5)),
      );
    });
  });

  it("has the 2019 winners' lengths with FishNet-150", () => {
    const fishnet = createFishNet("fishnet150");
    const all = [gem(), gem(), gem(), gem()];
    const more = [concatenated([spoc(), mac(), gem()]), concatenated([mac(), gem()]), gem(), gem()];
    expect(createEmbeddingModel({ backbone: fishnet, pooling: all, neck: null }).dimension).toBe(4864);
    expect(createEmbeddingModel({ backbone: fishnet, pooling: more, neck: null }).dimension).toBe(6336);
    const model = createEmbeddingModel({ backbone: fishnet, pooling: all });
    expect(model.shapes["neck.fc.weight"]).toEqual([512, 4864]);
  });

  it("says what its solution does not train", () => {
    const model = createEmbeddingModel({ backbone, neck: fcNeck({ dimension: 4 }) });
    expect(model.frozen).toEqual(["fcneck_bn.bias"]);
    expect(createEmbeddingModel({ backbone, neck: null }).frozen).toEqual([]);
  });

  it("normalizes with the batch in training unless batch norm is frozen", () => {
    const model = createEmbeddingModel({ backbone, neck });
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

  it("gives its neck the chance that training drops with", () => {
    const model = createEmbeddingModel({ backbone, neck: optionNeck("F", { dimension: 4 }) });
    const parameters = tensorsOf(model.initialize({ seed: 2 }));
    const images = tf.ones([2, 64, 64, 3]) as tf.Tensor4D;
    const asked: unknown[] = [];
    const random = (shape: readonly number[], probability: number): tf.Tensor => {
      asked.push([...shape], probability);
      return tf.ones([...shape]);
    };
    model.apply(parameters, images, { training: true, random });
    expect(asked).toEqual([[2, 16], 0.7]);
    expect(() => model.apply(parameters, images, { training: true })).toThrow(
      new RangeError(
        "optionNeck: expected `random` to draw what training drops, got none; give one, or set the rate to 0",
      ),
    );
  });

  it("leaves no tensor behind but its results", () => {
    const model = createEmbeddingModel({ backbone, pooling: [gem(), null, mac(), spoc()], neck });
    const parameters = tensorsOf(model.initialize({ seed: 2 }));
    const images = tf.ones([2, 64, 64, 3]) as tf.Tensor4D;
    const before = tf.memory().numTensors;
    const { embedding, statistics } = model.apply(parameters, images, { training: true });
    expect(tf.memory().numTensors).toBe(before + 1 + Object.keys(statistics).length);
    tf.dispose([embedding, statistics]);
  });

  it("refuses poolings that do not fit the levels, names that are taken, and parameters without a neck", () => {
    const message = (got: string): RangeError =>
      new RangeError(
        `createEmbeddingModel: expected \`pooling\` to be one pooling or one for each of 4 levels, got ${got}`,
      );
    expect(() => createEmbeddingModel({ backbone, pooling: [gem()] })).toThrow(message("1"));
    expect(() => createEmbeddingModel({ backbone, pooling: [null, null, null, null] })).toThrow(
      message("none"),
    );
    const clash = linearNeck({ names: { linear: "conv1", norm: "norm" } });
    const own = gem({ learnable: true, name: "pool" });
    expect(() => createEmbeddingModel({ backbone, pooling: [own, own, null, null] })).toThrow(
      new RangeError(
        "createEmbeddingModel: expected each parameter to have a name of its own, got pool.p twice; give poolings and necks other names",
      ),
    );
    expect(() => createEmbeddingModel({ backbone, pooling: gem({ learnable: true }), neck: clash })).toThrow(
      new RangeError(
        "createEmbeddingModel: expected each parameter to have a name of its own, got conv1.weight twice; give poolings and necks other names",
      ),
    );
    const model = createEmbeddingModel({ backbone, neck });
    const parameters = tensorsOf(backbone.initialize({ seed: 1 }));
    expect(() => model.apply(parameters, tf.ones([1, 32, 32, 3]))).toThrow(
      new RangeError("resnet18: expected `parameters` to have neck.fc.weight of shape [4,16], got none"),
    );
  });
});

/** A backbone that gives one map whatever it sees. */
function fixedMap(map: tf.Tensor4D): Backbone {
  const [channels, stride] = [map.shape[3], 1];
  return {
    ...backbone,
    channels,
    stride,
    levels: [{ channels, stride }],
    shapes: {},
    apply: () => ({ features: map, levels: [map], statistics: {} }),
  };
}
