// A process of its own (vitest.config.ts says why), as a command of the program keeps what it was given.
// @vitest-environment-options { "alone": "gld2021-retrieval-2nd train-command" }
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSafetensors } from "@lmk/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chains } from "../src/chains.ts";
import { trainCommand } from "../src/commands/train.ts";
import { configs } from "../src/configs.ts";
import { findConfig } from "../src/find-config.ts";
import { requireInits } from "../src/init-files.ts";
import { presets } from "../src/presets.ts";
import { startOfConfig } from "../src/start-of-config.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-train-command-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("findConfig", () => {
  it("takes a published run by its name, or by the original's path", async () => {
    expect(await findConfig("R50_256", [])).toEqual(configs.R50_256);
    const keys = ["SOLVER.BASE_LR", "1e-3"];
    const { SOLVER } = await findConfig("configs/GLDv2/SER101ibn_384.yml", keys);
    expect([SOLVER.BASE_LR, SOLVER.IMS_PER_BATCH]).toEqual([0.001, 96]);
  });

  it("reads a file", async () => {
    const file = join(folder, "R50_256.yml");
    writeFileSync(file, "SOLVER:\n  MAX_EPOCHS: 3\n");
    expect((await findConfig(file, ["MODEL.NAME", "resnest50"])).SOLVER.MAX_EPOCHS).toBe(3);
  });

  it("refuses what is neither", async () => {
    await expect(findConfig("R50_512", [])).rejects.toThrow(
      /^--config-file: expected a yml file or one of R50_256, R50_256_finetune, .*, got R50_512; correct it$/,
    );
  });
});

describe("startOfConfig", () => {
  const configWith = (PRETRAIN_PATH: string, PRETRAIN_CHOICE: string) => ({
    MODEL: { ...configs.SER101ibn_384.MODEL, PRETRAIN_PATH, PRETRAIN_CHOICE },
  });
  const namesOf = async (choice: string, loadSeFc: boolean): Promise<readonly string[]> => {
    const started = await startOfConfig(configWith(join(folder, "ser.safetensors"), choice), { loadSeFc });
    return Object.keys(started!.start);
  };

  it("leaves out of ImageNet's weights what the original does, unless it is told", async () => {
    const one = { shape: [1, 1, 2, 2], data: new Float32Array(4) };
    const names = ["conv1.weight", "layer1.0.se.fc.0.weight", "fc.weight"];
    await writeSafetensors(
      join(folder, "ser.safetensors"),
      Object.fromEntries(names.map((name) => [name, one])),
    );
    expect(await namesOf("imagenet", false)).toEqual(["conv1.weight"]);
    expect(await namesOf("imagenet", true)).toEqual(["conv1.weight", "layer1.0.se.fc.0.weight"]);
    expect((await namesOf("self", false)).toSorted()).toEqual(names.toSorted());
  });

  it("is nothing for an empty path, and says which file is missing", async () => {
    expect(await startOfConfig(configWith("", "imagenet"), { loadSeFc: false })).toBe(undefined);
    await expect(startOfConfig(configs.R50_256, { loadSeFc: false })).rejects.toThrow(
      'MODEL.PRETRAIN_PATH: expected a file of weights, got no .torch/models/resnet50-19c8e357.pth; put it behind the key, or "" to begin with random weights',
    );
  });
});

describe("train", () => {
  const run = (...args: readonly string[]): Promise<unknown> =>
    trainCommand
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parseAsync([...args], { from: "user" });

  it("takes the original's flag and keys", async () => {
    const cache = join(folder, "lists");
    const list = join(cache, "cache_clean_list.pkl");
    const keys = ["MODEL.DEVICE_ID", "'0'", "SOLVER.IMS_PER_BATCH", "8"];
    await expect(
      run("--config_file", "configs/GLDv2/R50_256.yml", ...keys, "--cache", cache),
    ).rejects.toThrow(
      `${list}: expected the list of DATALOADER.CACHE_LIST, got none; make it with generate-list, or correct --cache`,
    );
  });

  it.each([
    [[], /required option.*--config-file/],
    [["--config-file", "R50_256", "SOLVER.BASE_LR"], /expected pairs of a key and a value, got 1 words/],
    [["--config-file", "R50_256", "MODEL.LAYERS", "3"], /expected keys of the original, got MODEL.LAYERS/],
    [["--config-file", "R50_256", "INPUT.AUGMIX_PROB", "0.5"], /INPUT.AUGMIX_PROB: expected 0, got 0.5/],
    [["--config-file", "R50_256", "--parts", "0"], /--parts <n>.*got 0/],
  ])("refuses %j", async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });
});

it("refuses files of --init that are of no backbone, not there, or of several", () => {
  const two = { ...presets.paper, chains: [chains.SER101ibn, chains.ResNeSt269] };
  const init = (files: Record<string, string>) => () => requireInits(two, files);
  expect(init({ R50: "a.pth" })).toThrow(
    "--init: expected one of se_resnet101_ibn_a, resnest269 before =, got R50; correct it",
  );
  expect(init({ resnet50: "a.pth" })).toThrow(
    "--init: expected a file of weights, got no a.pth; correct the path",
  );
  const file = join(folder, "init.pth");
  writeFileSync(file, "");
  expect(init({ resnet50: file })).not.toThrow();
  expect(init({ "*": file })).toThrow(
    "--init: expected a file for each backbone (se_resnet101_ibn_a=FILE, resnest269=FILE), ",
  );
});
