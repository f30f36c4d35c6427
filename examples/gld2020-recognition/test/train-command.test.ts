// A process of its own (vitest.config.ts says why), as a command of the program keeps what it was given.
// @vitest-environment-options { "alone": "gld2020-recognition train-command" }
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trainCommand } from "../src/commands/train.ts";
import { openTrainFolder } from "../src/train-folder.ts";

const ids = ["17660ef415d37059", "92b6290d571448f6", "cd41bf948edc0340", "fb09f1e98c6d2f70"];

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-train-command-"));
  const rows = [`${ids[0]},u,70`, `${ids[1]},u,5`, `${ids[2]},u,9`, `${ids[3]},u,70`];
  writeFileSync(join(folder, "train.csv"), `id,url,landmark_id\n${rows.join("\n")}\n`);
  writeFileSync(join(folder, "train_0.csv"), `id,landmark_id,fold\n${ids[3]},70,2\n${ids[1]},5,0\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the data of a train step", () => {
  const open = (trainStep: 0 | 1) =>
    openTrainFolder({ dataDir: folder, foldsCsv: join(folder, "train_0.csv"), trainStep });

  it("is the whole table for step 0", async () => {
    const { data, paths } = await open(0);
    expect(data).toEqual({
      rows: Int32Array.of(0, 1, 2, 3),
      classIds: Int32Array.of(2, 0, 1, 2),
      landmarkIds: Int32Array.of(5, 9, 70),
      folds: Int32Array.of(-1, 0, -1, 2),
    });
    expect(paths.at(1)).toBe(join(folder, "train", "9", "2", "b", `${ids[1]}.jpg`));
  });

  it("is every image of the cleaned landmarks for step 1, by landmark", async () => {
    const { data } = await open(1);
    expect(data).toEqual({
      rows: Int32Array.of(0, 3, 1),
      classIds: Int32Array.of(1, 1, 0),
      landmarkIds: Int32Array.of(5, 70),
      folds: Int32Array.of(-1, 2, 0),
    });
  });
});

it("says which file is missing, and where it comes from", async () => {
  const missing = join(folder, "missing");
  await expect(
    openTrainFolder({ dataDir: missing, foldsCsv: join(folder, "train_0.csv"), trainStep: 0 }),
  ).rejects.toThrow(`${join(missing, "train.csv")}: expected a file, got none; correct --data-dir`);
  await expect(openTrainFolder({ dataDir: folder, foldsCsv: missing, trainStep: 0 })).rejects.toThrow(
    `${missing}: expected a file, got none; make it with preprocess, or correct --folds-csv`,
  );
});

describe("train", () => {
  const needed = [
    ...["--kernel-type", "b3_test", "--train-step", "0", "--image-size", "32"],
    ...["--enet-type", "tf_efficientnet_b3_ns", "--data-dir", "missing"],
  ];
  const run = (...args: readonly string[]): Promise<unknown> =>
    trainCommand
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parseAsync([...args], { from: "user" });

  it("takes every flag of the original", () => {
    const flags = trainCommand.options.map(({ long }) => long);
    const original = [
      ...["--kernel-type", "--data-dir", "--train-step", "--image-size", "--local_rank", "--enet-type"],
      ...[
        "--batch-size",
        "--num-workers",
        "--init-lr",
        "--n-epochs",
        "--start-from-epoch",
        "--stop-at-epoch",
      ],
      ...[
        "--use-amp",
        "--DEBUG",
        "--model-dir",
        "--log-dir",
        "--CUDA_VISIBLE_DEVICES",
        "--fold",
        "--load-from",
      ],
    ];
    expect(original.filter((flag) => !flags.includes(flag))).toEqual([]);
    const defaults = {
      batchSize: 64,
      initLr: 1e-4,
      nEpochs: 15,
      startFromEpoch: 1,
      stopAtEpoch: 999,
      fold: 0,
    };
    expect(trainCommand.opts()).toMatchObject(defaults);
  });

  it("refuses the flag that the original has the wrong way round", async () => {
    await expect(run(...needed, "--use-amp")).rejects.toThrow(
      "--use-amp: expected training in float32, got a flag that in the original turned mixed precision off; leave it out, it is off here",
    );
  });

  it.each([
    [["--train-step", "4"], /--train-step <n>.*expected 0, 1, 2 or 3, got 4/],
    [["--enet-type", "b3"], /--enet-type <name>.*Allowed choices are tf_efficientnet_b3_ns,/],
    [["--n-epochs", "1"], /--n-epochs <n>.*expected a whole number of at least 2, got 1/],
    [
      ["--start-from-epoch", "6", "--stop-at-epoch", "5"],
      /--start-from-epoch: expected an epoch up to the last, 5, got 6/,
    ],
    [
      ["--keep-epochs", "3,16", "--stop-at-epoch", "15"],
      /^--keep-epochs: expected epochs from 1 to 15, got 16; correct the list, or raise --stop-at-epoch$/,
    ],
    [["--keep-epochs", "16,x"], /--keep-epochs <list>.*expected a whole number of at least 1, got x/],
  ])("refuses %j", async (args, message) => {
    await expect(run(...needed, "--no-use-amp", ...args)).rejects.toThrow(message);
  });
});
