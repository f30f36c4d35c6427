import { expect, it } from "vitest";
import { type EnsembleOptions, ensembleConfigOf, ensemblePresets } from "../src/index.ts";

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
