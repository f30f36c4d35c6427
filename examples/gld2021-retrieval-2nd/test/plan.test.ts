// A process of its own (vitest.config.ts says why), as a command of the program keeps what it was given.
// @vitest-environment-options { "alone": "gld2021-retrieval-2nd plan" }
import { describe, expect, it } from "vitest";
import { printedBy } from "../../kit/test/printed-by.ts";
import { chains } from "../src/chains.ts";
import { planCommand, planLines } from "../src/commands/plan.ts";
import { trainCommand } from "../src/commands/train.ts";

const folders = { cache: "./cache", modelDir: "./models" };

describe("planLines", () => {
  it("prints a chain for 8 devices, each run with the weights of the one before", () => {
    expect(planLines([chains.ResNeSt269], { devices: 8, ...folders }).join("\n")).toMatchInlineSnapshot(`
      "mpirun -n 8 node --import tsx examples/gld2021-retrieval-2nd/src/main.ts train --config-file ResNeSt269_448 --cache ./cache
      mpirun -n 8 node --import tsx examples/gld2021-retrieval-2nd/src/main.ts train --config-file ResNeSt269_448_finetune --cache ./cache MODEL.PRETRAIN_PATH logs/GLDv2clean/ResNeSt269_448_input448_bs28_lossarcfacescale30margin0.3_optSGD_lr0.08_wd0.0005_warm1.0_ep10_schecosine_drop0.0_re1.0_smoothoff_samplersoftmax_pad18_necknobias_cache_clean_list_color0.0_affine0.0/resnest269_10.safetensors
      mpirun -n 8 node --import tsx examples/gld2021-retrieval-2nd/src/main.ts train --config-file ResNeSt269_512_finetune --cache ./cache MODEL.PRETRAIN_PATH logs/GLDv2clean/ResNeSt269_448_finetune_input448_bs28_lossarcfacescale30margin0.3_optSGD_lr0.008_wd0.0005_warm0.0_ep6_schecosine_drop0.0_re1.0_smoothoff_samplersoftmax_pad18_necknobias_cache_c2f_list_color0.0_affine0.0/resnest269_4.safetensors
      mpirun -n 8 node --import tsx examples/gld2021-retrieval-2nd/src/main.ts train --config-file ResNeSt269_512_all --cache ./cache MODEL.PRETRAIN_PATH logs/GLDv2clean/ResNeSt269_512_finetune_input512_bs6_lossarcfacescale60margin0.0_optSGD_lr0.0008_wd0.0005_warm0.0_ep2_schecosine_drop0.0_re1.0_smoothoff_samplersoftmax_pad20_necknobias_cache_full_list_color0.0_affine0.0/resnest269_2.safetensors
      install -D logs/GLDv2clean/ResNeSt269_512_finetune_input512_bs6_lossarcfacescale60margin0.0_optSGD_lr0.0008_wd0.0005_warm0.0_ep2_schecosine_drop0.0_re1.0_smoothoff_samplergld_pad20_necknobias_cache_all_list_color0.0_affine0.0/resnest269_2.safetensors models/ResNeSt269_512_all.safetensors"
    `);
  });

  it("takes as many devices as divide the eight, and a device's images in parts", () => {
    const [line] = planLines([chains.R50], {
      devices: 3,
      mostImages: 50,
      ...folders,
      cache: "/my lists",
      root: "/gld",
      provider: "cuda",
      init: { resnet50: "r50.pth" },
    });
    expect(line).toBe(
      "mpirun -n 2 node --import tsx examples/gld2021-retrieval-2nd/src/main.ts train --config-file R50_256 --cache '/my lists' --root /gld --parts 4 --provider cuda MODEL.PRETRAIN_PATH r50.pth",
    );
    const [alone] = planLines([chains.R50], { devices: 1, ...folders });
    expect(alone).toBe(
      "node --import tsx examples/gld2021-retrieval-2nd/src/main.ts train --config-file R50_256 --cache ./cache",
    );
  });

  it("prints what `train` takes", () => {
    const options = { devices: 8, mostImages: 4, ...folders, root: "gld", provider: "cuda" } as const;
    const lines = planLines(Object.values(chains), options);
    const trainings = lines.filter((line) => line.includes(" train "));
    expect([lines.length, trainings.length]).toEqual([18 + 5, 18]);
    for (const line of trainings) {
      const words = line.slice(line.indexOf(" train ") + " train ".length).split(" ");
      expect(trainCommand.parseOptions(words).unknown).toEqual([]);
    }
  });
});

describe("plan", () => {
  const quiet = planCommand.exitOverride().configureOutput({ outputError: () => {} });
  const plan = (...args: string[]): Promise<string[]> => printedBy(quiet, ...args);

  it("prints all networks for 8 devices, or those that are asked for", async () => {
    const networks = [chains.R50, chains.ResNeSt101];
    const lines = planLines(networks, { devices: 8, ...folders }).map((line) => `${line}\n`);
    expect(await plan("--network", "ResNeSt101,R50")).toEqual(lines);
  });

  it("refuses networks and backbones that it does not know", async () => {
    await expect(plan("--network", "B7")).rejects.toThrow("got B7");
    await expect(plan("--init", "R50=weights.pth")).rejects.toThrow("got R50=weights.pth");
    await expect(plan("--devices", "0")).rejects.toThrow("got 0");
  });
});
