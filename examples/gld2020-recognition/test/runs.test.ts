import { describe, expect, it } from "vitest";
import { chains } from "../src/chains.ts";
import { lastEpoch, type PlannedRun, runsOf } from "../src/runs.ts";
import type { Chain } from "../src/train-run.ts";
import { weightsName } from "../src/weights-name.ts";

const all = runsOf(chains);

function chainOf(name: string): Chain {
  return chains.find((chain) => chain.name === name)!;
}

function endsOf(runs: readonly PlannedRun[]): unknown[] {
  return runs.map((run) => [run.kernelType, lastEpoch(run), run.keepEpochs, run.loadFrom?.epoch]);
}

describe("runsOf", () => {
  it("does the 29 published runs as 25, each after the one that it loads", () => {
    expect(chains.flatMap(({ runs }) => runs)).toHaveLength(29);
    expect(all).toHaveLength(25);
    const files = all.map((run) => weightsName(run));
    expect(new Set(files).size).toBe(25);
    for (const [i, { loadFrom, fold }] of all.entries()) {
      if (loadFrom === undefined) continue;
      const loaded = files.indexOf(weightsName({ kernelType: loadFrom.kernelType, fold }));
      expect(loaded).toBeGreaterThanOrEqual(0);
      expect(loaded).toBeLessThan(i);
    }
  });

  it("does a shared run to its later end, and keeps the weights of the earlier", () => {
    expect(endsOf(runsOf([chainOf("b6"), chainOf("b6b")]))).toEqual([
      ["b6ns_DDP_final_256_300w_f1_10ep", 10, [], undefined],
      ["b6ns_DDP_final_512_300w_f1_40ep", 36, [28], undefined],
      ["b6ns_final_768_300w_f1_load28_5ep_1e-5", 5, [], 28],
    ]);
    expect(endsOf(runsOf([chainOf("b5b"), chainOf("b5")]))).toEqual([
      ["b5ns_DDP_final_256_300w_f2_10ep", 10, [], undefined],
      ["b5ns_DDP_final_576_300w_f2_40ep", 33, [16], undefined],
      ["b5ns_final_768_300w_f2_load33_5ep_3e-5_32G", 4, [], undefined],
      ["b5ns_final_768_300w_f2_load16_20ep", 1, [], 16],
    ]);
    expect(all.filter(({ keepEpochs }) => keepEpochs.length > 0).map(({ kernelType }) => kernelType)).toEqual(
      ["b6ns_DDP_final_512_300w_f1_40ep", "b5ns_DDP_final_576_300w_f2_40ep"],
    );
  });

  it("keeps nothing where a chain is alone", () => {
    expect(endsOf(runsOf([chainOf("b6")]))).toEqual([
      ["b6ns_DDP_final_256_300w_f1_10ep", 10, [], undefined],
      ["b6ns_DDP_final_512_300w_f1_40ep", 28, [], undefined],
      ["b6ns_final_768_300w_f1_load28_5ep_1e-5", 5, [], undefined],
    ]);
  });

  it("tells runs of different folds apart, as their files do", () => {
    const { runs, ...b4 } = chainOf("b4");
    const otherFold = { ...b4, runs: runs.map((run) => ({ ...run, fold: 3, initLr: 1 })) };
    expect(runsOf([chainOf("b4"), otherFold])).toHaveLength(8);
  });

  it("refuses chains that disagree on a run", () => {
    const { runs, ...b6b } = chainOf("b6b");
    const other = (change: object): Chain => ({ ...b6b, runs: runs.map((run) => ({ ...run, ...change })) });
    const refusal = (name: string): RangeError =>
      new RangeError(
        `runsOf: expected chains that share b6ns_DDP_final_256_300w_f1_10ep_fold1 to agree on it, got another \`${name}\``,
      );
    expect(() => runsOf([chainOf("b6"), other({ initLr: 2 })])).toThrow(refusal("initLr"));
    expect(() => runsOf([chainOf("b6"), other({ loadFrom: { kernelType: "x" } })])).toThrow(
      refusal("loadFrom"),
    );
  });
});

describe("weightsName", () => {
  it("is the original's name with another ending", () => {
    const run = { kernelType: "b6ns_DDP_final_512_300w_f1_40ep", fold: 1 };
    expect(weightsName(run)).toBe("b6ns_DDP_final_512_300w_f1_40ep_fold1.safetensors");
    expect(weightsName(run, 28)).toBe("b6ns_DDP_final_512_300w_f1_40ep_fold1_ep28.safetensors");
  });
});
