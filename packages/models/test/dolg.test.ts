import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-layers";
import {
  createDolg,
  type DolgOptions,
  type EmbeddingModel,
  generalizedMeanPooling,
  orthogonalFusion,
} from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const sines = (size: number, start: number) =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(start + i));

/** Sines in the order of `[N, C, H, W]`, as a map `[N, H, W, C]`. */
const sineMap = (channels: number, side: number, start: number): tf.Tensor4D =>
  tf.transpose(tf.tensor4d(sines(channels * side * side, start), [1, channels, side, side]), [0, 2, 3, 1]);

const expectClose = (actual: tf.Tensor, expected: readonly number[]) => {
  const values = actual.dataSync();
  expect(values).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(values[i]).toBeCloseTo(value, 5);
  });
};

const b0 = (options: Partial<DolgOptions> = {}) =>
  createDolg({ backbone: "tf_efficientnet_b0_ns", ...options });

const parametersOf = (model: EmbeddingModel, seed = 1): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(model.initialize({ seed })).map(([name, { shape, data }]) => [
      name,
      tf.tensor(data, [...shape]),
    ]),
  );

const embed = (model: EmbeddingModel, size = 64) =>
  tf.tidy(() => {
    const images = tf.randomUniform<tf.Rank.R4>([1, size, size, 3], -1, 1, "float32", 3);
    return model.apply(parametersOf(model), images).embedding.dataSync();
  });

describe("the winners' golden values", () => {
  it("pools by a generalized mean", () => {
    tf.tidy(() => expectClose(generalizedMeanPooling(sineMap(2, 2, 1)), [0.696317, 0.678964]));
  });

  const golden = {
    l2: [
      [0.958246, 0.973449, 0.093668, -0.872231],
      [-0.715962, -0.145941, 0.558257, 0.749196],
      [0.55789, -0.46394, -1.059225, -0.680664],
    ],
    l2_squared: [
      [0.934284, 0.960285, 0.103405, -0.848545],
      [-0.765818, -0.17333, 0.578517, 0.798478],
      [0.527978, -0.480372, -1.04707, -0.651097],
    ],
  } as const;

  it.each(["l2", "l2_squared"] as const)("fuses local features with the global descriptor: %s", (norm) => {
    tf.tidy(() => {
      const global = tf.tensor2d(sines(3, 0.5), [1, 3]);
      const fused = orthogonalFusion(sineMap(3, 2, 1), global, { norm });
      expect(fused.shape).toEqual([1, 2, 2, 6]);
      const [rest, beside] = tf.split(fused, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
      expectClose(tf.transpose(rest, [0, 3, 1, 2]), golden[norm].flat());
      expectClose(beside, Array.from({ length: 4 }, () => [0.479426, 0.997495, 0.598472]).flat());
      const dots = tf.sum(tf.mul(rest, beside), 3);
      expectClose(dots, norm === "l2" ? [0.079121, 0.043466, -0.032151, -0.078209] : [0, 0, 0, 0]);
    });
  });

  it("takes the published formula unless told otherwise", () => {
    tf.tidy(() => {
      const fused = orthogonalFusion(sineMap(3, 2, 1), tf.tensor2d(sines(3, 0.5), [1, 3]));
      expectClose(tf.mean(fused, [1, 2]), [0.288283, 0.111388, -0.411485, 0.479426, 0.997495, 0.598472]);
    });
  });
});

describe("orthogonalFusion", () => {
  it("leaves local features where the descriptor is zero", () => {
    tf.tidy(() => {
      const fused = orthogonalFusion(tf.ones([1, 1, 1, 2]), tf.zeros([1, 2]), { norm: "l2_squared" });
      expect([...fused.dataSync()]).toEqual([1, 1, 0, 0]);
    });
  });

  it("refuses what does not fit", () => {
    const map = tf.zeros<tf.Rank.R4>([2, 1, 1, 3]);
    expect(() => orthogonalFusion(map, tf.zeros([2, 4]))).toThrow(
      new RangeError("orthogonalFusion: expected `global` to have shape [2, 3], got [2,4]"),
    );
    expect(() => orthogonalFusion(tf.zeros([2, 3]) as unknown as tf.Tensor4D, tf.zeros([2, 3]))).toThrow(
      new RangeError("orthogonalFusion: expected `local` to have shape [N, H, W, C], got [2,3]"),
    );
    expect(() => orthogonalFusion(map, tf.zeros([2, 3]), { norm: "l1" as "l2" })).toThrow(
      new RangeError("orthogonalFusion: expected `norm` to be one of l2, l2_squared, got l1"),
    );
  });
});

describe("createDolg", () => {
  it.each([
    ["b5", 33_926_707],
    ["b6", 46_439_899],
    ["b7", 69_576_659],
  ] as const)("has the winners' number of parameters: %s", (name, total) => {
    const { shapes } = createDolg({ backbone: `tf_efficientnet_${name}_ns` });
    const sizes = Object.entries(shapes).map(([parameter, shape]) =>
      parameter.includes(".running_") ? 0 : shape.reduce((product, side) => product * side, 1),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(total);
  });

  it("has the winners' names", () => {
    const model = b0();
    expect(model.name).toBe("dolg_tf_efficientnet_b0_ns");
    expect([model.dimension, model.stride, b0({ stemStride: 1 }).stride]).toEqual([512, 32, 16]);
    expect(model.classifier).toEqual(["head.weight"]);
    expect([...new Set(Object.keys(model.shapes).map((name) => name.split(".")[0]))]).toEqual([
      "backbone",
      "mam",
      "attention2d",
      "conv_g",
      "bn_g",
      "global_pool",
      "neck",
    ]);
    expect(model.shapes["mam.d2.weight"]).toEqual([3, 3, 112, 512]);
    expect(model.shapes["neck.2.weight"]).toEqual([1]);
  });

  it("is as narrow and as shallow as its options say", () => {
    const options = { width: 0.25, depth: 0.3, channels: 16 };
    const model = b0(options);
    const { shapes } = model;
    expect(shapes["mam.d0.weight"]).toEqual([3, 3, 32, 8]);
    expect(shapes["mam.conv1.weight"]).toEqual([1, 1, 24, 16]);
    expect(shapes["attention2d.conv1.weight"]).toEqual([1, 1, 16, 16]);
    expect(shapes["conv_g.weight"]).toEqual([1, 1, 80, 16]);
    expect(shapes["neck.0.weight"]).toEqual([512, 32]);
    const blocks = Object.keys(shapes).filter((name) => name.endsWith(".conv_dw.weight"));
    expect(blocks).toEqual(
      [0, 1, 2, 3, 4, 5, 6].flatMap((stage) =>
        Array.from(
          { length: stage === 5 ? 2 : 1 },
          (_, block) => `backbone.blocks.${stage}.${block}.conv_dw.weight`,
        ),
      ),
    );
    const switches = [{}, { localBranch: "aspp5" }, { globalOrder: "gem_then_project" }] as const;
    const results = switches.map((more) => embed(b0({ ...options, ...more }), 32));
    expect(results.map(({ length }) => length)).toEqual([512, 512, 512]);
    expect(new Set(results.map((values) => String(values))).size).toBe(3);
    expect(results.every((values) => values.every(Number.isFinite))).toBe(true);
  });

  it("has the pyramid's names below mam", () => {
    const names = Object.keys(b0({ localBranch: "aspp5" }).shapes);
    expect(names.filter((name) => name.startsWith("mam.") && name.endsWith(".weight"))).toEqual([
      "mam.im_pool.1.weight",
      ...[0, 1, 2, 3].map((i) => `mam.aspp.${i}.weight`),
      "mam.conv_after.0.weight",
    ]);
  });

  it("begins with the power 3, the slope 0.25 and PyTorch's convolutions", () => {
    const arrays = b0().initialize({ seed: 2 });
    expect([...arrays["global_pool.p"]!.data]).toEqual([3]);
    expect([...arrays["neck.2.weight"]!.data]).toEqual([0.25]);
    const bound = 1 / Math.sqrt(9 * 112);
    const largest = (name: string) => arrays[name]!.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    for (const name of ["mam.d0.weight", "mam.d0.bias"]) {
      expect(largest(name)).toBeLessThan(bound);
      expect(largest(name)).toBeGreaterThan(0.95 * bound);
    }
  });

  it("gives another embedding with each switch", () => {
    const results = [
      embed(b0()),
      embed(b0({ dilations: [1, 2, 3] })),
      embed(b0({ stemStride: 1 })),
      embed(b0({ fusionNorm: "l2_squared" })),
      embed(b0({ globalOrder: "gem_then_project" })),
      embed(b0({ localBranch: "aspp5" })),
    ];
    expect(new Set(results.map((values) => String(values))).size).toBe(results.length);
    expect(results.every((values) => values.every(Number.isFinite))).toBe(true);
  });

  it("trains its dilated filters", async () => {
    await tf.setBackend("cpu");
    // Only the middle of a filter sees a map no larger than its distances.
    const model = b0({ dilations: [1, 2, 3] });
    tf.tidy(() => {
      const parameters = parametersOf(model);
      const name = "mam.d1.weight";
      const images = tf.randomUniform<tf.Rank.R4>([1, 32, 32, 3], -1, 1, "float32", 4);
      const score = (filter: tf.Tensor) =>
        tf.sum(tf.square(model.apply({ ...parameters, [name]: filter }, images).embedding));
      const change = tf.grad(score)(parameters[name]!);
      const norms = tf.sum(tf.square(change), [2, 3]).dataSync();
      expect([...norms].map((norm) => norm > 0)).toEqual([
        false,
        false,
        false,
        false,
        true,
        false,
        false,
        false,
        false,
      ]);
    });
    await tf.setBackend("wasm");
  });

  it.each<[Partial<DolgOptions>, string]>([
    [{ fusionNorm: "l1" as "l2" }, "fusionNorm` to be one of l2, l2_squared, got l1"],
    [
      { globalOrder: "none" as "gem_then_project" },
      "globalOrder` to be one of project_bn_silu_then_gem, gem_then_project, got none",
    ],
    [{ localBranch: "aspp" as "aspp5" }, "localBranch` to be one of 3dilated, aspp5, got aspp"],
    [{ dilations: [3, 6] as unknown as [3, 6, 9] }, "dilations` to have shape [3], got [2]"],
    [{ channels: 15 }, "channels` to be an even whole number above 0, got 15"],
    [{ dilations: [3, 6, 0] }, "dilations` to be a whole number above 0, got 0"],
  ])("refuses %o", (options, message) => {
    expect(() => b0(options)).toThrow(new RangeError(`createDolg: expected \`${message}`));
  });

  it("refuses another backbone, stride, and images that are none", () => {
    expect(() => b0({ backbone: "b0" as "tf_efficientnet_b0_ns" })).toThrow(
      /^createDolg: expected `backbone` to be one of tf_efficientnet_b0_ns, .*, got b0$/,
    );
    expect(() => b0({ stemStride: 4 as 1 })).toThrow(
      new RangeError("createEfficientNet: expected `stemStride` to be 1 or 2, got 4"),
    );
    expect(() => b0({ width: 0 })).toThrow(
      new RangeError("createEfficientNet: expected `width` to be a finite number above 0, got 0"),
    );
    expect(() => b0({ depth: Number.NaN })).toThrow(
      new RangeError("createEfficientNet: expected `depth` to be a finite number above 0, got NaN"),
    );
    expect(() => b0().apply({}, tf.zeros([1, 64, 64, 1]))).toThrow(
      new RangeError(
        "dolg_tf_efficientnet_b0_ns: expected `images` to have shape [N, H, W, 3], got [1,64,64,1]",
      ),
    );
    expect(() => b0().apply({}, tf.zeros([1, 64, 64, 3]))).toThrow(
      new RangeError(
        "dolg_tf_efficientnet_b0_ns: expected `parameters` to have backbone.conv_stem.weight of shape [3,3,3,32], got none",
      ),
    );
  });
});
