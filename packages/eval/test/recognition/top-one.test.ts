import { PredictionError, topOneAccuracy, topOneHits } from "@lmk/eval";
import { describe, expect, it } from "vitest";

const solution = new Map([
  ["a", [1]],
  ["b", [2, 3]],
  ["c", []],
]);

describe("topOneAccuracy", () => {
  it("counts any of an image's labels as right, and a missing prediction as wrong", () => {
    expect(topOneAccuracy([{ id: "b", label: 3, score: 0.1 }], solution)).toBe(0.5);
  });

  it("does not look at images without a landmark, nor at scores", () => {
    const said = [
      { id: "c", label: 1, score: 99 },
      { id: "a", label: 1, score: -5 },
      { id: "b", label: 2, score: 0 },
    ];
    expect(topOneAccuracy(said, solution)).toBe(1);
    expect(topOneAccuracy([], new Map())).toBeNaN();
  });

  it("refuses an unknown image", () => {
    expect(() => topOneAccuracy([{ id: "z", label: 1, score: 0 }], solution)).toThrow(
      new PredictionError(
        'topOneAccuracy: expected `predictions` to be for images of the solution, got "z"',
        "unknown-id",
        "z",
      ),
    );
  });
});

describe("topOneHits", () => {
  it("has 1, 0 or NaN for each image in the order of the solution", () => {
    const said = [
      { id: "c", label: 1, score: 1 },
      { id: "b", label: 3, score: 1 },
    ];
    expect([...topOneHits(said, solution)]).toEqual([0, 1, Number.NaN]);
    expect(() => topOneHits([...said, said[0]!], solution)).toThrow(
      new PredictionError(
        'topOneHits: expected `predictions` to name each image once, got "c" twice',
        "repeated-id",
        "c",
      ),
    );
  });
});
