// A process of its own (vitest.config.ts says why), as a command of the program keeps what it was given.
// @vitest-environment-options { "alone": "gld2020-recognition plan" }
import { describe, expect, it } from "vitest";
import { printedBy } from "../../kit/test/printed-by.ts";
import { chains } from "../src/chains.ts";
import { type PlanOptions, planCommand, planLines, shareBatch } from "../src/commands/plan.ts";
import { trainCommand } from "../src/commands/train.ts";

const folders = { dataDir: "./data", modelDir: "./weights" };

/** The commands of some networks, a line each. */
function planned(names: readonly string[], options: Omit<PlanOptions, keyof typeof folders>): string {
  const wanted = chains.filter(({ name }) => names.includes(name));
  return planLines(wanted, { ...options, ...folders }).join("\n");
}

describe("shareBatch", () => {
  it("takes as many devices as share the batch evenly", () => {
    expect(shareBatch(252, { devices: 8 })).toEqual({ devices: 7, accumulate: 1, batchSize: 36 });
    expect(shareBatch(252, { devices: 6 })).toEqual({ devices: 6, accumulate: 1, batchSize: 42 });
    expect(shareBatch(104, { devices: 6 })).toEqual({ devices: 4, accumulate: 1, batchSize: 26 });
    expect(shareBatch(80, { devices: 100 })).toEqual({ devices: 80, accumulate: 1, batchSize: 1 });
  });

  it("takes a device's images in as few parts as it can hold, all of one size", () => {
    expect(shareBatch(252, { devices: 6, mostImages: 20 })).toEqual({
      devices: 6,
      accumulate: 3,
      batchSize: 14,
    });
    expect(shareBatch(152, { devices: 8, mostImages: 18 })).toEqual({
      devices: 8,
      accumulate: 19,
      batchSize: 1,
    });
    expect(shareBatch(152, { devices: 8, mostImages: 19 })).toEqual({
      devices: 8,
      accumulate: 1,
      batchSize: 19,
    });
  });

  it("keeps every published batch", () => {
    for (const { batchSize, devices } of chains.flatMap(({ runs }) => runs)) {
      for (const options of [{ devices: 1 }, { devices: 6, mostImages: 4 }, { devices: 8, mostImages: 5 }]) {
        const shares = shareBatch(batchSize * devices, options);
        expect(shares.devices * shares.accumulate * shares.batchSize).toBe(batchSize * devices);
        expect(shares.devices).toBeLessThanOrEqual(options.devices);
        expect(shares.batchSize).toBeLessThanOrEqual(options.mostImages ?? Infinity);
      }
    }
  });
});

describe("planLines", () => {
  it("prints a chain for 8 devices", () => {
    expect(planned(["b7"], { devices: 8 })).toMatchInlineSnapshot(`
      "mpirun -n 7 node --import tsx examples/gld2020-recognition/src/main.ts train --kernel-type b7ns_DDP_final_256_300w_f0_10ep --data-dir ./data --model-dir ./weights --train-step 0 --enet-type tf_efficientnet_b7_ns --fold 0 --image-size 256 --batch-size 36 --init-lr 0.0001 --n-epochs 10
      mpirun -n 8 node --import tsx examples/gld2020-recognition/src/main.ts train --kernel-type b7ns_DDP_final_512_300w_f0_40ep --data-dir ./data --model-dir ./weights --train-step 1 --enet-type tf_efficientnet_b7_ns --fold 0 --image-size 512 --batch-size 16 --init-lr 0.0001 --n-epochs 40 --stop-at-epoch 13 --load-from weights/b7ns_DDP_final_256_300w_f0_10ep_fold0.safetensors
      mpirun -n 8 node --import tsx examples/gld2020-recognition/src/main.ts train --kernel-type b7ns_final_672_300w_f0_load13_ep20 --data-dir ./data --model-dir ./weights --train-step 2 --enet-type tf_efficientnet_b7_ns --fold 0 --image-size 672 --batch-size 10 --init-lr 0.00005 --n-epochs 20 --stop-at-epoch 1 --load-from weights/b7ns_DDP_final_512_300w_f0_40ep_fold0.safetensors
      mpirun -n 8 node --import tsx examples/gld2020-recognition/src/main.ts train --kernel-type b7ns_final_672_300w_f0_load13_load1_14ep --data-dir ./data --model-dir ./weights --train-step 3 --enet-type tf_efficientnet_b7_ns --fold 0 --image-size 672 --batch-size 10 --init-lr 0.0001 --n-epochs 14 --stop-at-epoch 4 --load-from weights/b7ns_final_672_300w_f0_load13_ep20_fold0.safetensors"
    `);
  });

  it("prints a chain for 6 devices", () => {
    expect(planned(["nest101"], { devices: 6 })).toMatchInlineSnapshot(`
      "mpirun -n 6 node --import tsx examples/gld2020-recognition/src/main.ts train --kernel-type nest101_DDP_final_256_300w_f4_10ep_3e-5 --data-dir ./data --model-dir ./weights --train-step 0 --enet-type nest101 --fold 4 --image-size 256 --batch-size 42 --init-lr 0.00003 --n-epochs 10
      mpirun -n 6 node --import tsx examples/gld2020-recognition/src/main.ts train --kernel-type nest101_DDP_final_576_300w_f4_40ep --data-dir ./data --model-dir ./weights --train-step 1 --enet-type nest101 --fold 4 --image-size 576 --batch-size 40 --init-lr 0.00003 --n-epochs 40 --stop-at-epoch 16 --load-from weights/nest101_DDP_final_256_300w_f4_10ep_3e-5_fold4.safetensors
      mpirun -n 4 node --import tsx examples/gld2020-recognition/src/main.ts train --kernel-type nest101_final_768_300w_f4_load16_ep20 --data-dir ./data --model-dir ./weights --train-step 2 --enet-type nest101 --fold 4 --image-size 768 --batch-size 32 --init-lr 0.00002 --n-epochs 20 --stop-at-epoch 1 --load-from weights/nest101_DDP_final_576_300w_f4_40ep_fold4.safetensors
      mpirun -n 4 node --import tsx examples/gld2020-recognition/src/main.ts train --kernel-type nest101_final_768_300w_f4_load16_19ep_load1_16ep --data-dir ./data --model-dir ./weights --train-step 3 --enet-type nest101 --fold 4 --image-size 768 --batch-size 32 --init-lr 0.00004 --n-epochs 16 --stop-at-epoch 5 --load-from weights/nest101_final_768_300w_f4_load16_ep20_fold4.safetensors"
    `);
  });

  it("prints chains that share runs for 1 device, in parts", () => {
    expect(planned(["b6", "b6b"], { devices: 1, mostImages: 8 })).toMatchInlineSnapshot(`
      "node --import tsx examples/gld2020-recognition/src/main.ts train --kernel-type b6ns_DDP_final_256_300w_f1_10ep --data-dir ./data --model-dir ./weights --train-step 0 --enet-type tf_efficientnet_b6_ns --fold 1 --image-size 256 --batch-size 8 --accumulate 32 --init-lr 0.0001 --n-epochs 10
      node --import tsx examples/gld2020-recognition/src/main.ts train --kernel-type b6ns_DDP_final_512_300w_f1_40ep --data-dir ./data --model-dir ./weights --train-step 1 --enet-type tf_efficientnet_b6_ns --fold 1 --image-size 512 --batch-size 8 --accumulate 22 --init-lr 0.0001 --n-epochs 40 --stop-at-epoch 36 --keep-epochs 28 --load-from weights/b6ns_DDP_final_256_300w_f1_10ep_fold1.safetensors
      node --import tsx examples/gld2020-recognition/src/main.ts train --kernel-type b6ns_final_768_300w_f1_load28_5ep_1e-5 --data-dir ./data --model-dir ./weights --train-step 2 --enet-type tf_efficientnet_b6_ns --fold 1 --image-size 768 --batch-size 8 --accumulate 10 --init-lr 0.00001 --n-epochs 5 --load-from weights/b6ns_DDP_final_512_300w_f1_40ep_fold1_ep28.safetensors"
    `);
  });

  it("prints a line for each of the 25 runs", () => {
    const lines = planLines(chains, { devices: 8, ...folders });
    expect(lines).toHaveLength(25);
    expect(lines.filter((line) => line.includes("--keep-epochs"))).toHaveLength(2);
    expect(lines.filter((line) => !line.includes("--load-from"))).toHaveLength(7);
  });

  it("prints what `train` takes", () => {
    const init = { nest101: "resnest101.pth" } as const;
    const lines = planLines(chains, { devices: 6, mostImages: 4, provider: "cuda", init, ...folders });
    for (const line of lines) {
      const words = line.slice(line.indexOf(" train ") + " train ".length).split(" ");
      expect(trainCommand.parseOptions(words)).toEqual({ operands: [], unknown: [] });
    }
  });

  it("adds where networks run, and what the first steps begin with", () => {
    const init = { rex20: "rexnetv1_2.0x.pth" } as const;
    const wanted = chains.filter(({ name }) => name === "rex20" || name === "b3");
    const lines = planLines(wanted, { devices: 8, provider: "cuda", init, ...folders });
    expect(lines.every((line) => line.includes(" --provider cuda"))).toBe(true);
    expect(lines.map((line) => / --init (\S+)/.exec(line)?.[1])).toEqual([
      ...[undefined, undefined, undefined, undefined],
      ...["rexnetv1_2.0x.pth", undefined],
    ]);
  });

  it("quotes folders for the shell", () => {
    const [, line] = planLines(chains, { devices: 1, dataDir: "/my data", modelDir: "it's" });
    expect(line).toContain("--data-dir '/my data' --model-dir 'it'\\''s' ");
    expect(line).toContain("--load-from 'it'\\''s/b7ns_DDP_final_256_300w_f0_10ep_fold0.safetensors'");
  });
});

describe("plan", () => {
  const quiet = planCommand.exitOverride().configureOutput({ outputError: () => {} });
  const plan = (...args: string[]): Promise<string[]> => printedBy(quiet, ...args);

  it("prints the networks that are asked for, for 8 devices unless it is told", async () => {
    const lines = await plan("--member", "b6b,rex20");
    expect(lines).toEqual(
      planLines(
        chains.filter(({ name }) => name === "b6b" || name === "rex20"),
        { devices: 8, ...folders },
      ).map((line) => `${line}\n`),
    );
    expect(await plan("--member", "rex20", "--init", "rex20=a=b.pth")).toContainEqual(
      expect.stringContaining(" --init a=b.pth\n"),
    );
  });

  it("refuses networks that it does not know", async () => {
    await expect(plan("--member", "b8")).rejects.toThrow("got b8");
    await expect(plan("--init", "b7=weights.pth")).rejects.toThrow("got b7=weights.pth");
    await expect(plan("--devices", "0")).rejects.toThrow("got 0");
  });
});
