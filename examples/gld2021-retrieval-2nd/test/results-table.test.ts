import { textTable } from "@lmk-example/kit";
import { expect, it } from "vitest";
import type { Method } from "../src/method.ts";
import { resultsTable } from "../src/results-table.ts";
import type { MethodScores } from "../src/stages/evaluate.ts";

const way = { networks: "ensemble", similarity: "cosine", local: false } as const;
const methods: readonly Method[] = [
  { name: "off", title: "all, without votes", way },
  { name: "submitted", title: "as submitted", way, published: "ensemble, re-ranked" },
];

function scoresOf(validation: number, [first, second, all]: readonly [number, number, number]): MethodScores {
  return { validation, challenge: { private: first, public: second, all }, averagePrecisions: {} };
}

it("shows published scores beside ours, and those that have no method below", () => {
  const scores = {
    off: scoresOf(0.25, [0.5, Number.NaN, 0.5]),
    submitted: scoresOf(0.5, [0.75, 0.5, 0.625]),
  };
  const { rows, emphasis, notes } = resultsTable(methods, scores, "ten queries");
  expect(rows.slice(0, 3)).toEqual([
    ["all, without votes", undefined, undefined, undefined, 25, 50, undefined, 50],
    ["as submitted", undefined, 52.995, undefined, 50, 75, 50, 62.5],
    ["published: baseline", 32.6, 30.59, 28.44, undefined, undefined, undefined, undefined],
  ]);
  expect(rows.length).toBe(2 + 7);
  expect(emphasis).toEqual([
    [1, 4],
    [1, 5],
    [1, 6],
    [1, 7],
  ]);
  expect(notes![0]).toContain("Ours: ten queries, which is another set");
  expect(notes![1]).toContain("scores of images that were trained on");
  expect(textTable(resultsTable(methods, scores, "x"))).toContain("–");
});
