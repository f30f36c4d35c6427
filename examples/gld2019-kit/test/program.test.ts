import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import {
  type EnsembleContext,
  type EnsembleOptions,
  ensembleConfigOf,
  ensemblePresets,
  runEnsemble,
} from "../src/index.ts";

const options: EnsembleOptions = { preset: "demo", provider: "cpu", threads: 1, skipCorrupt: false };

it("leaves a preset's settings as they are, and so the stages they make, where no option changes them", () => {
  expect(ensembleConfigOf(options)).toEqual(ensemblePresets.demo);
  expect(JSON.stringify(ensembleConfigOf(options).extraction)).toBe(
    JSON.stringify(ensemblePresets.demo.extraction),
  );
});

it("takes the images of a part from the command line", () => {
  const { extraction } = ensembleConfigOf({ ...options, imagesPerPart: 8 });
  expect(extraction).toEqual({ ...ensemblePresets.demo.extraction, imagesPerPart: 8 });
});

it("makes the ensemble of the networks that are asked for, with the weights they have in it", () => {
  const embedded = { ...options, preset: "embedded" };
  expect(ensembleConfigOf({ ...embedded, members: ["v19c", "v2clean"] }).members).toEqual([
    { job: "v19c", weight: 0.5 },
    { job: "v2clean", weight: 1 },
  ]);
  const jobs = ensemblePresets.demo.jobs.map(({ name }) => name).join(", ");
  expect(() => ensembleConfigOf({ ...options, members: ["v19c"] })).toThrow(
    `--members: expected networks of ${jobs}, got v19c`,
  );
});

it("refuses files of --init that no network begins with, before anything is done", () => {
  const file = fileURLToPath(import.meta.url);
  const configOf = (init: Readonly<Record<string, string>>, members?: readonly string[]) =>
    ensembleConfigOf({ ...options, preset: "paper", init, ...(members && { members }) });
  expect(() => ensembleConfigOf({ ...options, init: { "*": "a.pth" } })).toThrow(
    "--init: expected none, for no network of preset demo begins with the weights of a file, got a.pth; ",
  );
  expect(() => configOf({ vgg16: file })).toThrow(
    /^--init: expected one of (?=.*\bresnet101\b).* before =, got vgg16; correct it$/,
  );
  expect(() => configOf({ resnet101: "absent.pth" })).toThrow(
    "--init: expected a file of weights, got no absent.pth; correct the path",
  );
  expect(() => configOf({ "*": file })).toThrow("got one for all; name its backbone, or choose one network");
  expect(configOf({ "*": file }, ["v2clean"]).members).toEqual([{ job: "v2clean", weight: 1 }]);
});

it("trains only what is asked for, and refuses to go on without the rest", async () => {
  const needs = { extra: [], features: [] } as const;
  const context = (only: string[]): EnsembleContext => ({
    run: { path: "not-made", onStage: () => {} },
    config: ensemblePresets.demo,
    options: { ...options, only },
    progress: () => ({ update: () => {}, stop: () => {} }),
    notice: () => {},
  });
  await expect(runEnsemble(context(["v2clean"]), "predict", needs)).rejects.toThrow(
    "--only: expected it with train, got it with predict",
  );
  await expect(runEnsemble(context(["v9"]), "train", needs)).rejects.toThrow(
    "--only: expected networks of softmax, v2clean, untrained, got v9",
  );
});
