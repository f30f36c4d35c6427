import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeJson } from "@lmk-example/kit";
import { expect, it } from "vitest";
import { readComparedScores } from "../src/compare.ts";

it("compares both tasks by the titles of their methods", () => {
  const folder = mkdtempSync(join(tmpdir(), "lmk-2021-compare-"));
  const all = { private: 0.5, public: 0.25, all: 0.4 };
  writeJson(join(folder, "evaluate", "done.json"), { key: "k", seconds: 1 });
  writeJson(join(folder, "evaluate", "scores.json"), {
    retrieval: { cosine: { meanAveragePrecision: all, averagePrecisions: {} } },
    recognition: { A: { gap: all, accuracy: 0.75 } },
  });
  expect(readComparedScores(folder, "embedded")).toEqual([
    {
      name: "retrieval/cosine",
      title: "cosine alone",
      scores: { "map-private": 0.5, "map-public": 0.25, "map-all": 0.4 },
    },
    {
      name: "recognition/A",
      title: "A alone",
      scores: { "gap-private": 0.5, "gap-public": 0.25, "gap-all": 0.4, accuracy: 0.75 },
    },
  ]);
  rmSync(folder, { recursive: true, force: true });
});
