import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readComparedScores } from "../src/compare.ts";

it("reads what a run's methods scored, then its networks alone", () => {
  const run = mkdtempSync(join(tmpdir(), "lmk-compare-"));
  const stage = join(run, "evaluate");
  mkdirSync(stage);
  const score = (all: number) => ({ private: all, public: all, all });
  const method = { method: "contest", meanAveragePrecision: score(0.3), globalAveragePrecision: score(0.4) };
  const networks = { v2clean: score(0.2), ensemble: score(0.25) };
  writeFileSync(join(stage, "scores.json"), JSON.stringify({ methods: [method], networks }));
  writeFileSync(join(stage, "done.json"), JSON.stringify({ key: "k", seconds: 1 }));
  expect(readComparedScores(run, "embedded")).toEqual([
    { name: "contest", title: "ensemble, as in the contest", scores: { ...score(0.3), gap: 0.4 } },
    { name: "search v2clean", title: "search with v2clean", scores: score(0.2) },
  ]);
  rmSync(run, { recursive: true });
});
