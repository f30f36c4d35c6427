import { constantSchedule, cosineSchedule, withWarmup } from "@lmk/train";
import { describe, expect, it } from "vitest";

describe("withWarmup", () => {
  it("rises in a straight line from 0 to the first rate of the schedule, which then begins", () => {
    const rate = withWarmup((step) => 8 - step, { steps: 4 });
    expect([0, 1, 2, 3, 4, 5, 12].map(rate)).toEqual([0, 2, 4, 6, 8, 7, 0]);
  });

  it("without delay hides the schedule's first steps, so that the rate falls where they meet", () => {
    const rate = withWarmup((step) => 8 - step, { steps: 4, delay: false });
    expect([0, 1, 2, 3, 4, 5].map(rate)).toEqual([0, 2, 4, 6, 4, 3]);
  });

  it("starts from a rate of its own, which may lie above the peak", () => {
    expect([0, 1, 2].map(withWarmup(constantSchedule({ base: 3 }), { steps: 2, from: 1 }))).toEqual([
      1, 2, 3,
    ]);
    expect([0, 1, 2].map(withWarmup(constantSchedule({ base: 1 }), { steps: 2, from: 3 }))).toEqual([
      3, 2, 1,
    ]);
  });

  it("leaves the schedule as it is if it has no steps", () => {
    const cosine = cosineSchedule({ base: 0.008, minimum: 1.6e-5, steps: 16 });
    for (const delay of [true, false]) {
      const rate = withWarmup(cosine, { steps: 0, from: 8e-5, delay });
      for (let step = 0; step <= 16; step++) expect(rate(step)).toBe(cosine(step));
    }
  });

  it("is not proportional to a group's base: the biases of 2021 start at the same rate as the rest", () => {
    const rateOf = (base: number) =>
      withWarmup(cosineSchedule({ base, minimum: 0.00016, steps: 80 }), {
        steps: 8,
        from: 0.0008,
        delay: false,
      });
    const ratios = [0, 4, 40, 80].map((step) => rateOf(0.16)(step) / rateOf(0.08)(step));
    expect(ratios[0]).toBe(1);
    expect(ratios[1]).toBeCloseTo(0.0804 / 0.0404, 12);
    expect(ratios[2]).toBeCloseTo(0.08008 / 0.04008, 12);
    expect(ratios[3]).toBe(1);
  });

  it.each([-1, 1.5, Number.NaN])("refuses %s steps", (steps) => {
    expect(() => withWarmup(() => 1, { steps })).toThrow(
      new RangeError(`withWarmup: expected \`steps\` to be a whole number of at least 0, got ${steps}`),
    );
  });

  it("refuses a negative start", () => {
    expect(() => withWarmup(() => 1, { steps: 1, from: -1 })).toThrow(
      new RangeError("withWarmup: expected `from` to be a finite number of at least 0, got -1"),
    );
  });
});
