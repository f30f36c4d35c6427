import { cosineSchedule } from "@lmk/train";
import { describe, expect, it } from "vitest";

describe("cosineSchedule", () => {
  it("gives the learning rates of the 2019 winners at the ends of their five epochs", () => {
    const rate = cosineSchedule({ base: 1e-3, steps: 500 });
    const published = [1e-3, 9.048e-4, 6.555e-4, 3.475e-4, 9.82e-5, 3e-6];
    published.forEach((value, epoch) => {
      expect(rate(epoch * 100)).toBeCloseTo(value, 7);
    });
  });

  it("starts the last of seven epochs at 5.24e-5", () => {
    expect(cosineSchedule({ base: 1e-3, steps: 700 })(600)).toBeCloseTo(5.24e-5, 7);
  });

  it("is half way between base and minimum in the middle, and keeps the minimum after the end", () => {
    const rate = cosineSchedule({ base: 2, minimum: 1, steps: 10 });
    expect(rate(5)).toBeCloseTo(1.5, 12);
    expect(rate(10)).toBe(1);
    expect(rate(25)).toBe(1);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses %s steps", (steps) => {
    expect(() => cosineSchedule({ base: 1, steps })).toThrow(
      new RangeError(`cosineSchedule: expected \`steps\` to be a whole number of at least 1, got ${steps}`),
    );
  });

  it("refuses a negative rate", () => {
    expect(() => cosineSchedule({ base: -1, steps: 5 })).toThrow(
      new RangeError("cosineSchedule: expected `base` to be a finite number of at least 0, got -1"),
    );
    expect(() => cosineSchedule({ base: 1, minimum: Number.NaN, steps: 5 })).toThrow(
      new RangeError("cosineSchedule: expected `minimum` to be a finite number of at least 0, got NaN"),
    );
  });
});
