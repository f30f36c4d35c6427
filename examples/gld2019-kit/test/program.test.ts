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
