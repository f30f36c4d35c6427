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
  const single = { gap, protocol: 0.1, accuracy: 0.5 };
  const scores = {
    submitted: { gap, protocol: 0.3, accuracy: 0.5 },
    other: { gap, accuracy: 0.5 },
    // Of a run without b6.
    "b7-head": single,
    "b7-fusion": single,
    "b3-fusion": single,
  };
  writeFileSync(join(stage, "scores.json"), JSON.stringify(scores));
  writeFileSync(join(stage, "done.json"), JSON.stringify({ key: "k", seconds: 1 }));
  expect(readComparedScores(run, "embedded")).toEqual([
    {
      name: "submitted",
      title: "fusion as submitted: neighbors^9 × head^10",
      scores: { ...gap, protocol: 0.3, accuracy: 0.5 },
    },
    { name: "other", title: "other", scores: { ...gap, accuracy: 0.5 } },
    ...["head alone", "fusion, neighbors^8 × head^12"].map((title, i) => ({
      name: ["b7-head", "b7-fusion"][i],
      title: `b7: ${title}`,
      scores: { ...gap, protocol: 0.1, accuracy: 0.5 },
    })),
    {
      name: "b3-fusion",
      title: "b3: fusion, neighbors^8 × head^12",
      scores: { ...gap, protocol: 0.1, accuracy: 0.5 },
    },
  ]);
  rmSync(run, { recursive: true });
});
