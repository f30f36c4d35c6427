// A process of its own (vitest.config.ts says why), as a command of the program keeps what it was given.
// @vitest-environment-options { "alone": "gld2021-1st commands" }
import { describe, expect, it } from "vitest";
import { shareBatches } from "../src/batch-shares.ts";
import { checkpointFile } from "../src/checkpoint-file.ts";
import { planLines } from "../src/commands/plan.ts";
import { memberNames } from "../src/ensembles.ts";
import { configNames, findStep } from "../src/find-step.ts";
import { requireInits } from "../src/init-files.ts";
import { initOption } from "../src/init-option.ts";
import { presets, withMembers } from "../src/presets.ts";
import { trainByCommand } from "../src/train-by-command.ts";
import { openTrainFolder } from "../src/train-folder.ts";
import { withKeys } from "../src/with-keys.ts";

const folders = { dataDir: "gldv2", outputDir: "models" };

describe("plan", () => {
  it("has a line for each step, which begins with the one before", () => {
    const lines = planLines(["dolg-b7"], {
      ...folders,
      devices: 8,
      init: { tf_efficientnet_b7_ns: "b7.pth" },
    });
    const command = "mpirun -n 8 node --import tsx examples/gld2021-1st/src/main.ts train";
    expect(lines).toEqual([
      `${command} --config cfg_ch_dolg_b7_step1 --data-dir gldv2 --output-dir models --init tf_efficientnet_b7_ns=b7.pth`,
      `${command} --config cfg_ch_dolg_b7_step2 --data-dir gldv2 --output-dir models`,
      `${command} --config cfg_ch_dolg_b7_step3 --data-dir gldv2 --output-dir models`,
    ]);
  });

  it("shares batches among fewer devices, and in parts", () => {
    const [, line] = planLines(["dolg-b7"], { ...folders, devices: 3, mostImages: 6, provider: "cuda" });
    expect(line).toContain("mpirun -n 2 ");
    // 20 images in 4 parts of 5.
    expect(line).toContain("--parts 4 --provider cuda");
    expect(planLines(["dolg-b7"], { ...folders, devices: 1 })[0]).toMatch(/^node /);
  });

  it("names every config once", () => {
    expect(planLines(memberNames, { ...folders, devices: 8 })).toHaveLength(30);
    expect(new Set(configNames()).size).toBe(30);
  });
});

describe("batches", () => {
  const config = { batch_size: 20, grad_accumulation: 4 };

  it("have the images of one device, whatever the number of processes", () => {
    expect(shareBatches(config, { devices: 8, processes: 8 })).toEqual({ batchSize: 160, accumulate: 4 });
    expect(shareBatches(config, { devices: 8, processes: 2 })).toEqual({ batchSize: 40, accumulate: 16 });
    expect(shareBatches(config, { devices: 8, processes: 1, parts: 5 })).toEqual({
      batchSize: 4,
      accumulate: 160,
    });
  });

  it("are refused where they are uneven", () => {
    expect(() => shareBatches(config, { devices: 8, processes: 3 })).toThrow(
      "train: expected processes that share 8 devices evenly, got 3; start another number, or pass --devices",
    );
    expect(() => shareBatches(config, { devices: 8, processes: 8, parts: 3 })).toThrow(
      "train: expected parts that divide batch_size, 20, got 3; choose another number",
    );
  });
});

describe("train --config", () => {
  it("finds a step by its config, or by its network and number", () => {
    expect(findStep("cfg_ch_dolg_b7_step2")).toEqual(findStep("dolg-b7", 2));
    expect(findStep("dolg-b7", 2).before?.name).toBe("cfg_ch_dolg_b7_step1");
    expect(findStep("swin-b6", 1).before).toBeUndefined();
    expect(checkpointFile("models", findStep("dolg-b7", 2).config, 7)).toBe(
      "models/cfg_ch_dolg_b7_step2/fold0/checkpoint_last_seed7.safetensors",
    );
  });

  it("refuses what there is not", () => {
    expect(() => findStep("dolg-b7")).toThrow(
      "--step: expected a step of dolg-b7 from 1 to 3, got none; name one",
    );
    expect(() => findStep("dolg-b7", 4)).toThrow("--step: expected a step of dolg-b7 from 1 to 3, got 4");
    expect(() => findStep("cfg_ch_dolg_b7_step2", 3)).toThrow(
      "--step: expected 2, which cfg_ch_dolg_b7_step2 is, got 3; leave it out",
    );
    expect(() => findStep("cfg")).toThrow(
      "--config: expected a network with --step, or one of dolg_b5_step1,",
    );
  });
});

describe("train", () => {
  const options = { ...folders, parts: 1, seed: 0, provider: "cpu" } as const;

  it("refuses a step before the one that it goes on from", async () => {
    await expect(trainByCommand({ ...options, config: "dolg-b7", step: 2 }, [])).rejects.toThrow(
      "--load-from: expected a file of weights, got no models/cfg_ch_dolg_b7_step1/fold0/checkpoint_last_seed0.safetensors; train cfg_ch_dolg_b7_step1 first, or pass --load-from FILE",
    );
  });

  it("refuses files that are not there, and folders without tables", async () => {
    const first = { ...options, config: "cfg_ch_dolg_b7_step1" };
    await expect(trainByCommand({ ...first, init: { tf_efficientnet_b7_ns: "b7.pth" } }, [])).rejects.toThrow(
      "--init: expected a file of weights, got no b7.pth; make it first, or correct the path",
    );
    await expect(openTrainFolder("gldv2", "train.csv")).rejects.toThrow(
      "gldv2/train.csv: expected a table of Google Landmarks v2, got none; correct --data-dir",
    );
  });
});

describe("keys and values", () => {
  const { config } = findStep("dolg-b7", 2);

  it("change the config", () => {
    const changed = withKeys(config, [
      ...["lr", "5e-5", "batch_size", "8", "clip_grad", "0.5", "optimizer", "SGD"],
      ...["drop_last", "False", "stride", "[1, 1]", "pretrained_weights", "None"],
    ]);
    expect(changed).toEqual({
      ...config,
      ...{ lr: 5e-5, batch_size: 8, clip_grad: 0.5, optimizer: "SGD", drop_last: false },
      ...{ stride: [1, 1], pretrained_weights: null },
    });
  });

  it.each([
    [["lr"], "train: expected keys of the config with their values, got lr without one; add it"],
    [["rate", "1"], "train: expected a key of the original's configs, got rate; correct it"],
    [["mixup", "1"], "train: expected a key that has a meaning here, got mixup ("],
    [["model", "swin"], "train: expected model as the config has it, got swin; choose another config"],
    [["optimizer", "SAM"], "train: expected optimizer to be Adam or SGD, got SAM; correct it"],
    [["batch_size", "many"], "expected batch_size to be a whole number of at least 1, got many; correct it"],
    [["epochs", "1.5"], "train: expected epochs to be a whole number of at least 1, got 1.5; correct it"],
    [["lr", "-1"], "train: expected lr to be a number above 0, got -1; correct it"],
    [["grad_accumulation", "0"], "expected grad_accumulation to be a whole number of at least 1, got 0"],
    [["stop_at", "0"], "train: expected stop_at to be -1 or a whole number of at least 1, got 0; correct it"],
    [["normalization", "none"], "train: expected normalization to be imagenet, got none; correct it"],
    [["stride", "[3, 3]"], "train: expected stride to be None or [1,1] or [2,2], got [3, 3]; correct it"],
    [["dilations", "[3, 6]"], "expected dilations to be three whole numbers such as [3, 6, 9], got [3, 6]"],
    [
      ["pop_weights", "head"],
      'expected pop_weights to be None or a list of words such as ["patch_embed"], got',
    ],
    [
      ["pretrained_weights", "other.pth"],
      "train: expected pretrained_weights to be None, for --load-from names a file, got other.pth; correct it",
    ],
    [["img_size", "[512, 256]"], "expected img_size to be a square such as [448, 448], got [512, 256]"],
    [
      ["patch_norm", "True"],
      "train: expected patch_norm only with a hybrid, got cfg_ch_dolg_b7_step2, which does nothing with it; leave it out",
    ],
    [["arcface_m", "0.1"], "train: expected arcface_m only with loss arcface, got cfg_ch_dolg_b7_step2"],
    [
      ["warmup", "40"],
      "train: expected warmup to be at least 0 and below epochs, 40, with schedule cosine, got 40; correct warmup or epochs",
    ],
    [["epochs", "1"], "expected warmup to be at least 0 and below epochs, 1, with schedule cosine, got 1"],
    [
      ["schedule", "gradual_warmup", "warmup", "0"],
      "expected warmup to be at least 1 and below epochs, 40, with schedule gradual_warmup, got 0",
    ],
    [["schedule", "constant", "warmup", "0"], "expected warmup only with a schedule that is not constant"],
  ])("%s are refused", (pairs, message) => {
    expect(() => withKeys(config, pairs)).toThrow(message);
  });

  it("of hybrids keep images to the size that their tokens need", () => {
    const swin = findStep("swin-b3", 4).config;
    expect(() => withKeys(swin, ["img_size", "[512, 512]"])).toThrow(
      "train: expected img_size to be [896, 896], for the tokens of cfg_ch_hybrid_swin224_b3_3x_1 allow no other, got [512, 512]; correct it, or stride and tap",
    );
    const tapped = withKeys(swin, ["tap", "2", "stride", "[1, 1]", "img_size", "[224, 224]"]);
    expect(tapped).toMatchObject({ tap: 2, stride: [1, 1], img_size: [224, 224] });
    expect(() => withKeys(swin, ["gem_p_trainable", "False"])).toThrow("gem_p_trainable only with a DOLG");
    expect(() => withKeys(swin, ["stride", "[1, 1]"])).toThrow("stride only with");
  });

  it("are those of every config", () => {
    for (const name of configNames())
      expect(withKeys(findStep(name).config, [])).toEqual(findStep(name).config);
    expect(withKeys(config, ["gem_p_trainable", "False", "fusion_norm", "l2_squared"])).toEqual({
      ...config,
      ...{ gem_p_trainable: false, fusion_norm: "l2_squared" },
    });
  });
});

describe("--init", () => {
  it("gathers a file of each backbone, and refuses other names", () => {
    const one = initOption("tf_efficientnet_b5_ns=b5.pth");
    expect(initOption("swin_base_patch4_window7_224=a=b.pth", one)).toEqual({
      tf_efficientnet_b5_ns: "b5.pth",
      swin_base_patch4_window7_224: "a=b.pth",
    });
    for (const text of ["resnet50=a.pth", "toString=a.pth", "b5.pth", "tf_efficientnet_b5_ns="]) {
      expect(() => initOption(text)).toThrow(/^expected a file of tf_efficientnet_b5_ns, .*, got /);
    }
  });

  const two = withMembers(presets.paper, ["swin-b3"]);

  it("refuses files of no backbone, files that are not there, and one for several backbones", () => {
    expect(() => requireInits(two, { resnet50: "a.pth" })).toThrow(
      "--init: expected one of swin_base_patch4_window7_224, tf_efficientnet_b3_ns before =, got resnet50; correct it",
    );
    expect(() => requireInits(two, { tf_efficientnet_b3_ns: "none.pth" })).toThrow(
      "--init: expected a file of weights, got no none.pth; correct the path",
    );
    expect(() => requireInits(two, { "*": import.meta.filename })).toThrow(
      "--init: expected a file for each backbone (swin_base_patch4_window7_224=FILE, tf_efficientnet_b3_ns=FILE), got one for all",
    );
    expect(() =>
      requireInits(withMembers(presets.paper, ["dolg-b5"]), { "*": import.meta.filename }),
    ).not.toThrow();
  });

  it("is of the backbones that networks begin with, also of those that are not chosen", () => {
    const file = import.meta.filename;
    expect(() => requireInits(two, { tf_efficientnet_b0_ns: file })).toThrow("got tf_efficientnet_b0_ns;");
    expect(() => initOption("tf_efficientnet_b0_ns=b0.pth")).toThrow("expected a file of");
    expect(() => requireInits(two, { tf_efficientnet_b7_ns: file })).not.toThrow();
  });
});
