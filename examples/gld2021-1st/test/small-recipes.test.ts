import type { NamedArrays } from "@lmk/models";
import { describe, expect, it } from "vitest";
import type { MemberName } from "../src/ensembles.ts";
import { startingWeights } from "../src/handover.ts";
import { createNetwork } from "../src/network.ts";
import type { NetworkConfig } from "../src/network-config.ts";
import type { NetworkSize } from "../src/network-size.ts";
import { presets, withMembers } from "../src/presets.ts";
import { backbonesOf, pretrainedWeights } from "../src/pretrained.ts";
import { standInNetworks, standInsOf } from "../src/stand-ins.ts";
import { imageSide } from "../src/tokens.ts";

const { embedded, paper } = presets;

/** What was drawn before: networks share stand-ins. */
const drawnBefore = new Map<string, NamedArrays>();

/** The weights that stand-ins would have, drawn instead of trained. */
function drawn(member: MemberName): Record<string, NamedArrays> {
  return Object.fromEntries(
    standInsOf(embedded, member).map(({ backbone, config, size }) => {
      const key = JSON.stringify([config, size]);
      const weights = drawnBefore.get(key) ?? drawBackbone(config, size);
      drawnBefore.set(key, weights);
      return [backbone, weights];
    }),
  );
}

function drawBackbone(config: NetworkConfig, size: NetworkSize): NamedArrays {
  const prefix = config.model === "swin" ? "backbone." : "";
  const weights = Object.entries(createNetwork(config, size).initialize({ seed: 9 }));
  const named = weights.filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(named.map(([name, array]) => [name.slice(prefix.length), array]));
}

describe.each(embedded.recipes)("the small $member", ({ member, steps }) => {
  const size = embedded.sizes[member];

  it("goes from step to step, and has fewer than 3 million parameters", () => {
    const backbones = drawn(member);
    let loaded: NamedArrays | undefined;
    for (const { config } of steps) {
      const model = createNetwork(config, size);
      const pretrained = pretrainedWeights(config, backbones);
      const start = { classes: 30, seed: 1, pretrained, ...(loaded === undefined ? {} : { loaded }) };
      const { parameters } = startingWeights(model, config, start);
      const count = Object.values(model.shapes).reduce((sum, s) => sum + s.reduce((a, b) => a * b, 1), 0);
      expect(count).toBeLessThan(3e6);
      // Every backbone that a step begins with has a place in its network.
      for (const [backbone, prefix] of backbonesOf(config)) {
        const names = Object.keys(backbones[backbone]!).filter((name) => prefix + name in model.shapes);
        expect(names.length).toBeGreaterThan(10);
        if (loaded === undefined)
          expect(parameters[prefix + names[0]!]).toEqual(backbones[backbone]![names[0]!]);
      }
      loaded = parameters;
    }
  });
});

it("take images of 64 pixels, but for the first and the last steps of hybrids that need others", () => {
  const sides = embedded.recipes.map(({ member, steps }) => [
    member,
    ...steps.map(({ config }) => imageSide(config, embedded.sizes[member])),
  ]);
  expect(sides).toEqual([
    ["dolg-b5", 64, 64, 64],
    ["dolg-b6", 64, 64, 64],
    ["dolg-b7", 64, 64, 64],
    ["swin-b3", 32, 64, 64, 128],
    ["swin-b5", 32, 64, 64, 64],
    ["swin-b6", 64, 64, 64, 64],
    ["effnet-b3", 64, 64, 64, 64],
    ["effnet-b6", 64, 64],
    ["effnet-b5", 64, 64, 64],
  ]);
});

it("have the steps, tables and handovers of the published recipes", () => {
  for (const [i, { steps }] of embedded.recipes.entries()) {
    const published = paper.recipes[i]!.steps;
    expect(steps.map(({ config }) => config.name)).toEqual(published.map(({ config }) => config.name));
    for (const [j, { config, devices }] of steps.entries()) {
      const { train_df, pretrained_weights, pop_weights, model, backbone, stride } = published[j]!.config;
      expect(config).toMatchObject({ train_df, pretrained_weights, pop_weights, model, backbone, stride });
      expect(devices).toBe(1);
      expect(config.epochs).toBeGreaterThan(config.warmup);
    }
  }
});

it("share stand-ins of one backbone and size", () => {
  const shared = standInNetworks(embedded).map(({ name, members }) => [name, ...members]);
  expect(shared).toEqual([
    ["tf_efficientnet_b5_ns", "dolg-b5", "swin-b5", "effnet-b5"],
    ["tf_efficientnet_b6_ns", "dolg-b6", "swin-b6", "effnet-b6"],
    ["tf_efficientnet_b7_ns", "dolg-b7"],
    ["swin_base_patch4_window7_224", "swin-b3", "swin-b5"],
    ["tf_efficientnet_b3_ns", "swin-b3", "effnet-b3"],
    ["swin_base_patch4_window12_384", "swin-b6"],
  ]);
});

it("name stand-ins of several sizes the same, whichever networks are chosen", () => {
  const sizes = { ...embedded.sizes, "effnet-b5": { width: 0.1, depth: 0.1 } };
  const names = (config: typeof embedded) => standInNetworks({ ...config, sizes }).map(({ name }) => name);
  expect(names(withMembers(embedded, ["effnet-b5"]))).toEqual(["tf_efficientnet_b5_ns-2"]);
  expect(names(withMembers(embedded, ["dolg-b5", "effnet-b5"]))).toEqual([
    "tf_efficientnet_b5_ns",
    "tf_efficientnet_b5_ns-2",
  ]);
});
