import {
  bootstrapDifference,
  bootstrapInterval,
  bootstrapStatistic,
  globalAveragePrecisionStatistic,
} from "@lmk/eval";
import { describe, expect, it } from "vitest";
import { acceleratedLimits, percentileLimits } from "../../src/statistics/bootstrap-limits.ts";
import { normalDistribution, normalQuantile } from "../../src/statistics/normal.ts";
import golden from "../golden/statistics.json" with { type: "json" };
import { createRandom } from "../random.ts";

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe("limits of a given distribution", () => {
  it.each(golden.intervals)("equal scipy's: $name at $level", ({ values, level, distribution, limits }) => {
    const resampled = { distribution: Float64Array.from(distribution), estimate: mean(values) };
    const jackknife = Float64Array.from(values, (_, left) => mean(values.filter((_value, i) => i !== left)));
    const pairs = [
      [percentileLimits(resampled, level), limits.percentile],
      [acceleratedLimits(resampled, jackknife, level), limits.bca],
    ];
    for (const [found, expected] of pairs) {
      expect(found![0]).toBeCloseTo(expected![0]!, 12);
      expect(found![1]).toBeCloseTo(expected![1]!, 12);
    }
  });

  it("exist where the estimate is beyond all samples", () => {
    const resampled = { distribution: Float64Array.of(1, 2, 3), estimate: 4 };
    const [low, high] = acceleratedLimits(resampled, Float64Array.of(3, 4, 5), 0.9);
    expect(low).toBeGreaterThan(1);
    const share = normalDistribution(2 * normalQuantile(5 / 6) + normalQuantile(0.95));
    expect(high).toBeCloseTo(1 + 2 * share, 12);
  });
});

describe("the normal distribution", () => {
  it.each(golden.normal)("below $x equals scipy's to 14 digits", ({ x, below }) => {
    expect(Math.abs(normalDistribution(x) / below - 1)).toBeLessThan(1e-13);
  });

  it.each(golden.quantiles)("at $probability equals scipy's", ({ probability, x }) => {
    expect(normalQuantile(probability)).toBeCloseTo(x, 10);
  });

  it("ends at infinity", () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
    expect([normalDistribution(-Infinity), normalDistribution(Infinity)]).toEqual([0, 1]);
  });
});

describe("bootstrapInterval", () => {
  it.each(golden.long)(
    "comes near scipy's with 400,000 samples: $name",
    ({ values, limits, standardError }) => {
      for (const method of ["percentile", "bca"] as const) {
        const found = bootstrapInterval(values, { samples: 40_000, seed: 3, method });
        const [low, high] = limits[method];
        // A limit of 40,000 samples has a standard error of about 1.3 % of the standard error of the mean.
        expect(Math.abs(found.low - low!)).toBeLessThan(0.05 * standardError);
        expect(Math.abs(found.high - high!)).toBeLessThan(0.05 * standardError);
        expect(Math.abs(found.standardError / standardError - 1)).toBeLessThan(0.02);
        expect(found.estimate).toBeCloseTo(mean(values), 12);
      }
    },
  );

  it("is that of many normal values: the mean plus and minus 1.96 standard errors", () => {
    const random = createRandom(9);
    const values = Float64Array.from({ length: 2000 }, () => {
      return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    });
    const found = bootstrapInterval(values, { samples: 4000 });
    const spread = Math.sqrt(mean(values.map((value) => value ** 2)) - mean(values) ** 2) / Math.sqrt(2000);
    expect((found.high - found.low) / (2 * 1.959964 * spread)).toBeCloseTo(1, 1);
    expect((found.high + found.low) / 2).toBeCloseTo(mean(values), 2);
  });

  const values = golden.long[1]!.values;

  it("uses 10,000 samples, 95 %, BCa and seed 0 unless told otherwise", () => {
    const expected = bootstrapInterval(values, { samples: 10_000, level: 0.95, method: "bca", seed: 0 });
    const found = bootstrapInterval(values);
    expect(found).toEqual(expected);
    expect(found).toMatchObject({ samples: 10_000, count: values.length });
    expect(bootstrapInterval(values, { seed: 1 })).not.toEqual(found);
    expect(bootstrapInterval(values, { level: 0.5 }).low).toBeGreaterThan(found.low);
    expect(bootstrapInterval(values, { method: "percentile" }).low).not.toBe(found.low);
  });

  it("leaves out NaN, and is NaN without values", () => {
    const holes = values.flatMap((value) => [Number.NaN, value]);
    expect(bootstrapInterval(holes)).toEqual(bootstrapInterval(values));
    const nothing = { estimate: Number.NaN, low: Number.NaN, high: Number.NaN, standardError: Number.NaN };
    expect(bootstrapInterval([])).toEqual({ ...nothing, count: 0, samples: 0 });
    expect(bootstrapInterval([Number.NaN])).toEqual({ ...nothing, count: 0, samples: 0 });
  });

  it("is a point for one value, and for equal values", () => {
    expect(bootstrapInterval([0.3])).toMatchObject({ estimate: 0.3, low: 0.3, high: 0.3, standardError: 0 });
    expect(bootstrapInterval([0.5, 0.5, 0.5])).toMatchObject({ estimate: 0.5, low: 0.5, high: 0.5 });
  });

  it("moves and scales with the values", () => {
    const found = bootstrapInterval(values, { samples: 500 });
    const moved = bootstrapInterval(
      values.map((value) => 4 * value + 1),
      { samples: 500 },
    );
    expect(moved.low).toBeCloseTo(4 * found.low + 1, 10);
    expect(moved.high).toBeCloseTo(4 * found.high + 1, 10);
  });

  it("leaves its argument as it is", () => {
    const given = Float64Array.of(3, 1, 2);
    bootstrapInterval(given, { samples: 10 });
    expect([...given]).toEqual([3, 1, 2]);
  });

  it("refuses options out of range and infinite values", () => {
    const refusal = (message: string) => new RangeError(`bootstrapInterval: expected ${message}`);
    expect(() => bootstrapInterval(values, { samples: 0 })).toThrow(
      refusal("`samples` to be a positive integer, got 0"),
    );
    expect(() => bootstrapInterval(values, { level: 1 })).toThrow(
      refusal("`level` to be between 0 and 1, got 1"),
    );
    expect(() => bootstrapInterval(values, { seed: -1 })).toThrow(
      refusal("`seed` to be a whole number below 4294967296, got -1"),
    );
    expect(() => bootstrapInterval(values, { method: "t" as never })).toThrow(
      refusal('`method` to be one of "bca", "percentile", got "t"'),
    );
    expect(() => bootstrapInterval([1, -Infinity])).toThrow(
      refusal("`values` to be finite numbers or NaN, got -Infinity at 1"),
    );
  });
});

describe("bootstrapDifference", () => {
  it("is the interval of the differences of pairs, without those that lack a number", () => {
    const a = [0.5, Number.NaN, 0.75, 1, 0.25];
    const b = [0.25, 0.5, 0.5, Number.NaN, 0.5];
    expect(bootstrapDifference(a, b, { seed: 2 })).toEqual(
      bootstrapInterval([0.25, 0.25, -0.25], { seed: 2 }),
    );
  });

  it("is narrower than the intervals of runs that move together", () => {
    const random = createRandom(1);
    const b = Array.from({ length: 60 }, () => random());
    const a = b.map((value) => value + 0.02 + 0.01 * random());
    const { low, high } = bootstrapDifference(a, b);
    expect(low).toBeGreaterThan(0.02);
    expect(high).toBeLessThan(0.03);
    expect(bootstrapInterval(a).low).toBeLessThan(bootstrapInterval(b).high);
  });

  it("refuses unequal lengths", () => {
    expect(() => bootstrapDifference([1], [])).toThrow(
      new RangeError("bootstrapDifference: expected `a` and `b` to have the same length, got 1 and 0"),
    );
    expect(() => bootstrapDifference([1], [Infinity])).toThrow(
      new RangeError("bootstrapDifference: expected `b` to be finite numbers or NaN, got Infinity at 0"),
    );
  });
});

describe("bootstrapStatistic", () => {
  const values = golden.long[1]!.values;
  const meanOfRows = (rows: Int32Array) => {
    let sum = 0;
    for (const row of rows) sum += values[row]!;
    return sum / rows.length;
  };

  it.each(["bca", "percentile"] as const)("of a mean is the interval of the mean (%s)", (method) => {
    const found = bootstrapStatistic(values.length, meanOfRows, { method, samples: 300, seed: 5 });
    const expected = bootstrapInterval(values, { method, samples: 300, seed: 5 });
    expect(found.low).toBeCloseTo(expected.low, 10);
    expect(found.high).toBeCloseTo(expected.high, 10);
    expect(found.estimate).toBeCloseTo(expected.estimate, 12);
  });

  it("is by percentiles unless told otherwise", () => {
    const found = bootstrapStatistic(values.length, meanOfRows, { samples: 300 });
    expect(found).toEqual(
      bootstrapStatistic(values.length, meanOfRows, { samples: 300, method: "percentile" }),
    );
    expect(found.low).not.toBe(
      bootstrapStatistic(values.length, meanOfRows, { samples: 300, method: "bca" }).low,
    );
  });

  it("leaves out samples without a number", () => {
    const found = bootstrapStatistic(2, (rows) => (rows[0] === rows[1] ? Number.NaN : 7), { samples: 100 });
    expect(found).toMatchObject({ estimate: 7, low: 7, high: 7 });
    expect(found.samples).toBeGreaterThan(25);
    expect(found.samples).toBeLessThan(75);
    expect(bootstrapStatistic(2, () => Number.NaN, { samples: 10 })).toMatchObject({
      samples: 0,
      low: Number.NaN,
    });
  });

  it("gives GAP an interval: narrower for more images, around the value", () => {
    const width = (count: number) => {
      const random = createRandom(7);
      const solution = new Map(Array.from({ length: count }, (_, id) => [id, id % 3 === 0 ? [] : [id % 5]]));
      const predictions = [...solution.keys()].map((id) => ({
        id,
        label: random() < 0.6 ? id % 5 : 9,
        score: random(),
      }));
      const { statistic } = globalAveragePrecisionStatistic(predictions, solution);
      const { estimate, low, high } = bootstrapStatistic(count, statistic, { samples: 400 });
      expect(low).toBeLessThan(estimate);
      expect(high).toBeGreaterThan(estimate);
      return high - low;
    };
    expect(width(90) / width(810)).toBeGreaterThan(2);
    expect(width(90) / width(810)).toBeLessThan(4.5);
  });

  it("has limits where the number is NaN without one of the items", () => {
    const solution = new Map([
      ["a", [1]],
      ["b", []],
      ["c", []],
    ] as const);
    const predictions = [
      { id: "b", label: 2, score: 3 },
      { id: "a", label: 1, score: 2 },
    ];
    const { count, statistic } = globalAveragePrecisionStatistic<string, number>(predictions, solution);
    expect(statistic(Int32Array.of(1, 2))).toBeNaN();
    const { estimate, low, high } = bootstrapStatistic(count, statistic, { method: "bca", samples: 500 });
    expect(estimate).toBe(0.5);
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
  });

  it("refuses no items and options out of range", () => {
    expect(() => bootstrapStatistic(0, () => 1)).toThrow(
      new RangeError("bootstrapStatistic: expected `count` to be a positive integer, got 0"),
    );
    expect(() => bootstrapStatistic(1, () => 1, { level: Number.NaN })).toThrow(
      new RangeError("bootstrapStatistic: expected `level` to be between 0 and 1, got NaN"),
    );
  });
});
