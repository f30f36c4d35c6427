import { holdOutFold, stratifiedFolds } from "@lmk/data";
import { gradualWarmupSchedule } from "@lmk/train";
import { describe, expect, it } from "vitest";
import { chains } from "../src/chains.ts";
import { createNetwork, headName, initialParameters } from "../src/network.ts";
import { lastEpoch, runsOf } from "../src/runs.ts";
import type { EnetType, TrainRun } from "../src/train-run.ts";

const runs = runsOf(chains);

/** The rates of the epochs that a run trains, with three digits. */
function ratesOf(run: TrainRun): number[] {
  const rate = gradualWarmupSchedule({ base: run.initLr, epochs: run.epochs, stepsPerEpoch: 1 });
  return Array.from({ length: lastEpoch(run) }, (_, epoch) => Number(rate(epoch).toPrecision(3)));
}

function rates(kernelType: string): number[] {
  return ratesOf(runs.find((run) => run.kernelType === kernelType)!);
}

describe("learning rates of the published runs", () => {
  it("are warmed up for one epoch, and fall by a cosine once per epoch", () => {
    const first = [1e-4, 1e-3, 1e-3, 8.83e-4, 7.5e-4, 5.87e-4, 4.13e-4, 2.5e-4, 1.17e-4, 3.02e-5];
    const published = runs.filter(({ trainStep, initLr }) => trainStep === 0 && initLr === 1e-4);
    expect(published).toHaveLength(6);
    for (const run of published) expect(ratesOf(run)).toEqual(first);
    expect(rates("b6ns_final_768_300w_f1_load28_5ep_1e-5")).toEqual([1e-5, 1e-4, 1e-4, 5e-5, 1.46e-5]);
    expect(rates("b7ns_final_672_300w_f0_load13_load1_14ep")).toEqual([1e-4, 1e-3, 1e-3, 9.43e-4]);
  });

  it("are the first epoch's alone where a run stops after it", () => {
    const [b7, b5, b4, nest101] = [
      "b7ns_final_672_300w_f0_load13_ep20",
      "b5ns_final_768_300w_f2_load16_20ep",
      "b4ns_final_768_300w_f0_load16_20ep",
      "nest101_final_768_300w_f4_load16_ep20",
    ].map(rates);
    expect([b7, b5, b4, nest101]).toEqual([[5e-5], [5e-5], [5e-5], [2e-5]]);
  });

  it("are far from 0 where a long schedule is stopped", () => {
    const ends = [
      ["b7ns_DDP_final_512_300w_f0_40ep", 13, 8.16e-4],
      ["b6ns_DDP_final_512_300w_f1_40ep", 28, 2.5e-4],
      ["b6ns_DDP_final_512_300w_f1_40ep", 36, 4e-5],
      ["b5ns_DDP_final_576_300w_f2_40ep", 16, 7.14e-4],
      ["b5ns_DDP_final_576_300w_f2_40ep", 33, 1e-4],
      ["b4ns_DDP_final_704_300w_f0_50ep", 16, 8.12e-4],
      ["b3ns_DDP_final_544_300w_f1_40ep", 29, 2.16e-4],
      ["rex20_DDP_final_768_300w_f4_50ep", 38, 1.64e-4],
    ] as const;
    for (const [kernelType, epoch, rate] of ends) expect(rates(kernelType)[epoch - 1]).toBe(rate);
  });
});

describe("parameters", () => {
  /** Numbers of a network that are trained. */
  function count(enetType: EnetType): { backbone: number; neck: number } {
    const sums = { backbone: 0, neck: 0 };
    for (const [name, shape] of Object.entries(createNetwork(enetType).shapes)) {
      if (name.includes("running_")) continue;
      sums[name.startsWith("feat.") ? "neck" : "backbone"] += shape.reduce((size, side) => size * side, 1);
    }
    return sums;
  }

  /** Of the backbones with a classifier of 1000 classes, as timm and the authors of ReXNet count them. */
  it.each([
    ["tf_efficientnet_b3_ns", 1536, 12_233_232],
    ["tf_efficientnet_b4_ns", 1792, 19_341_616],
    ["tf_efficientnet_b5_ns", 2048, 30_389_784],
    ["tf_efficientnet_b6_ns", 2304, 43_040_704],
    ["tf_efficientnet_b7_ns", 2560, 66_347_960],
    ["nest101", 2048, 48_275_016],
    ["rex20", 2560, 16_366_620],
  ] as const)(
    "of %s are those of its backbone and of a layer from %i to 512",
    (enetType, channels, whole) => {
      const { backbone, neck } = count(enetType);
      expect(backbone).toBe(whole - 1000 * (channels + 1));
      expect(neck).toBe(channels * 512 + 512);
    },
  );

  it("of ReXNet's backbone are 13,805,620", () => {
    expect(count("rex20").backbone).toBe(13_805_620);
  });

  it("of the head are 124,896,768 for the cleaned landmarks and 311,952,384 for all", () => {
    const model = createNetwork("tf_efficientnet_b3_ns", { width: 0.1, depth: 0.1 });
    const { shape, data } = initialParameters(model, { classes: 7, seed: 1 })[headName]!;
    expect(shape).toEqual([7 * 3, 512]);
    expect((data.length / 7) * 81_313).toBe(124_896_768);
    expect((data.length / 7) * 203_094).toBe(311_952_384);
  });
});

it("1,580,470 cleaned images of 81,313 landmarks are five folds of 316,094, of which 21,073 are validated on", () => {
  // Each landmark has 19 or 20 images here; the sizes of folds do not depend on how many each has.
  const labels = Int32Array.from({ length: 1_580_470 }, (_, row) => row % 81_313);
  const folds = stratifiedFolds(labels);
  for (let fold = 0; fold < 5; fold++) {
    const { train, validation } = holdOutFold(folds, { fold });
    expect(train.length).toBe(1_580_470 - 316_094);
    expect(validation.length).toBe(21_073);
  }
});
