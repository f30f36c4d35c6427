import { averagePrecisionTrapezoid } from "@lmk/eval";
import { describe, expect, it } from "vitest";
import golden from "../golden/originals.json" with { type: "json" };

describe("averagePrecisionTrapezoid", () => {
  it("is 0.499523810 for five relevant items of which four are found at ranks 0, 2, 5 and 7", () => {
    expect(averagePrecisionTrapezoid([0, 2, 5, 7], 5)).toBeCloseTo(0.49952380952381, 12);
    expect(averagePrecisionTrapezoid([0, 2, 5, 7], 4)).toBeCloseTo(0.624404761904762, 12);
  });

  it.each(golden.compute_ap)("equals the original program: $ranks of $nres", ({ ranks, nres, ap }) => {
    expect(averagePrecisionTrapezoid(ranks, nres)).toBeCloseTo(ap, 12);
  });

  it("is 0 if nothing is found, and NaN if nothing is relevant", () => {
    expect(averagePrecisionTrapezoid([], 3)).toBe(0);
    expect(averagePrecisionTrapezoid([], 0)).toBeNaN();
  });

  it("refuses a total below the number of positions, and positions that do not ascend", () => {
    expect(() => averagePrecisionTrapezoid([0, 1], 1)).toThrow(
      new RangeError(
        "averagePrecisionTrapezoid: expected `total` to be an integer of at least 2, the number of positions, got 1",
      ),
    );
    expect(() => averagePrecisionTrapezoid([3, 3], 2)).toThrow(
      new RangeError(
        "averagePrecisionTrapezoid: expected `positions` to be ascending whole numbers, got 3 after 3",
      ),
    );
  });
});
