import { gradualWarmupSchedule } from "@lmk/train";
import { describe, expect, it } from "vitest";

describe("gradualWarmupSchedule", () => {
  it("has base, peak, peak again, and then the cosine without its second point", () => {
    // n = 10: the cosine of 9 epochs is 1, 0.970, 0.883, 0.75, …; 0.970 is never used.
    const rate = gradualWarmupSchedule({ base: 1e-4, epochs: 10, stepsPerEpoch: 3 });
    const epochs = Array.from({ length: 10 }, (_, epoch) => rate(3 * epoch).toExponential(2));
    expect(epochs).toEqual([
      ...["1.00e-4", "1.00e-3", "1.00e-3", "8.83e-4", "7.50e-4"],
      ...["5.87e-4", "4.13e-4", "2.50e-4", "1.17e-4", "3.02e-5"],
    ]);
  });

  it("keeps a rate for all steps of an epoch, and the last epoch's afterwards", () => {
    const rate = gradualWarmupSchedule({ base: 1, epochs: 5, stepsPerEpoch: 4 });
    expect([0, 3, 4, 7, 8, 11, 12].map(rate)).toEqual([1, 1, 10, 10, 10, 10, 5]);
    expect(rate(16)).toBeCloseTo(5 * (1 - Math.SQRT1_2), 12);
    expect(rate(20)).toBe(rate(19));
    expect(rate(1e6)).toBe(rate(19));
  });

  it("rises over several epochs if told so", () => {
    // W = 2, n = 6: 1, 1 + 3/2, 4; 4 again; then the cosine of 4 epochs from its third point, cos(π 2/4).
    const rate = gradualWarmupSchedule({
      base: 1,
      epochs: 6,
      stepsPerEpoch: 1,
      multiplier: 4,
      warmupEpochs: 2,
    });
    expect([0, 1, 2, 3].map(rate)).toEqual([1, 2.5, 4, 4]);
    expect(rate(4)).toBeCloseTo(2, 12);
    expect(rate(5)).toBeCloseTo(2 * (1 - Math.SQRT1_2), 12);
  });

  it("rises from 0 with a multiplier of 1", () => {
    const rate = gradualWarmupSchedule({
      base: 2,
      epochs: 6,
      stepsPerEpoch: 1,
      multiplier: 1,
      warmupEpochs: 2,
    });
    expect([0, 1, 2, 3].map(rate)).toEqual([0, 1, 2, 2]);
  });

  it("has 2020's multiplier of 10 and one epoch of warm-up by default", () => {
    const options = { base: 1e-5, epochs: 5, stepsPerEpoch: 7 };
    const rate = gradualWarmupSchedule(options);
    const same = gradualWarmupSchedule({ ...options, multiplier: 10, warmupEpochs: 1 });
    for (let step = 0; step < 40; step++) expect(rate(step)).toBe(same(step));
  });

  it.each([
    [{ base: -1 }, "`base` to be a finite number of at least 0, got -1"],
    [{ multiplier: 0.5 }, "`multiplier` to be a finite number of at least 1, got 0.5"],
    [{ warmupEpochs: 0 }, "`warmupEpochs` to be a whole number of at least 1, got 0"],
    [{ epochs: 1 }, "`epochs` to be a whole number of at least 2, got 1"],
    [{ warmupEpochs: 3, epochs: 3 }, "`epochs` to be a whole number of at least 4, got 3"],
    [{ stepsPerEpoch: 1.5 }, "`stepsPerEpoch` to be a whole number of at least 1, got 1.5"],
  ])("refuses %o", (wrong, message) => {
    expect(() => gradualWarmupSchedule({ base: 1, epochs: 5, stepsPerEpoch: 2, ...wrong })).toThrow(
      new RangeError(`gradualWarmupSchedule: expected ${message}`),
    );
  });
});
