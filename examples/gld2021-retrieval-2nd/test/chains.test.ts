import { expect, it } from "vitest";
import { chains, handedOnEpoch } from "../src/chains.ts";
import { configs } from "../src/configs.ts";
import { submittedSettings } from "../src/inference-settings.ts";
import { publishedRuns } from "../src/published-runs.ts";

it("goes through four stages with each network, from the epochs that the yml files name", () => {
  const table = Object.values(chains).map(({ runs }) =>
    runs.map(({ name, from }) => [name, from?.epoch ?? "imagenet"]),
  );
  expect(table).toEqual([
    [
      ["R50_256", "imagenet"],
      ["R50_256_finetune", 10],
    ],
    [
      ["SER101ibn_384", "imagenet"],
      ["SER101ibn_384_finetune", 10],
      ["SER101ibn_512_finetune", 6],
      ["SER101ibn_512_all", 2],
    ],
    [
      ["RXt101ibn_384", "imagenet"],
      ["RXt101ibn_384_finetune", 10],
      ["RXt101ibn_512_finetune", 2],
      ["RXt101ibn_512_all", 2],
    ],
    [
      ["ResNeSt101_384", "imagenet"],
      ["ResNeSt101_384_finetune", 10],
      ["ResNeSt101_512_finetune", 6],
      ["ResNeSt101_512_all", 2],
    ],
    [
      ["ResNeSt269_448", "imagenet"],
      ["ResNeSt269_448_finetune", 10],
      ["ResNeSt269_512_finetune", 4],
      ["ResNeSt269_512_all", 2],
    ],
  ]);
});

it("trains every published run once, each with the weights of the one before", () => {
  const runs = Object.values(chains).flatMap((chain) => chain.runs);
  expect(runs.map(({ name }) => name)).toEqual(publishedRuns.map(({ name }) => name));
  for (const { runs } of Object.values(chains)) {
    expect(runs.map(({ from }) => from?.run)).toEqual([
      undefined,
      ...runs.slice(0, -1).map(({ name }) => name),
    ]);
  }
});

it("begins with what PRETRAIN_PATH names, but for the second run of ResNet-50", () => {
  for (const { name, from } of Object.values(chains).flatMap(({ runs }) => runs)) {
    const { PRETRAIN_PATH, PRETRAIN_CHOICE, NAME } = configs[name].MODEL;
    expect(PRETRAIN_CHOICE).toBe(from === undefined ? "imagenet" : "self");
    if (from === undefined || name === "R50_256_finetune") continue;
    const path = `/${from.run}/${NAME}_${from.epoch}.pth`.replace("ResNeSt269_448/", "ResNest269_448/");
    expect(PRETRAIN_PATH.endsWith(path), name).toBe(true);
  }
});

it("hands on epochs that are kept", () => {
  for (const chain of Object.values(chains)) {
    for (const { name } of chain.runs) {
      const { CHECKPOINT_PERIOD, MAX_EPOCHS } = configs[name].SOLVER;
      const epoch = handedOnEpoch(chain, name) ?? MAX_EPOCHS;
      expect(epoch % CHECKPOINT_PERIOD, name).toBe(0);
      expect(epoch, name).toBeLessThanOrEqual(MAX_EPOCHS);
    }
  }
  expect(handedOnEpoch(chains.SER101ibn, "SER101ibn_512_finetune")).toBe(2);
  expect(handedOnEpoch(chains.SER101ibn, "SER101ibn_512_all")).toBeUndefined();
});

it("ends with the files that the settings of inference name", () => {
  const { MODEL_LIST, MODEL_PARAMS } = submittedSettings;
  expect(MODEL_LIST).toEqual(Object.keys(chains).slice(1));
  for (const [network, { published }] of Object.entries(chains)) {
    const { MODEL_NAME, BACKBONE } = MODEL_PARAMS[network]!;
    expect([MODEL_NAME, BACKBONE]).toEqual([`${published}.pth`, configs[published].MODEL.NAME]);
  }
});
