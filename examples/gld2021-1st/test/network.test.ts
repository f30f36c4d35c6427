import { createEfficientNet, type EfficientNetName, type Shapes } from "@lmk/models";
import { UserError } from "@lmk-example/kit";
import { describe, expect, it } from "vitest";
import { type ShippedConfigName, shippedConfigs } from "../src/configs.ts";
import { createNetwork } from "../src/network.ts";
import type { NetworkConfig } from "../src/network-config.ts";
import type { NetworkSize } from "../src/network-size.ts";
import { plainConfigs } from "../src/plain-configs.ts";
import { recipes } from "../src/recipes.ts";
import { swinB6Stride1 } from "../src/swin-b6-stride-1.ts";
import { imageSide, tokensOf } from "../src/tokens.ts";

function countOf(shapes: Shapes, prefix = ""): number {
  return Object.entries(shapes)
    .filter(([name]) => name.startsWith(prefix) && !name.includes("running_"))
    .reduce((sum, [, shape]) => sum + shape.reduce((product, side) => product * side, 1), 0);
}

const millions = (count: number): number => Math.round(count / 1e4) / 100;
const thousands = (count: number): number => Math.round(count / 1e3) / 1e3;

describe("DOLG", () => {
  it.each([
    ["dolgB5Step3", 33.93, 4.008, 0.525],
    ["dolgB6Step3", 46.44, 4.34, 0.591],
    ["dolgB7Step3", 69.58, 4.672, 0.656],
  ] as const)("%s has %f million parameters", (name, whole, local, global) => {
    const { shapes } = createNetwork(shippedConfigs[name]);
    expect(millions(countOf(shapes))).toBe(whole);
    expect(thousands(countOf(shapes, "mam."))).toBe(local);
    expect(thousands(countOf(shapes, "attention2d."))).toBe(1.053);
    expect(thousands(countOf(shapes, "conv_g."))).toBe(global);
    expect(thousands(countOf(shapes, "neck."))).toBe(1.05);
  });

  it.each([
    ["tf_efficientnet_b3_ns", 10.1],
    ["tf_efficientnet_b5_ns", 27.29],
    ["tf_efficientnet_b6_ns", 39.4],
    ["tf_efficientnet_b7_ns", 62.14],
  ] as const)("stands on %s of %f million", (name, whole) => {
    expect(millions(countOf(createEfficientNet(name, { head: false }).shapes))).toBe(whole);
  });

  it.each([
    ["dolgB5Step3", 768, 48, 24],
    ["dolgB6Step3", 768, 48, 24],
    ["dolgB7Step1", 256, 16, 8],
    ["dolgB7Step2", 448, 28, 14],
    ["dolgB7Step3", 448, 56, 28],
  ] as const)("%s has images of %i, local maps of %i and global ones of %i", (name, side, local, global) => {
    const config = shippedConfigs[name];
    const { stride } = createNetwork(config);
    expect([config.img_size[0], side / (stride / 2), side / stride]).toEqual([side, local, global]);
  });

  it("has the parts that its keys say", () => {
    const config: NetworkConfig = { ...shippedConfigs.dolgB5Step3, local_branch: "aspp5" };
    const { shapes } = createNetwork(config, { width: 0.1, depth: 0.1, channels: 8 });
    const own = createNetwork(shippedConfigs.dolgB5Step3, { width: 0.1, depth: 0.1, channels: 8 }).shapes;
    expect(Object.keys(shapes)).not.toEqual(Object.keys(own));
    expect(() => createNetwork({ ...config, global_order: "none" as "gem_then_project" })).toThrow(
      "globalOrder",
    );
    expect(() => createNetwork({ ...config, fusion_norm: "l3" as "l2" })).toThrow("fusionNorm");
  });

  it("has half the stride with a first stride of 1, and the same parameters", () => {
    const [step2, step3] = [shippedConfigs.dolgB7Step2, shippedConfigs.dolgB7Step3].map((c) =>
      createNetwork(c),
    );
    expect([step2!.stride, step3!.stride]).toEqual([32, 16]);
    expect(step3!.shapes).toEqual(step2!.shapes);
  });
});

describe("hybrids", () => {
  /** Parameters of the original, which also holds the blocks behind the map and a power that it never uses. */
  function originalCount(config: NetworkConfig): number {
    const { shapes, classifier } = createNetwork(config);
    const prefix = "backbone.patch_embed.backbone.";
    const unused = new Set(classifier.map((name) => name.slice(prefix.length)));
    const whole = createEfficientNet(config.embedder as EfficientNetName, { head: false }).shapes;
    const left = Object.fromEntries(Object.entries(whole).filter(([name]) => unused.has(name)));
    return countOf(shapes) + countOf(left) + 1;
  }

  it.each([
    ["swinB3Step4", 97.38, 136, 3, 2, 16, 896],
    ["swinB5Step4", 114.57, 176, 3, 1, 8, 448],
    ["swinB6Step3", 126.81, 40, 1, 2, 4, 384],
  ] as const)("%s has %f million parameters", (name, whole, channels, tap, stemStride, stride, side) => {
    const config = shippedConfigs[name as ShippedConfigName];
    expect(millions(originalCount(config))).toBe(whole);
    expect(createNetwork(config).shapes["backbone.patch_embed.proj.weight"]).toEqual([1, 1, channels, 128]);
    expect(tokensOf(config)).toEqual({ tap, stemStride, stride });
    expect(imageSide(config)).toBe(side);
    expect(config.img_size[0]).toBe(side);
  });

  it("of two blocks take images of 448 with a first stride of 2", () => {
    const config: NetworkConfig = { ...shippedConfigs.swinB5Step4, stride: [2, 2] };
    expect(tokensOf(config)).toEqual({ tap: 2, stemStride: 2, stride: 8 });
    expect(millions(originalCount(config))).toBe(114.56);
    expect(createNetwork(config).shapes["backbone.patch_embed.proj.weight"]).toEqual([1, 1, 64, 128]);
    expect(imageSide(config)).toBe(448);
  });

  it.each([
    ["swinB6Step3", "", [2, 2], 224, 384],
    ["swinB5Step4", "_2x", [2, 2], 448, 768],
    ["swinB5Step4", "_2x", [1, 1], 448, 768],
    ["swinB3Step4", "_3x", [2, 2], 896, 1536],
  ] as const)(
    "of %s, file %s with a first stride of %s, take images of %i or %i",
    (name, file, stride, small, large) => {
      const config = { ...shippedConfigs[name], model: `ch_mdl_hybrid_transformer${file}`, stride } as const;
      const side = (backbone: NetworkConfig["backbone"]) => imageSide({ ...config, backbone });
      expect(side("swin_base_patch4_window7_224")).toBe(small);
      expect(side("swin_base_patch4_window12_384")).toBe(large);
      // 56 × 56 tokens, or 96 × 96.
      const { stride: pixels } = tokensOf(config);
      expect([small / pixels, large / pixels]).toEqual([56, 96]);
    },
  );

  it("have the parts of the original in millions of parameters", () => {
    const { shapes } = createNetwork(shippedConfigs.swinB3Step4);
    const tokens = "backbone.patch_embed.";
    const [whole, made, neck] = ["backbone.", tokens, "neck."].map((prefix) => countOf(shapes, prefix));
    const left = originalCount(shippedConfigs.swinB3Step4) - whole! - neck! - 1;
    expect([millions(made! + left), millions(whole! - made!)]).toEqual([10.12, 86.74]);
  });

  it.each([
    ["swinB3Step4", [3136, 784, 196, 49]],
    ["swinB6Step3", [9216, 2304, 576, 144]],
  ] as const)("%s have tokens of %j in four stages", (name, counts) => {
    const config = shippedConfigs[name];
    const { shapes, stride } = createNetwork(config);
    const side = imageSide(config) / tokensOf(config).stride;
    expect([1, 2, 4, 8].map((factor) => (side / factor) ** 2)).toEqual(counts);
    expect(stride).toBe(8 * tokensOf(config).stride);
    const widths = [0, 1, 2, 3].map((i) => shapes[`backbone.layers.${i}.blocks.0.norm1.weight`]);
    expect(widths).toEqual([[128], [256], [512], [1024]]);
  });

  it("normalize their tokens where the config says so", () => {
    const { swinB3Step4 } = shippedConfigs;
    expect(createNetwork(swinB3Step4).shapes["backbone.patch_embed.norm.weight"]).toBeUndefined();
    const normalized = createNetwork({ ...swinB3Step4, patch_norm: true }).shapes;
    expect(normalized["backbone.patch_embed.norm.weight"]).toEqual([128]);
  });

  it("with a first stride of 1 take images of 384 from the map after", () => {
    expect(tokensOf(swinB6Stride1)).toEqual({ tap: 2, stemStride: 1, stride: 4 });
    expect(imageSide(swinB6Stride1)).toBe(384);
    expect(createNetwork(swinB6Stride1).shapes["backbone.patch_embed.proj.weight"]).toEqual([1, 1, 72, 128]);
  });

  it("of two blocks need a stride, as the original's", () => {
    const config: NetworkConfig = { ...shippedConfigs.swinB5Step4, stride: null };
    expect(() => createNetwork(config)).toThrow(UserError);
    expect(() => createNetwork(config)).toThrow(
      "cfg_ch_hybrid_swin224_b5_s3x: expected a stride for ch_mdl_hybrid_transformer_2x, got none; give it [1, 1] or [2, 2]",
    );
  });

  it("refuse a network of the wrong kind", () => {
    expect(() => createNetwork({ ...shippedConfigs.swinB5Step4, embedder: null })).toThrow(
      "cfg_ch_hybrid_swin224_b5_s3x: expected embedder to be an EfficientNet, got null; correct it",
    );
    expect(() => createNetwork({ ...shippedConfigs.swinB5Step4, backbone: "tf_efficientnet_b5_ns" })).toThrow(
      "expected backbone to be a Swin transformer, got tf_efficientnet_b5_ns; correct it",
    );
    expect(() => tokensOf(shippedConfigs.dolgB5Step3)).toThrow("expected the model to be a hybrid");
  });
});

describe("EfficientNets as they are", () => {
  /** Of the backbones with a classifier of 1000 classes, as timm counts them. */
  it.each([
    ["b3", 1536, 12_233_232, "feat", 0],
    ["b6", 2304, 43_040_704, "feat", 0],
    ["b5", 2048, 30_389_784, "neck.fc", 1024],
  ] as const)("%s has a layer from %i to 512 behind it", (name, channels, whole, layer, norm) => {
    const { shapes } = createNetwork(plainConfigs[name].at(-1)!);
    expect(shapes[`${layer}.weight`]).toEqual([512, channels]);
    expect(countOf(shapes)).toBe(whole - 1000 * (channels + 1) + channels * 512 + 512 + norm);
  });
});

describe("smaller networks", () => {
  const size: NetworkSize = {
    efficientNet: "tf_efficientnet_b0_ns",
    width: 0.25,
    depth: 0.3,
    channels: 64,
    transformer: {
      ...{ name: "swin_tiny_patch4_window7_224", size: 64, window: 2 },
      ...{ width: 24, depths: [2, 2], heads: [3, 6] },
    },
  };

  it("hand over all weights of the same shape from step to step of every member", () => {
    for (const { member, steps } of recipes) {
      const networks = steps.map(({ config }) => createNetwork(config, size));
      networks.slice(1).forEach(({ shapes }, i) => {
        const { pop_weights, name } = steps[i + 1]!.config;
        const before = networks[i]!.shapes;
        const changed = Object.keys(shapes).filter(
          (key) => key in before && String(before[key]) !== String(shapes[key]),
        );
        const popped = changed.filter((key) => pop_weights?.some((part) => key.includes(part)));
        expect(changed, `${member} ${name}`).toEqual(popped);
      });
    }
  });

  it("are narrower in each part that the config has", () => {
    const dolg = createNetwork(shippedConfigs.dolgB7Step3, size).shapes;
    expect(dolg["conv_g.weight"]).toEqual([1, 1, 80, 64]);
    expect(dolg["backbone.blocks.6.1.conv_dw.weight"]).toBeUndefined();
    const hybrid = createNetwork(shippedConfigs.swinB3Step4, size).shapes;
    expect(hybrid["backbone.patch_embed.proj.weight"]).toEqual([1, 1, 32, 24]);
    expect(hybrid["backbone.layers.1.blocks.0.attn.relative_position_bias_table"]).toEqual([9, 6]);
    expect(hybrid["backbone.layers.2.blocks.0.norm1.weight"]).toBeUndefined();
  });

  it("take images whose tokens fit the transformer", () => {
    expect(imageSide(shippedConfigs.swinB3Step4, size)).toBe(256);
    expect(imageSide(shippedConfigs.swinB5Step4, size)).toBe(128);
    expect(imageSide(shippedConfigs.swinB6Step3, size)).toBe(64);
    expect(imageSide({ ...shippedConfigs.swinB6Step3, model: "swin" }, size)).toBe(64);
    expect(imageSide(shippedConfigs.dolgB5Step3, size)).toBe(768);
  });
});
