import { constantSchedule } from "@lmk/train";
import { describe, expect, it } from "vitest";

describe("constantSchedule", () => {
  it("is the same in every step", () => {
    expect([0, 1, 1e9].map(constantSchedule({ base: 0.01 }))).toEqual([0.01, 0.01, 0.01]);
  });

  it("refuses a rate that is none", () => {
    expect(() => constantSchedule({ base: Number.NaN })).toThrow(
      new RangeError("constantSchedule: expected `base` to be a finite number of at least 0, got NaN"),
    );
  });
});
