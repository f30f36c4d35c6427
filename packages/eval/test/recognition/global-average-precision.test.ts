import {
  globalAveragePrecision,
  PredictionError,
  type RecognitionPrediction,
  topOneAccuracy,
} from "@lmk/eval";
import { describe, expect, it } from "vitest";
import golden from "../golden/originals.json" with { type: "json" };
import { createRandom } from "../random.ts";

const solution = new Map([
  ["a", [1]],
  ["b", [2, 3]],
  ["c", []],
]);
const predictions = [
  { id: "a", label: 1, score: 0.9 },
  { id: "c", label: 8, score: 0.8 },
  { id: "b", label: 3, score: 0.7 },
];

describe("globalAveragePrecision", () => {
  it("is 5/6 in the example of its documentation, and 1 without images that show no landmark", () => {
    expect(globalAveragePrecision(predictions, solution)).toBeCloseTo((1 + 2 / 3) / 2, 12);
    expect(globalAveragePrecision(predictions, solution, { ignoreNoLandmark: true })).toBe(1);
  });

  it("is 1/6 on the example of the challenge's own tests, 1/3 without images that show no landmark", () => {
    const answers = new Map([
      ["01", [0, 12]],
      ["02", [100, 200, 300]],
      ["03", [1]],
      ["04", []],
      ["05", []],
    ]);
    const said = [
      { id: "02", label: 0, score: 0.01 },
      { id: "03", label: 1, score: 10 },
      { id: "04", label: 150, score: 15 },
    ];
    expect(globalAveragePrecision(said, answers)).toBeCloseTo(1 / 6, 12);
    expect(globalAveragePrecision(said, answers, { ignoreNoLandmark: true })).toBeCloseTo(1 / 3, 12);
    expect(topOneAccuracy(said, answers)).toBeCloseTo(1 / 3, 12);
  });

  it("counts every image with a label in the denominator, predicted or not", () => {
    expect(globalAveragePrecision(predictions.slice(0, 1), solution)).toBe(0.5);
    expect(globalAveragePrecision([], solution)).toBe(0);
    expect(globalAveragePrecision([], new Map([["a", []]]))).toBeNaN();
  });

  it("orders equal scores by id: numbers by size, strings by code units", () => {
    const byNumber = new Map([
      [9, [1]],
      [10, [2]],
    ]);
    const tied = [
      { id: 10, label: 2, score: 1 },
      { id: 9, label: 0, score: 1 },
    ];
    expect(globalAveragePrecision(tied, byNumber)).toBe(0.25);
    const byString = new Map([
      ["9", [1]],
      ["10", [2]],
    ]);
    const tiedStrings = [
      { id: "9", label: 0, score: 1 },
      { id: "10", label: 2, score: 1 },
    ];
    expect(globalAveragePrecision(tiedStrings, byString)).toBe(0.5);
  });

  it("depends on the order of scores only, and not on the order of predictions", () => {
    const random = createRandom(3);
    const answers = new Map(Array.from({ length: 40 }, (_, id) => [id, id % 5 === 0 ? [] : [id % 4]]));
    const said = [...answers.keys()].map((id) => ({
      id,
      label: Math.floor(random() * 4),
      score: Math.floor(random() * 10),
    }));
    const expected = globalAveragePrecision(said, answers);
    expect(expected).toBeGreaterThan(0);
    expect(globalAveragePrecision(said.toReversed(), answers)).toBe(expected);
    const stretched = said.map((prediction) => ({ ...prediction, score: prediction.score ** 3 - 1000 }));
    expect(globalAveragePrecision(stretched, answers)).toBe(expected);
  });

  it("takes infinite scores and leaves its arguments as they are", () => {
    const said = Object.freeze([
      Object.freeze({ id: "c", label: 1, score: -Infinity }),
      Object.freeze({ id: "a", label: 1, score: Infinity }),
    ]);
    expect(globalAveragePrecision(said, solution)).toBe(0.5);
  });

  it("refuses an unknown image, an image predicted twice and a score that is NaN", () => {
    const attempt = (said: RecognitionPrediction[]): unknown => {
      try {
        return globalAveragePrecision(said, solution);
      } catch (error) {
        return error;
      }
    };
    const error = attempt([{ id: "z", label: 1, score: 1 }]);
    expect(error).toEqual(
      new PredictionError(
        'globalAveragePrecision: expected `predictions` to be for images of the solution, got "z"',
        "unknown-id",
        "z",
      ),
    );
    expect(PredictionError.isInstance(error)).toBe(true);
    expect(PredictionError.isInstance(new RangeError("other"))).toBe(false);
    expect(attempt([...predictions, { id: "a", label: 1, score: 1 }])).toEqual(
      new PredictionError(
        'globalAveragePrecision: expected `predictions` to name each image once, got "a" twice',
        "repeated-id",
        "a",
      ),
    );
    expect(attempt([{ id: "a", label: 1, score: Number.NaN }])).toEqual(
      new PredictionError(
        'globalAveragePrecision: expected the score of "a" to be a number, got NaN',
        "bad-score",
        "a",
      ),
    );
  });

  it.each(golden.gap.cases)("equals the original program: $name", ({ predictions: said, ...expected }) => {
    const answers = new Map<string, readonly number[]>(Object.entries(golden.gap.solution));
    const list = Object.entries(said).map(([id, { class: label, score }]) => ({ id, label, score }));
    expect(globalAveragePrecision(list, answers)).toBeCloseTo(expected.gap, 12);
    expect(globalAveragePrecision(list, answers, { ignoreNoLandmark: true })).toBeCloseTo(
      expected.gapIgnoreNonGT,
      12,
    );
    expect(topOneAccuracy(list, answers)).toBeCloseTo(expected.top1, 12);
  });
});
