import { stepSchedule } from "@lmk/train";
import { describe, expect, it } from "vitest";

describe("stepSchedule", () => {
  it("drops at the steps that are named", () => {
    const rate = stepSchedule({ base: 8, factor: 0.5, drops: { at: [0, 3, 5] } });
    expect([0, 2, 3, 4, 5, 100].map(rate)).toEqual([4, 4, 2, 2, 1, 1]);
    expect(stepSchedule({ base: 8, drops: { at: [] } })(100)).toBe(8);
  });

  it("drops every so many steps", () => {
    const rate = stepSchedule({ base: 8, factor: 0.5, drops: { every: 3 } });
    expect([0, 2, 3, 5, 6, 9].map(rate)).toEqual([8, 8, 4, 4, 2, 1]);
  });

  it("divides by ten by default", () => {
    expect(stepSchedule({ base: 1, drops: { every: 1 } })(1)).toBe(0.1);
  });

  it("is cirtorch's exponential decay with e^−0.01 every epoch", () => {
    const rate = stepSchedule({ base: 1e-6, factor: Math.exp(-0.01), drops: { every: 400 } });
    expect(rate(99 * 400 + 399) / 1e-6).toBeCloseTo(Math.exp(-0.99), 12);
  });

  it("does not follow later changes of the list it was given", () => {
    const at = [2];
    const rate = stepSchedule({ base: 1, factor: 0.5, drops: { at } });
    at[0] = 9;
    expect(rate(2)).toBe(0.5);
  });

  it.each([
    [{ base: -1 }, "`base` to be a finite number of at least 0, got -1"],
    [{ factor: -1 }, "`factor` to be a finite number of at least 0, got -1"],
    [{ drops: { every: 0 } }, "`drops.every` to be a whole number of at least 1, got 0"],
    [{ drops: { at: [-1] } }, "`drops.at[0]` to be a whole number of at least 0, got -1"],
    [{ drops: { at: [2, 2] } }, "`drops.at[1]` to be a whole number of at least 3, got 2"],
  ])("refuses %o", (wrong, message) => {
    expect(() => stepSchedule({ base: 1, drops: { every: 1 }, ...wrong })).toThrow(
      new RangeError(`stepSchedule: expected ${message}`),
    );
  });
});
