import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-layers";
import {
  createEfficientNet,
  createHybridSwin,
  type EmbeddingModel,
  type HybridSwinOptions,
} from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const small = (options: Partial<HybridSwinOptions> = {}) =>
  createHybridSwin({
    embedder: "tf_efficientnet_b0_ns",
    transformer: "swin_tiny_patch4_window7_224",
    size: 32,
    window: 1,
    tap: 1,
    ...options,
  });

const pool = Float32Array.from({ length: 65_537 }, (_, i) => 0.05 * Math.sin(i * i));

/** Small weights, repeated to every size: drawing a Swin transformer's own takes seconds. */
function parametersOf({ shapes }: EmbeddingModel): Record<string, tf.Tensor> {
  const filled = (name: string, shape: readonly number[]) => {
    const isOne = name.endsWith(".running_var") || (name.endsWith(".weight") && shape.length === 1);
    if (isOne) return tf.ones([...shape]);
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    for (let at = 0; at < data.length; at += pool.length) data.set(pool.subarray(0, data.length - at), at);
    return tf.tensor(data, [...shape]);
  };
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, filled(name, shape)]));
}

const noise = (batch: number, size: number): tf.Tensor4D =>
  tf.randomUniform([batch, size, size, 3], -1, 1, "float32", 3);

const sizeOf = (shapes: Readonly<Record<string, readonly number[]>>) =>
  Object.entries(shapes)
    .filter(([name]) => !name.includes(".running_"))
    .reduce((sum, [, shape]) => sum + shape.reduce((product, side) => product * side, 1), 0);

describe("createHybridSwin", () => {
  const published: readonly [HybridSwinOptions, number, number][] = [
    [{ embedder: "tf_efficientnet_b3_ns" }, 4, 97_383_394],
    [{ embedder: "tf_efficientnet_b5_ns", stemStride: 1 }, 4, 114_573_290],
    [
      { embedder: "tf_efficientnet_b6_ns", tap: 1, transformer: "swin_base_patch4_window12_384" },
      1,
      126_807_122,
    ],
  ];

  it.each(published)(
    "has the winners' number of parameters, less those without use: %o",
    (options, behind, total) => {
      const whole = createEfficientNet(options.embedder, { head: false }).shapes;
      const unused = Object.entries(whole).filter(([name]) => Number(name.split(".")[1]) > behind);
      const power = 1;
      expect(sizeOf(createHybridSwin(options).shapes)).toBe(
        total - sizeOf(Object.fromEntries(unused)) - power,
      );
    },
  );

  it.each([
    [0, 16, 2, 1],
    [1, 24, 4, 2],
    [2, 40, 8, 3],
    [3, 112, 16, 5],
    [4, 320, 32, 7],
  ] as const)("makes tokens of map %s without the blocks behind it", (tap, channels, stride, stages) => {
    const model = small({ tap });
    expect(model.shapes["backbone.patch_embed.proj.weight"]).toEqual([1, 1, channels, 96]);
    expect(model.stride).toBe(8 * stride);
    const embedder = "backbone.patch_embed.backbone.";
    const whole = createEfficientNet("tf_efficientnet_b0_ns", { head: false }).shapes;
    const names = [...Object.keys(model.shapes), ...model.classifier].filter((name) =>
      name.startsWith(embedder),
    );
    expect(names.sort()).toEqual(
      Object.keys(whole)
        .map((name) => embedder + name)
        .sort(),
    );
    const used = Object.keys(model.shapes).filter((name) => name.startsWith(`${embedder}blocks.`));
    expect(new Set(used.map((name) => Number(name.slice(embedder.length).split(".")[1]))).size).toBe(stages);
  });

  it("names what it leaves out of the winners' checkpoints", () => {
    const { classifier, shapes } = createHybridSwin({ embedder: "tf_efficientnet_b3_ns" });
    expect(classifier.slice(0, 2)).toEqual(["head.weight", "global_pool.p"]);
    const stages = classifier.slice(2).map((name) => name.split(".").slice(0, 5).join("."));
    expect([...new Set(stages)]).toEqual([
      "backbone.patch_embed.backbone.blocks.5",
      "backbone.patch_embed.backbone.blocks.6",
    ]);
    expect(classifier.filter((name) => name in shapes)).toEqual([]);
  });

  it("takes images of the one size that makes its tokens", () => {
    const sizes: [Partial<HybridSwinOptions>, number, number][] = [
      [{}, 32, 32],
      [{ tap: 2 }, 64, 64],
      [{ tap: 3, stemStride: 1 }, 64, 64],
      [{ tap: 3 }, 128, 128],
    ];
    for (const [options, size, stride] of sizes) {
      const model = small(options);
      expect(model.stride).toBe(stride);
      const shape = tf.tidy(() => model.apply(parametersOf(model), noise(1, size)).embedding.shape);
      expect(shape).toEqual([1, 512]);
    }
  });

  it("is as narrow and as shallow as its options say", () => {
    const model = createHybridSwin({
      embedder: "tf_efficientnet_b0_ns",
      ...{ embedderWidth: 0.25, embedderDepth: 0.3, tap: 3 },
      ...{ width: 16, depths: [1, 2], heads: [2, 4], size: 16, window: 2 },
    });
    expect(model.stride).toBe(32);
    const { shapes } = model;
    expect(shapes["backbone.patch_embed.proj.weight"]).toEqual([1, 1, 32, 16]);
    expect(shapes["backbone.layers.1.blocks.1.attn.relative_position_bias_table"]).toEqual([9, 4]);
    expect(shapes["backbone.layers.1.blocks.1.mlp.fc1.weight"]).toEqual([128, 32]);
    expect(shapes["backbone.norm.weight"]).toEqual([32]);
    expect(shapes["neck.0.weight"]).toEqual([512, 32]);
    const blocks = [...Object.keys(shapes), ...model.classifier].filter((name) =>
      name.endsWith("conv_dw.weight"),
    );
    expect(blocks).toHaveLength(8);
    const embedding = tf.tidy(() => model.apply(parametersOf(model), noise(1, 64)).embedding.dataSync());
    expect(embedding).toHaveLength(512);
    expect(embedding.every(Number.isFinite)).toBe(true);
    expect(() => model.apply({}, noise(1, 128))).toThrow(
      "to make 4 × 4 tokens, as 64 × 64 pixels do, got 128 × 128",
    );
  });

  it("normalizes tokens when asked to, and has four necks", () => {
    expect(small().shapes["backbone.patch_embed.norm.weight"]).toBeUndefined();
    expect(small({ patchNorm: true }).shapes["backbone.patch_embed.norm.weight"]).toEqual([96]);
    expect(small({ neck: "X" }).shapes["neck.0.bias"]).toBeUndefined();
    const results = [small(), small({ patchNorm: true }), small({ neck: "X" }), small({ neck: "S" })].map(
      (model) => tf.tidy(() => String(model.apply(parametersOf(model), noise(1, 32)).embedding.dataSync())),
    );
    expect(new Set(results).size).toBe(4);
  });

  it("gives statistics their names, and needs chance while it trains", () => {
    const images = noise(2, 32);
    const model = small({ dropPathRate: 0 });
    tf.tidy(() => {
      const { statistics } = model.apply(parametersOf(model), images, { training: true });
      const expected = Object.keys(model.shapes).filter((name) => name.includes(".running_"));
      expect(Object.keys(statistics).sort()).toEqual(expected.sort());
    });
    const dropping = small();
    expect(() =>
      tf.tidy(() => dropping.apply(parametersOf(dropping), images, { training: true }).embedding),
    ).toThrow(
      new RangeError(
        "tf_efficientnet_b0_ns_swin_tiny_patch4_window7_224: expected `random` to draw what training drops, got none; give one, or set the rate to 0",
      ),
    );
  });

  it("refuses other images", () => {
    const model = createHybridSwin({ embedder: "tf_efficientnet_b3_ns" });
    expect(() => model.apply({}, tf.zeros([1, 448, 896, 3]))).toThrow(
      new RangeError(
        "tf_efficientnet_b3_ns_swin_base_patch4_window7_224: expected `images` to make 56 × 56 tokens, as 896 × 896 pixels do, got 448 × 896",
      ),
    );
    expect(() => model.apply({}, tf.zeros([1, 896, 896, 1]))).toThrow(
      new RangeError(
        "tf_efficientnet_b3_ns_swin_base_patch4_window7_224: expected `images` to have shape [N, H, W, 3], got [1,896,896,1]",
      ),
    );
  });

  it.each<[Partial<HybridSwinOptions>, RegExp]>([
    [
      { embedder: "b3" as "tf_efficientnet_b3_ns" },
      /^createHybridSwin: expected `embedder` to be one of .*, got b3$/,
    ],
    [
      { transformer: "swin" as "swin_tiny_patch4_window7_224" },
      /^createHybridSwin: expected `transformer` to be one of .*, got swin$/,
    ],
    [{ tap: 5 as 4 }, /^createHybridSwin: expected `tap` to be a whole number from 0 to 4, got 5$/],
    [{ stemStride: 3 as 1 }, /^createHybridSwin: expected `stemStride` to be 1 or 2, got 3$/],
    [
      { size: 40 },
      /^createHybridSwin: expected `size` to fit windows of 1 in all four stages, as 32 and 64 do, got 40$/,
    ],
    [{ dropPathRate: -1 }, /^createHybridSwin: expected `dropPathRate` to be from 0 to below 1, got -1$/],
    [
      { embedderWidth: 0 },
      /^createHybridSwin: expected `embedderWidth` to be a finite number above 0, got 0$/,
    ],
    [
      { embedderDepth: -1 },
      /^createHybridSwin: expected `embedderDepth` to be a finite number above 0, got -1$/,
    ],
    [{ width: 0 }, /^createHybridSwin: expected `width` to be a whole number above 0, got 0$/],
    [{ depths: [] }, /^createHybridSwin: expected `depths` to be of 1 to 4 stages, got 0$/],
    [{ heads: [3] }, /^createHybridSwin: expected `heads` to be 4 whole numbers above 0, got \[3\]$/],
    [{ neck: "Q" as "D" }, /^optionNeck: expected `option` to be one of D, F, X, S, got Q$/],
  ])("refuses %o", (options, message) => {
    expect(() => small(options)).toThrow(message);
  });
});
