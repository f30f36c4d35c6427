import { constantSchedule, joinSchedules, polynomialSchedule } from "@lmk/train";
import { describe, expect, it } from "vitest";

describe("joinSchedules", () => {
  it("counts each part from its own step 0, and lets the last go on", () => {
    const rate = joinSchedules([
      { schedule: constantSchedule({ base: 9 }), steps: 2 },
      { schedule: (step) => step, steps: 1 },
      { schedule: polynomialSchedule({ base: 4, steps: 4 }), steps: 2 },
    ]);
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map(rate)).toEqual([9, 9, 0, 4, 3, 2, 1, 0, 0]);
  });

  it("refuses no parts and parts without steps", () => {
    expect(() => joinSchedules([])).toThrow(
      new RangeError("joinSchedules: expected `parts` to hold at least one part, got none"),
    );
    const part = { schedule: () => 1, steps: 0 };
    expect(() => joinSchedules([{ ...part, steps: 1 }, part])).toThrow(
      new RangeError("joinSchedules: expected `parts[1].steps` to be a whole number of at least 1, got 0"),
    );
  });
});
