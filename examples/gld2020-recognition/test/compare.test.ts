import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readComparedScores } from "../src/compare.ts";

it("reads what a run scored, with the titles of its methods", () => {
  const run = mkdtempSync(join(tmpdir(), "lmk-compare-"));
  const stage = join(run, "evaluate");
  mkdirSync(stage);
  const gap = { private: 0.25, public: null, all: 0.2 };
  const scores = { submitted: { gap, protocol: 0.3, accuracy: 0.5 }, other: { gap, accuracy: 0.5 } };
  writeFileSync(join(stage, "scores.json"), JSON.stringify(scores));
  writeFileSync(join(stage, "done.json"), JSON.stringify({ key: "k", seconds: 1 }));
  expect(readComparedScores(run, "embedded")).toEqual([
    {
      name: "submitted",
      title: "fusion as submitted: neighbors^9 × head^10",
      scores: { ...gap, protocol: 0.3, accuracy: 0.5 },
    },
    { name: "other", title: "other", scores: { ...gap, accuracy: 0.5 } },
  ]);
  rmSync(run, { recursive: true });
});
