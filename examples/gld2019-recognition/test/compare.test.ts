import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readComparedScores } from "../src/compare.ts";

it("reads what a run scored, with the titles of its methods", () => {
  const run = mkdtempSync(join(tmpdir(), "lmk-compare-"));
  const stage = join(run, "recognition", "evaluate");
  mkdirSync(stage, { recursive: true });
  const gap = { private: 0.25, public: null, all: 0.2 };
  writeFileSync(join(stage, "scores.json"), JSON.stringify({ submitted: { gap, accuracy: 0.5 } }));
  writeFileSync(join(stage, "done.json"), JSON.stringify({ key: "k", seconds: 1 }));
  const scores = { ...gap, accuracy: 0.5 };
  expect(readComparedScores(run, "embedded")).toEqual([{ name: "submitted", title: "as submitted", scores }]);
  expect(readComparedScores(run, "demo")[0]!.title).toBe("one network, votes and ban");
  rmSync(run, { recursive: true });
});
