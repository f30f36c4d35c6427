import { describe, expect, it } from "vitest";
import { chains } from "../src/chains.ts";
import { lastRun, type MemberName, memberNames } from "../src/train-run.ts";

/** Kernel type, image size, images of a device, devices, learning rate, epochs of the schedule, epochs that are trained. */
type Row = readonly [string, number, number, number, number, number, number];

/** The original's commands, read from its README.md and notebook. */
const published: Readonly<Record<MemberName, { enet: string; fold: number; size: number; rows: Row[] }>> = {
  b7: {
    enet: "tf_efficientnet_b7_ns",
    fold: 0,
    size: 672,
    rows: [
      ["b7ns_DDP_final_256_300w_f0_10ep", 256, 42, 6, 1e-4, 10, 10],
      ["b7ns_DDP_final_512_300w_f0_40ep", 512, 16, 8, 1e-4, 40, 13],
      ["b7ns_final_672_300w_f0_load13_ep20", 672, 10, 8, 5e-5, 20, 1],
      ["b7ns_final_672_300w_f0_load13_load1_14ep", 672, 10, 8, 1e-4, 14, 4],
    ],
  },
  b6: {
    enet: "tf_efficientnet_b6_ns",
    fold: 1,
    size: 768,
    rows: [
      ["b6ns_DDP_final_256_300w_f1_10ep", 256, 64, 4, 1e-4, 10, 10],
      ["b6ns_DDP_final_512_300w_f1_40ep", 512, 22, 8, 1e-4, 40, 28],
      ["b6ns_final_768_300w_f1_load28_5ep_1e-5", 768, 10, 8, 1e-5, 5, 5],
    ],
  },
  b5: {
    enet: "tf_efficientnet_b5_ns",
    fold: 2,
    size: 768,
    rows: [
      ["b5ns_DDP_final_256_300w_f2_10ep", 256, 64, 4, 1e-4, 10, 10],
      ["b5ns_DDP_final_576_300w_f2_40ep", 576, 24, 8, 1e-4, 40, 16],
      ["b5ns_final_768_300w_f2_load16_20ep", 768, 13, 8, 5e-5, 20, 1],
    ],
  },
  b4: {
    enet: "tf_efficientnet_b4_ns",
    fold: 0,
    size: 768,
    rows: [
      ["b4ns_final_256_400w_f0_10ep", 256, 128, 2, 1e-4, 10, 10],
      ["b4ns_DDP_final_704_300w_f0_50ep", 704, 22, 8, 1e-4, 50, 16],
      ["b4ns_final_768_300w_f0_load16_20ep", 768, 16, 8, 5e-5, 20, 1],
      ["b4ns_final_768_300w_f0_load16_20ep_load1_20ep", 768, 16, 8, 1e-4, 20, 4],
    ],
  },
  b3: {
    enet: "tf_efficientnet_b3_ns",
    fold: 1,
    size: 768,
    rows: [
      ["b3ns_final_256_400w_f1_10ep", 256, 128, 2, 1e-4, 10, 10],
      ["b3ns_DDP_final_544_300w_f1_40ep", 544, 17, 8, 1e-4, 40, 29],
      ["b3ns_final_768_300w_f1_load29_5ep", 768, 22, 8, 5e-5, 5, 5],
      ["b3ns_final_768_300w_f1_load29_5ep5ep", 768, 22, 8, 5e-5, 5, 5],
    ],
  },
  nest101: {
    enet: "nest101",
    fold: 4,
    size: 768,
    rows: [
      ["nest101_DDP_final_256_300w_f4_10ep_3e-5", 256, 42, 6, 3e-5, 10, 10],
      ["nest101_DDP_final_576_300w_f4_40ep", 576, 30, 8, 3e-5, 40, 16],
      ["nest101_final_768_300w_f4_load16_ep20", 768, 16, 8, 2e-5, 20, 1],
      ["nest101_final_768_300w_f4_load16_19ep_load1_16ep", 768, 16, 8, 4e-5, 16, 5],
    ],
  },
  rex20: {
    enet: "rex20",
    fold: 4,
    size: 768,
    rows: [
      ["rex20_final_256_400w_f4_10ep", 256, 64, 4, 1e-4, 10, 10],
      ["rex20_DDP_final_768_300w_f4_50ep", 768, 19, 8, 1e-4, 50, 38],
    ],
  },
  b6b: {
    enet: "tf_efficientnet_b6_ns",
    fold: 1,
    size: 512,
    rows: [
      ["b6ns_DDP_final_256_300w_f1_10ep", 256, 64, 4, 1e-4, 10, 10],
      ["b6ns_DDP_final_512_300w_f1_40ep", 512, 22, 8, 1e-4, 40, 36],
    ],
  },
  b5b: {
    enet: "tf_efficientnet_b5_ns",
    fold: 2,
    size: 768,
    rows: [
      ["b5ns_DDP_final_256_300w_f2_10ep", 256, 64, 4, 1e-4, 10, 10],
      ["b5ns_DDP_final_576_300w_f2_40ep", 576, 24, 8, 1e-4, 40, 33],
      ["b5ns_final_768_300w_f2_load33_5ep_3e-5_32G", 768, 13, 8, 3e-5, 5, 4],
    ],
  },
};

it("has the nine networks in the order of the notebook's concatenation", () => {
  expect(chains.map(({ name }) => name)).toEqual(memberNames);
  expect(memberNames).toEqual(["b7", "b6", "b5", "b4", "b3", "nest101", "rex20", "b6b", "b5b"]);
});

describe.each(chains)("$name", ({ name, runs, inferenceSize }) => {
  const { enet, fold, size, rows } = published[name];

  it("has every number of the original's commands", () => {
    const table = runs.map(
      ({ kernelType, imageSize, batchSize, devices, initLr, epochs, stopAtEpoch = epochs }): Row => {
        return [kernelType, imageSize, batchSize, devices, initLr, epochs, stopAtEpoch];
      },
    );
    expect(table).toEqual(rows);
    expect(inferenceSize).toBe(size);
  });

  it("trains one network on one fold, step after step, each with the weights of the one before", () => {
    for (const [i, { trainStep, enetType, fold: heldOut, loadFrom }] of runs.entries()) {
      expect([trainStep, enetType, heldOut]).toEqual([i, enet, fold]);
      expect(loadFrom).toEqual(i === 0 ? undefined : { kernelType: rows[i - 1]![0] });
    }
  });
});

it("ends where the published checkpoints do, but for ReXNet's, which is of a run that is not published", () => {
  const ends = chains.map((chain) => {
    const { kernelType, fold, epochs, stopAtEpoch = epochs } = lastRun(chain);
    return [chain.name, `${kernelType}_fold${fold}_ep${stopAtEpoch}`];
  });
  const checkpoints = chains.map(({ name, publishedCheckpoint }) => [name, publishedCheckpoint]);
  expect(checkpoints).toEqual([
    ["b7", "b7ns_final_672_300w_f0_load13_load1_14ep_fold0_ep4"],
    ["b6", "b6ns_final_768_300w_f1_load28_5ep_1e-5_fold1_ep5"],
    ["b5", "b5ns_final_768_300w_f2_load16_20ep_fold2_ep1"],
    ["b4", "b4ns_final_768_300w_f0_load16_20ep_load1_20ep_fold0_ep4"],
    ["b3", "b3ns_final_768_300w_f1_load29_5ep5ep_fold1_ep5"],
    ["nest101", "nest101_final_768_300w_f4_load16_19ep_load1_16ep_fold4_ep5"],
    ["rex20", "rex20_DDP_final_768_300w_f4_35ep_load20resume_fold4_ep31"],
    ["b6b", "b6ns_DDP_final_512_300w_f1_40ep_fold1_ep36"],
    ["b5b", "b5ns_final_768_300w_f2_load33_5ep_3e-5_32G_fold2_ep4"],
  ]);
  expect(ends.filter(([name]) => name !== "rex20")).toEqual(checkpoints.filter(([name]) => name !== "rex20"));
});
