import { falseNonMatchRates } from "@lmk/eval";
import { describe, expect, it } from "vitest";

describe("falseNonMatchRates", () => {
  it("is 0.4 and 0.2 on the example of open-metric-learning, whose distances are scores turned round", () => {
    const same = [0, 0, 1, 1, 2, 2, 5, 5, 9, 9].map((distance) => -distance);
    const different = [3, 3, 4, 4, 6, 6, 7, 7, 8, 8].map((distance) => -distance);
    expect([...falseNonMatchRates(same, different, { falseMatchRates: [0.1, 0.5] })]).toEqual([0.4, 0.2]);
  });

  it("puts the threshold between scores", () => {
    expect([...falseNonMatchRates([2.4, 2.6], [3, 1, 2], { falseMatchRates: [0.25] })]).toEqual([0.5]);
  });

  it("turns away a score that equals the threshold", () => {
    expect([...falseNonMatchRates([2, 2.5], [3, 2, 1], { falseMatchRates: [0.5] })]).toEqual([0.5]);
  });

  it("is NaN without pairs of either kind", () => {
    expect([...falseNonMatchRates([], [1], { falseMatchRates: [0.5] })]).toEqual([Number.NaN]);
    expect([...falseNonMatchRates([1], [], { falseMatchRates: [0.5] })]).toEqual([Number.NaN]);
  });

  it("refuses scores of NaN", () => {
    expect(() => falseNonMatchRates([1, Number.NaN], [0], { falseMatchRates: [0.5] })).toThrow(
      new RangeError("falseNonMatchRates: expected `same` to be numbers, got NaN at 1"),
    );
    expect(() => falseNonMatchRates([1], [Number.NaN], { falseMatchRates: [0.5] })).toThrow(
      new RangeError("falseNonMatchRates: expected `different` to be numbers, got NaN at 0"),
    );
  });

  it("refuses rates that are not between 0 and 1", () => {
    expect(() => falseNonMatchRates([1], [0], { falseMatchRates: [0.1, 1] })).toThrow(
      new RangeError("falseNonMatchRates: expected `falseMatchRates` to be between 0 and 1, got 1"),
    );
  });
});
