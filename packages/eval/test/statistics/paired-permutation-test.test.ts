import { pairedPermutationTest } from "@lmk/eval";
import { describe, expect, it } from "vitest";
import golden from "../golden/statistics.json" with { type: "json" };
import { createRandom } from "../random.ts";

describe("pairedPermutationTest", () => {
  it.each(golden.permutation)("equals scipy's over all patterns: $name", ({ a, b, pValues }) => {
    for (const alternative of ["two-sided", "greater", "less"] as const) {
      const found = pairedPermutationTest(a, b, { alternative });
      expect(found.pValue).toBeCloseTo(pValues[alternative], 12);
      expect(found).toMatchObject({ exact: true, count: a.length });
    }
  });

  it("is 2 in 2^n for n differences of one sign, 1 in 2^n to one side", () => {
    const b = Array.from({ length: 10 }, (_, i) => i / 10);
    const a = b.map((value, i) => value + 0.1 * (i + 1));
    expect(pairedPermutationTest(a, b).pValue).toBe(2 / 1024);
    expect(pairedPermutationTest(a, b, { alternative: "greater" }).pValue).toBe(1 / 1024);
    expect(pairedPermutationTest(a, b, { alternative: "less" }).pValue).toBe(1);
    expect(pairedPermutationTest(a, b).samples).toBe(1024);
  });

  it("counts sums that differ by rounding alone as equal", () => {
    const a = [0.1, 0.2, 0.3];
    // 0.1 + 0.2 - 0.3 is not 0 in floating point; all eight patterns are at least as large as 0.
    expect(pairedPermutationTest([0.1, 0.2, -0.3], [0, 0, 0]).pValue).toBe(1);
    expect(pairedPermutationTest(a, [0, 0, 0]).pValue).toBe(2 / 8);
  });

  it("leaves out queries without a number in either run; equal results change nothing", () => {
    const found = pairedPermutationTest([1, Number.NaN, 0.5, 0.5, 1], [0, 1, 0, 0.5, Number.NaN]);
    expect(found).toEqual({ difference: 0.5, pValue: 2 / 4, count: 3, exact: true, samples: 4 });
  });

  it("is 1 for two equal runs, and NaN for none", () => {
    expect(pairedPermutationTest([0.5, 0.1], [0.5, 0.1])).toMatchObject({
      difference: 0,
      pValue: 1,
      count: 2,
    });
    expect(pairedPermutationTest([], [])).toEqual({
      difference: Number.NaN,
      pValue: Number.NaN,
      count: 0,
      exact: true,
      samples: 0,
    });
  });

  it("tries all patterns of 16 differences, and of more if there are as many samples", () => {
    const random = createRandom(2);
    const a = Array.from({ length: 17 }, () => random() - 0.4);
    const b = a.map(() => 0);
    expect(pairedPermutationTest(a.slice(1), b.slice(1))).toMatchObject({ exact: true, samples: 65_536 });
    expect(pairedPermutationTest(a, b)).toMatchObject({ exact: false, samples: 10_000 });
    const exact = pairedPermutationTest(a, b, { samples: 2 ** 17 });
    expect(exact).toMatchObject({ exact: true, samples: 131_072 });
    for (const alternative of ["two-sided", "greater", "less"] as const) {
      const all = pairedPermutationTest(a, b, { samples: 2 ** 17, alternative }).pValue;
      const drawn = pairedPermutationTest(a, b, { samples: 60_000, alternative }).pValue;
      // Four standard errors of a share of 60,000 draws.
      expect(Math.abs(drawn - all)).toBeLessThan(4 * Math.sqrt((all * (1 - all)) / 60_000));
    }
  });

  it("counts the pattern that was seen with those that are drawn, so that no p-value is 0", () => {
    const a = Array.from({ length: 60 }, () => 1);
    const b = a.map(() => 0);
    expect(pairedPermutationTest(a, b).pValue).toBe(1 / 10_001);
    expect(pairedPermutationTest(a, b, { samples: 99 }).pValue).toBe(1 / 100);
    expect(pairedPermutationTest(b, a).pValue).toBe(1 / 10_001);
  });

  it("draws the same patterns for the same seed, 0 unless told otherwise, and turns round with the runs", () => {
    const random = createRandom(3);
    const a = Array.from({ length: 50 }, () => random());
    const b = a.map((value) => value + 0.3 * (random() - 0.5));
    const found = pairedPermutationTest(a, b);
    expect(pairedPermutationTest(a, b, { seed: 0 })).toEqual(found);
    expect(pairedPermutationTest(a, b, { seed: 1 })).not.toEqual(found);
    expect(pairedPermutationTest(b, a)).toEqual({ ...found, difference: -found.difference });
  });

  it("holds its level: about one in ten pairs of equally good runs has a p-value below 0.1", () => {
    const random = createRandom(12);
    let below = 0;
    for (let trial = 0; trial < 400; trial++) {
      const a = Array.from({ length: 20 }, () => random());
      const b = a.map(() => random());
      if (pairedPermutationTest(a, b, { samples: 500, seed: trial }).pValue < 0.1) below += 1;
    }
    // 40 expected, standard deviation 6.
    expect(below).toBeGreaterThan(20);
    expect(below).toBeLessThan(60);
  });

  it("refuses unequal lengths, infinite values and options out of range", () => {
    const refusal = (message: string) => new RangeError(`pairedPermutationTest: expected ${message}`);
    expect(() => pairedPermutationTest([1], [])).toThrow(
      refusal("`a` and `b` to have the same length, got 1 and 0"),
    );
    expect(() => pairedPermutationTest([Infinity], [1])).toThrow(
      refusal("`a` to be finite numbers or NaN, got Infinity at 0"),
    );
    expect(() => pairedPermutationTest([1], [1], { samples: 1.5 })).toThrow(
      refusal("`samples` to be a positive integer, got 1.5"),
    );
    expect(() => pairedPermutationTest([1], [1], { seed: 2 ** 32 })).toThrow(
      refusal("`seed` to be a whole number below 4294967296, got 4294967296"),
    );
    expect(() => pairedPermutationTest([1], [1], { alternative: "both" as never })).toThrow(
      refusal('`alternative` to be one of "two-sided", "greater", "less", got "both"'),
    );
  });
});
