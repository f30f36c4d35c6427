import { polynomialSchedule } from "@lmk/train";
import { describe, expect, it } from "vitest";

describe("polynomialSchedule", () => {
  it("is a straight line to 0 by default, and stays there", () => {
    expect([0, 1, 2, 3, 4, 5].map(polynomialSchedule({ base: 4, steps: 4 }))).toEqual([4, 3, 2, 1, 0, 0]);
  });

  it("follows a power down to a minimum", () => {
    const rate = polynomialSchedule({ base: 17, minimum: 1, steps: 4, power: 2 });
    expect([0, 1, 2, 3, 4, 9].map(rate)).toEqual([17, 10, 5, 2, 1, 1]);
  });

  it("keeps the base until the end with a power of 0", () => {
    expect([0, 3, 4].map(polynomialSchedule({ base: 4, steps: 4, power: 0 }))).toEqual([4, 4, 0]);
  });

  it.each([
    [{ base: -1 }, "`base` to be a finite number of at least 0, got -1"],
    [{ minimum: -1 }, "`minimum` to be a finite number of at least 0, got -1"],
    [{ steps: 0 }, "`steps` to be a whole number of at least 1, got 0"],
    [{ power: -1 }, "`power` to be a finite number of at least 0, got -1"],
  ])("refuses %o", (wrong, message) => {
    expect(() => polynomialSchedule({ base: 1, steps: 2, ...wrong })).toThrow(
      new RangeError(`polynomialSchedule: expected ${message}`),
    );
  });
});
