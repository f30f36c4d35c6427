import type { EmbeddingModel, NamedArrays } from "@lmk/models";
import { describe, expect, it } from "vitest";
import { shippedConfigs } from "../src/configs.ts";
import { frozenGroups } from "../src/frozen.ts";
import { startingWeights } from "../src/handover.ts";
import { headCenters, headMargins, headName, initialHead } from "../src/head.ts";
import { lastEpoch, learningRates } from "../src/learning-rates.ts";
import type { NetworkConfig } from "../src/network-config.ts";
import { plainConfigs } from "../src/plain-configs.ts";

const { dolgB7Step1, dolgB7Step2, dolgB7Step3, swinB3Step4, swinB5Step4 } = shippedConfigs;

describe("the head", () => {
  it("has margins from 0.05 for the largest class to 0.5 for the smallest", () => {
    const margins = headMargins(dolgB7Step1, [1, 2, 5, 10, 50, 100, 500, 1000, 5000]) as Float32Array;
    const expected = [0.5, 0.4187, 0.3308, 0.2765, 0.1813, 0.1508, 0.0973, 0.0801, 0.05];
    expect([...margins].map((margin) => Number(margin.toFixed(4)))).toEqual(expected);
    const four = headMargins(dolgB7Step1, [1, 4, 16, 81]) as Float32Array;
    expect([...four].map((margin) => Number(margin.toFixed(6)))).toEqual([0.5, 0.302297, 0.1625, 0.05]);
  });

  it("has one margin without adaptive margins, and refuses the original's default", () => {
    expect(headMargins(plainConfigs.b5[0]!, [1, 2])).toBe(0.3);
    expect(() => headMargins({ ...dolgB7Step1, loss: "bce" }, [1, 2])).toThrow(
      "cfg_ch_dolg_b7_step1: expected loss to be adaptive_arcface or arcface, got bce; set it, for the default trains nothing",
    );
    expect(() => headMargins(dolgB7Step1, [1, 0])).toThrow(RangeError);
  });

  it("has three rows for each class, drawn evenly between ± 1 / √512", () => {
    const { shape, data } = initialHead(dolgB7Step1, { classes: 40, dimension: 512, seed: 1 })[
      "head.weight"
    ]!;
    expect(shape).toEqual([120, 512]);
    const most = data.reduce((a, value) => Math.max(a, Math.abs(value)), 0);
    expect(most).toBeLessThanOrEqual(1 / Math.sqrt(512));
    expect(most).toBeGreaterThan(0.99 / Math.sqrt(512));
    expect(81_313 * headCenters(dolgB7Step1) * 512).toBe(124_896_768);
    expect([headCenters(plainConfigs.b3[0]!), headCenters(plainConfigs.b5[0]!)]).toEqual([3, 1]);
    expect(headName(plainConfigs.b3[0]!)).toBe("metric_classify.weight");
  });
});

describe("learning rates", () => {
  it("rise for an epoch and fall to 0 at the end of the schedule", () => {
    const rate = learningRates(dolgB7Step2, 100);
    expect([rate(0), rate(50), rate(100)]).toEqual([0, 5e-5, 1e-4]);
    expect(rate(100 + 1950)).toBeCloseTo(5e-5, 10);
    expect(rate(4000)).toBe(0);
    // After epoch 29 of 40, where the run ends: (1 + cos(28 / 39 π)) / 2.
    expect(rate(2900) / 1e-4).toBeCloseTo(0.1838, 4);
    expect(lastEpoch(dolgB7Step2)).toBe(29);
  });

  it("begin at the top without a warm-up", () => {
    expect(learningRates(swinB3Step4, 10)(0)).toBe(1e-4);
    expect(lastEpoch(swinB3Step4)).toBe(16);
    expect([lastEpoch(dolgB7Step1), lastEpoch(dolgB7Step3)]).toEqual([10, 15]);
  });

  it("are ten times as high after an epoch in the third place's networks, and constant in the second's", () => {
    const rate = learningRates(plainConfigs.b3[0]!, 10);
    expect([0, 10, 20, 30].map((step) => Number(rate(step).toPrecision(3)))).toEqual([
      1e-4, 1e-3, 1e-3, 8.83e-4,
    ]);
    const constant = learningRates(plainConfigs.b5[0]!, 10);
    expect([constant(0), constant(59)]).toEqual([0.01, 0.01]);
  });
});

describe("frozen parameters", () => {
  const names = [
    "backbone.patch_embed.backbone.conv_stem.weight",
    "backbone.patch_embed.proj.weight",
    "backbone.layers.0.blocks.0.norm1.weight",
    "neck.0.weight",
    "head.weight",
  ];
  const frozen = (config: NetworkConfig) => {
    const [group] = frozenGroups(config);
    const match = group?.match as ((name: string) => boolean) | undefined;
    return names.filter((name) => match?.(name));
  };

  it("are none, or all but the tokens'", () => {
    expect(frozenGroups(swinB5Step4)).toEqual([]);
    expect(frozen({ ...swinB5Step4, freeze_backbone_head: true })).toEqual(names.slice(2));
  });

  it("are the power of DOLG's pooling where it is not to be learned", () => {
    const groups = frozenGroups({ ...dolgB7Step1, gem_p_trainable: false });
    expect(groups).toEqual([{ name: "power", match: /^global_pool\.p$/, frozen: true }]);
    expect(frozenGroups(dolgB7Step1)).toEqual([]);
    expect(frozenGroups({ ...plainConfigs.b5[0]!, gem_p_trainable: false })).toEqual([]);
  });

  it("are all but unfreeze_layers in the network with three blocks", () => {
    const config: NetworkConfig = { ...swinB3Step4, freeze_backbone_head: true };
    expect(frozen({ ...config, unfreeze_layers: ["proj", "neck"] })).toEqual([names[0], names[2], names[4]]);
    expect(() => frozenGroups(config)).toThrow(
      "expected unfreeze_layers with freeze_backbone_head, got none",
    );
    expect(() => frozenGroups({ ...dolgB7Step1, freeze_backbone_head: true })).toThrow(
      "expected freeze_backbone_head only with hybrids, got ch_mdl_dolg_efficientnet",
    );
  });
});

describe("starting weights", () => {
  const filled = (shape: readonly number[], value: number) => ({
    shape,
    data: new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(value),
  });
  /** A network of three arrays, which are 0 at first. */
  const shapes = { "patch_embed.proj.weight": [3, 2], "patch_embed.proj.bias": [2], "neck.0.weight": [2, 2] };
  const model: EmbeddingModel = {
    name: "tiny",
    dimension: 2,
    stride: 1,
    shapes,
    classifier: ["head.weight", "global_pool.p"],
    initialize: () =>
      Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, filled(shape, 0)])),
    apply: () => {
      throw new Error("not run");
    },
  };
  const checkpoint: NamedArrays = {
    "patch_embed.proj.weight": filled([1, 2], 2),
    "patch_embed.proj.bias": filled([2], 2),
    "neck.0.weight": filled([2, 2], 2),
    "global_pool.p": filled([1], 3),
    "head.weight": filled([12, 2], 2),
  };
  const firsts = (arrays: NamedArrays) =>
    Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name, data[0]]));

  it("leave out what pop_weights names and take the rest", () => {
    const { parameters, report } = startingWeights(model, swinB3Step4, {
      classes: 4,
      seed: 1,
      loaded: checkpoint,
    });
    expect(firsts(parameters)).toEqual({
      "patch_embed.proj.weight": 0,
      "patch_embed.proj.bias": 2,
      "neck.0.weight": 2,
      "head.weight": 2,
    });
    expect(report?.dropped).toEqual(["patch_embed.proj.weight"]);
  });

  it("are those of ImageNet where the step before has none", () => {
    const pretrained = { "patch_embed.proj.weight": filled([3, 2], 1), "head.weight": filled([1000, 2], 1) };
    const options = { classes: 4, seed: 1, pretrained };
    const { parameters } = startingWeights(model, swinB3Step4, { ...options, loaded: checkpoint });
    expect(parameters["patch_embed.proj.weight"]?.data[0]).toBe(1);
    const first = startingWeights(model, dolgB7Step1, options);
    expect(first.parameters["patch_embed.proj.weight"]?.data[0]).toBe(1);
    expect(first.parameters["head.weight"]?.shape).toEqual([12, 2]);
    expect(first.report).toBeUndefined();
  });

  it("must all fit where the config is strict", () => {
    const loaded: NamedArrays = { ...checkpoint, "patch_embed.proj.weight": filled([3, 2], 2) };
    const strict = (weights: NamedArrays, classes = 4) =>
      startingWeights(model, dolgB7Step2, { classes, seed: 1, loaded: weights });
    expect(firsts(strict(loaded).parameters)["patch_embed.proj.weight"]).toBe(2);
    expect(() => strict(checkpoint)).toThrow("patch_embed.proj.weight");
    const { "neck.0.weight": _, ...missing } = loaded;
    expect(() => strict(missing)).toThrow('lacks "neck.0.weight"');
    expect(() => strict(loaded, 5)).toThrow("head.weight");
  });
});
