import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { readFileSync } from "node:fs";
import {
  averageMax,
  averageMaxPooling,
  concatenated,
  createEmbeddingModel,
  createResNet,
  gem,
  generalizedMeanPooling,
  globalAveragePooling,
  globalMaxPooling,
  mac,
  type Pooling,
  regionalMaxPooling,
  rmac,
  spoc,
} from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { hashedUniform } from "./reference-values.ts";

interface PoolingGolden {
  readonly pooled: readonly number[];
  readonly norm: number;
  readonly power?: readonly number[];
}

const goldens = JSON.parse(
  readFileSync(new URL("./golden/embedding-parts.json", import.meta.url), "utf8"),
) as {
  readonly poolings: Readonly<Record<string, PoolingGolden>>;
  readonly rmac: Readonly<Record<string, readonly number[]>>;
};

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const featuresOf = (height: number, width: number): tf.Tensor4D =>
  tf.tensor4d(hashedUniform("features", 2 * height * width * 6, 1, 0.3), [2, height, width, 6]);

const close = (values: readonly number[], digits = 5): unknown[] =>
  values.map((value) => expect.closeTo(value, digits));

/** Pools as a model does, and takes gradients by features and power. */
function run(pooling: Pooling, power?: readonly number[]) {
  return tf.tidy(() => {
    const layer = pooling.layer("pooling", 6);
    const direction = tf.tensor2d(hashedUniform("direction", 12), [2, 6]);
    const pool = (x: tf.Tensor, p?: tf.Tensor): tf.Tensor => {
      const parameters = p ? { "pooling.p": p } : {};
      const pass = {
        parameters,
        training: true,
        batchNorm: "batch",
        random: undefined,
        statistics: {},
      } as const;
      return layer.apply(pass, x as tf.Tensor4D);
    };
    const inputs = [featuresOf(7, 10), ...(power ? [tf.tensor1d([...power])] : [])];
    const gradients = tf.grads((...moving: tf.Tensor[]) =>
      tf.sum(tf.mul(pool(moving[0]!, moving[1]), direction)),
    )(inputs);
    return {
      pooled: [...pool(inputs[0]!, inputs[1]).dataSync()],
      norm: tf.norm(gradients[0]!).dataSync()[0]!,
      ...(power ? { power: [...gradients[1]!.dataSync()] } : {}),
    };
  });
}

describe("poolings of a model", () => {
  it.each([
    ["spoc", spoc(), undefined],
    ["mac", mac(), undefined],
    ["gem", gem(), undefined],
    ["gemOne", gem({ learnable: true }), [2.5]],
    ["gemPerChannel", gem({ learnable: "perChannel" }), [...hashedUniform("powers", 6, 1, 3)]],
    ["averageMax", averageMax(), undefined],
    ["rmac", rmac(), undefined],
  ] as const)("give cirtorch's values and gradients: %s", (name, pooling, power) => {
    const golden = goldens.poolings[name]!;
    expect(run(pooling, power)).toEqual({
      pooled: close(golden.pooled),
      norm: expect.closeTo(golden.norm, 5),
      ...(golden.power ? { power: close(golden.power) } : {}),
    });
  });

  it("names and fills a learnable power", () => {
    const one = gem({ power: 4, learnable: true }).layer("pooling", 6);
    expect(one.shapes).toEqual({ "pooling.p": [1] });
    expect(one.initialize({ seed: 1 })).toEqual({ "pooling.p": { shape: [1], data: Float32Array.of(4) } });
    const each = gem({ learnable: "perChannel", name: "pool" }).layer("pooling", 2);
    expect(each.shapes).toEqual({ "pool.p": [2] });
    expect(each.initialize({ seed: 1 })).toEqual({ "pool.p": { shape: [2], data: Float32Array.of(3, 3) } });
    expect(gem().layer("pooling", 6).shapes).toEqual({});
  });

  it("come one after another where they are concatenated", () => {
    const pooling = concatenated([spoc(), gem({ learnable: true }), mac()]);
    const layer = pooling.layer("pooling", 6);
    expect(layer.dimension).toBe(18);
    expect(layer.shapes).toEqual({ "pooling.1.p": [1] });
    expect(Object.keys(layer.initialize({ seed: 1 }))).toEqual(["pooling.1.p"]);
    tf.tidy(() => {
      const features = featuresOf(3, 4);
      const parameters = { "pooling.1.p": tf.tensor1d([2]) };
      const pass = {
        parameters,
        training: false,
        batchNorm: "running",
        random: undefined,
        statistics: {},
      } as const;
      const parts = [
        globalAveragePooling(features),
        generalizedMeanPooling(features, { power: 2 }),
        globalMaxPooling(features),
      ];
      expect([...layer.apply(pass, features).dataSync()]).toEqual([...tf.concat(parts, 1).dataSync()]);
    });
  });

  it("refuse the same name twice where they are concatenated", () => {
    const own = gem({ learnable: true, name: "pool" });
    expect(() => concatenated([own, own]).layer("pooling", 6)).toThrow(
      new RangeError(
        "concatenated: expected each parameter to have a name of its own, got pool.p twice; give poolings and necks other names",
      ),
    );
  });

  it("are part of a model", () => {
    const backbone = createResNet("resnet18", { width: 2 });
    const model = createEmbeddingModel({ backbone, pooling: concatenated([spoc(), mac()]), neck: null });
    expect(model.dimension).toBe(32);
  });

  it("refuse powers, levels and overlaps out of range, and no poolings", () => {
    expect(() => gem({ power: 0 })).toThrow(
      new RangeError("gem: expected `power` to be a finite number above 0, got 0"),
    );
    expect(() => gem({ epsilon: -1 })).toThrow(
      new RangeError("gem: expected `epsilon` to be a finite number above 0, got -1"),
    );
    expect(() => rmac({ levels: 1.5 })).toThrow(
      new RangeError("rmac: expected `levels` to be a whole number above 0, got 1.5"),
    );
    expect(() => rmac({ overlap: 1.1 })).toThrow(
      new RangeError("rmac: expected `overlap` to be a number between 0 and 1, got 1.1"),
    );
    expect(() => rmac({ epsilon: 0 })).toThrow(
      new RangeError("rmac: expected `epsilon` to be a finite number above 0, got 0"),
    );
    expect(() => concatenated([])).toThrow(
      new RangeError("concatenated: expected `poolings` to hold at least one pooling, got none"),
    );
  });
});

describe("pooling functions", () => {
  it("compute the doc comments' examples", () => {
    tf.tidy(() => {
      const features = tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]);
      expect(globalAveragePooling(features).arraySync()).toEqual([[3]]);
      expect(globalMaxPooling(features).arraySync()).toEqual([[6]]);
      expect(averageMaxPooling(features).arraySync()).toEqual([[9]]);
      const pair = regionalMaxPooling(tf.tensor4d([3, 4], [1, 1, 1, 2])).dataSync();
      expect([...pair]).toEqual(close([1.2, 1.6]));
    });
  });

  it.each(Object.keys(goldens.rmac))("R-MAC has cirtorch's regions on a map of %s", (size) => {
    const [height, width] = size.split("x").map(Number) as [number, number];
    const pooled = tf.tidy(() => [...regionalMaxPooling(featuresOf(height, width)).dataSync()]);
    const golden = goldens.rmac[size]!;
    expect(pooled.map((value, i) => value / golden[i]!)).toEqual(golden.map(() => expect.closeTo(1, 5)));
  });

  it("R-MAC of one level is the map and its largest squares", () => {
    tf.tidy(() => {
      const features = featuresOf(4, 6);
      const unit = (x: tf.Tensor4D): tf.Tensor =>
        tf.div(globalMaxPooling(x), tf.norm(globalMaxPooling(x), 2, 1, true));
      const squares = [0, 2].map((left) => unit(tf.slice(features, [0, 0, left, 0], [2, 4, 4, 6])));
      const pooled = regionalMaxPooling(features, { levels: 1 }).dataSync();
      expect([...pooled]).toEqual(close([...tf.addN([unit(features), ...squares]).dataSync()]));
    });
  });

  it("R-MAC of zeros is zeros, with a finite gradient", () => {
    const gradient = tf.tidy(() =>
      tf
        .grad((x) => tf.sum(regionalMaxPooling(x as tf.Tensor4D)))(tf.zeros([1, 3, 3, 2]))
        .dataSync(),
    );
    expect([...gradient].every(Number.isFinite)).toBe(true);
    expect([...regionalMaxPooling(tf.zeros([1, 3, 3, 2])).dataSync()]).toEqual([0, 0]);
  });

  it("leave no tensor behind but their result", () => {
    const features = featuresOf(4, 5);
    const before = tf.memory().numTensors;
    for (const pool of [globalAveragePooling, globalMaxPooling, averageMaxPooling, regionalMaxPooling]) {
      pool(features).dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
    features.dispose();
  });

  it("refuse another rank, and R-MAC what rmac refuses", () => {
    const matrix = tf.ones([2, 3]) as unknown as tf.Tensor4D;
    for (const pool of [globalAveragePooling, globalMaxPooling, averageMaxPooling, regionalMaxPooling]) {
      expect(() => pool(matrix)).toThrow(
        new RangeError(`${pool.name}: expected \`features\` to have shape [N, H, W, C], got [2,3]`),
      );
    }
    expect(() => regionalMaxPooling(featuresOf(2, 2), { levels: 0 })).toThrow(
      new RangeError("regionalMaxPooling: expected `levels` to be a whole number above 0, got 0"),
    );
  });
});
