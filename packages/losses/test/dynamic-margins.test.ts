import { dynamicMargins, powerMargins } from "@lmk/losses";
import { describe, expect, it } from "vitest";

const close = (values: number[], digits: number) => values.map((value) => expect.closeTo(value, digits));

describe("dynamicMargins", () => {
  it("gives the margins that the authors' formula gives", () => {
    expect([...dynamicMargins([2, 3, 10, 50, 100, 1000, 5000])]).toEqual(
      close([0.5, 0.449476, 0.326379, 0.210272, 0.172979, 0.086716, 0.05], 6),
    );
    expect([...dynamicMargins([1, 4, 16, 81])]).toEqual(close([0.5, 0.302297, 0.1625, 0.05], 6));
    expect([...dynamicMargins([1, 2, 5, 10, 50, 100, 500, 1000, 5000])]).toEqual(
      close([0.5, 0.4187, 0.3308, 0.2765, 0.1813, 0.1508, 0.0973, 0.0801, 0.05], 4),
    );
  });

  it("by hand: 16^(−1/4) = 1/2 lies a third above 81^(−1/4) = 1/3 … 1", () => {
    // (1/2 − 1/3) / (1 − 1/3) = 1/4
    expect([...dynamicMargins([1, 16, 81], { minimum: 0.2, maximum: 0.6 })]).toEqual(
      close([0.6, 0.3, 0.2], 6),
    );
    // Powers of 1/2: 1, 1/4, 1/9.
    expect([...dynamicMargins([1, 16, 81], { power: 0.5, minimum: 0, maximum: 0.8 })]).toEqual(
      close([0.8, (0.8 * (1 / 4 - 1 / 9)) / (8 / 9), 0], 6),
    );
  });

  it("gives equal counts, and a single class, the smallest margin", () => {
    expect([...dynamicMargins(Int32Array.of(7, 7))]).toEqual(close([0.05, 0.05], 7));
    expect([...dynamicMargins([3], { minimum: 0.1 })]).toEqual(close([0.1], 7));
  });

  it("refuses counts and options out of range", () => {
    expect(() => dynamicMargins([])).toThrow(
      new RangeError("dynamicMargins: expected `counts` to hold a number, got none"),
    );
    expect(() => dynamicMargins([4, 0])).toThrow(
      new RangeError("dynamicMargins: expected `counts[1]` to be a finite number of at least 1, got 0"),
    );
    expect(() => dynamicMargins([4], { power: 0 })).toThrow(
      new RangeError("dynamicMargins: expected `power` to be a finite number above 0, got 0"),
    );
    for (const [minimum, maximum] of [
      [0.5, 0.4],
      [-0.1, 0.4],
      [0, 4],
    ] as const) {
      expect(() => dynamicMargins([4], { minimum, maximum })).toThrow(
        new RangeError(
          `dynamicMargins: expected 0 ≤ \`minimum\` ≤ \`maximum\` ≤ π, got ${minimum} and ${maximum}`,
        ),
      );
    }
  });
});

describe("powerMargins", () => {
  it("is a · n^(−λ) + b", () => {
    expect([...powerMargins([1, 16])]).toEqual(close([0.55, 0.3], 6));
    expect([...powerMargins([1, 16], { power: 0.5, factor: 0.4, offset: 0.1 })]).toEqual(
      close([0.5, 0.2], 6),
    );
  });

  it("is the min-max rule with the constants that belong to the counts", () => {
    const counts = [2, 3, 10, 50, 100, 1000, 5000];
    expect([...powerMargins(counts, { factor: 0.62328967, offset: 0 })].map((m) => m - 0.02412205)).toEqual(
      close([...dynamicMargins(counts)], 6),
    );
  });

  it("refuses counts and options out of range", () => {
    expect(() => powerMargins([0.5])).toThrow(
      new RangeError("powerMargins: expected `counts[0]` to be a finite number of at least 1, got 0.5"),
    );
    expect(() => powerMargins([1], { power: -1 })).toThrow(
      new RangeError("powerMargins: expected `power` to be a finite number above 0, got -1"),
    );
    expect(() => powerMargins([1], { factor: -1 })).toThrow(
      new RangeError("powerMargins: expected `factor` to be a finite number of at least 0, got -1"),
    );
    expect(() => powerMargins([1], { offset: -1 })).toThrow(
      new RangeError("powerMargins: expected `offset` to be a finite number of at least 0, got -1"),
    );
  });
});
