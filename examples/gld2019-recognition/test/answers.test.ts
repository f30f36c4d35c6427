import { globalAveragePrecision } from "@lmk/eval";
import { expect, it } from "vitest";
import { sectionsOf } from "../src/answers.ts";
import { precisionCurve, precisions } from "../src/precision-curve.ts";

const solution = [
  { id: "a", landmarks: [1], usage: "Private" as const },
  { id: "b", landmarks: [], usage: "Private" as const },
  { id: "c", landmarks: [3, 4], usage: "Public" as const },
  { id: "d", landmarks: [5], usage: "Public" as const },
  { id: "e", landmarks: [], usage: "Ignored" as const },
];
const predictions = [
  { id: "a", label: 1, score: 0.5 },
  { id: "b", label: 2, score: 0.9 },
  { id: "c", label: 4, score: 0.7 },
  { id: "d", label: 6, score: 0.6 },
  { id: "e", label: 5, score: 1 },
];

it("shows right answers, mistakes and accepted distractors, the surest first", () => {
  const shown = sectionsOf(predictions, solution).map(({ answered }) =>
    answered.map(({ prediction }) => prediction.id),
  );
  expect(shown).toEqual([["c", "a"], ["d"], ["b"]]);
});

it("draws the precision whose mean over the right ones is the GAP", () => {
  const answers = new Map(solution.slice(0, 4).map(({ id, landmarks }) => [id, landmarks]));
  expect(precisions(predictions, answers)).toEqual([0, 1 / 2, 1 / 3, 2 / 4]);
  const counted = predictions.slice(0, 4);
  expect(globalAveragePrecision(counted, answers)).toBeCloseTo((1 / 2 + 2 / 4) / 3, 12);

  const curve = precisionCurve([{ title: "one", predictions }], solution);
  expect(curve.x.values).toEqual([1, 2, 3, 4]);
  expect(curve.series).toEqual([{ label: "one", values: [0, 1 / 2, 1 / 3, 2 / 4] }]);
});

it("thins long curves, and keeps their end", () => {
  const ids = Array.from({ length: 1000 }, (_, i) => `${i}`);
  const { x } = precisionCurve(
    [{ title: "one", predictions: ids.map((id, i) => ({ id, label: 1, score: -i })) }],
    ids.map((id) => ({ id, landmarks: [1], usage: "Public" })),
  );
  expect(x.values).toHaveLength(250);
  expect([x.values[0], x.values.at(-1)]).toEqual([4, 1000]);
});
