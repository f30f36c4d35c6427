import type { ReportTable } from "@lmk-example/kit";
import { expect, it } from "vitest";
import { presets } from "../src/config.ts";
import type { Scores } from "../src/stages/evaluate.ts";
import { tablesOf } from "../src/tables.ts";

const config = presets.embedded;
const scored = { private: 0.1, public: 0.2, all: 0.15 };
const scores: Scores = {
  methods: config.retrieval.methods.map(({ name }) => ({
    method: name,
    meanAveragePrecision: scored,
    averagePrecisions: {},
    globalAveragePrecision: scored,
    seconds: 1,
  })),
  networks: { v2clean: scored, "v1only-cosface": { private: 0.03, public: 0.04, all: 0.035 } },
};
const counts = { index: 400, test: 150 };
const tables = tablesOf(config, scores, { counts, cleaning: undefined });
const titled = (start: string): ReportTable => tables.find(({ title }) => title.startsWith(start))!;

const columns = ["private", "public", "ROxf M", "ROxf H", "RPar M", "RPar H", "private", "public", "all"];

it("stands the authors' scores of a network on all sets beside those of the run", () => {
  // The numbers are those of the authors' benchmark.md and README.
  const losses = titled("Losses");
  expect(losses.columns.map(({ title }) => title)).toEqual(["network", "loss", ...columns]);
  expect(losses.rows.at(5)).toEqual([
    "resnet101",
    "cosface",
    21.35,
    18.41,
    69.49,
    44.78,
    80.06,
    62.95,
    3,
    4,
    expect.closeTo(3.5),
  ]);
  const none = [undefined, undefined, undefined];
  expect(losses.rows.at(6)).toEqual(["resnet101", "triplet", 20, undefined, 67.3, 44.3, 80.6, 61.5, ...none]);

  const data = titled("Training data");
  expect(data.columns.map(({ title }) => title)).toEqual(["data", "loss", ...columns]);
  expect(data.rows.at(4)).toEqual([
    "v1+v2-clean",
    "arcface",
    30.22,
    27.81,
    78.86,
    59.93,
    88.84,
    77.82,
    10,
    20,
    15,
  ]);
  for (const table of [losses, data]) {
    expect(table.columns.map(({ group }) => group)).toEqual([
      undefined,
      undefined,
      ...Array(6).fill("published"),
      ...Array(3).fill("ours"),
    ]);
    expect(table.notes!.at(-1)).toMatch(/^ROxf, RPar: .* as published/);
  }
});
