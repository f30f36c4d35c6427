import { readFileSync } from "node:fs";
import { inverseTimeSchedule } from "@lmk/train";
import { describe, expect, it } from "vitest";

describe("inverseTimeSchedule", () => {
  it("divides by one more with every 1 / decay steps", () => {
    expect([0, 10, 20, 30].map(inverseTimeSchedule({ base: 12, decay: 0.1 }))).toEqual([12, 6, 4, 3]);
    expect(inverseTimeSchedule({ base: 12, decay: 0 })(1e6)).toBe(12);
  });

  it.each(["v2clean_train", "v2total_train"])("has the rates of 2020's retrieval notebook %s", (notebook) => {
    const goldens = JSON.parse(
      readFileSync(new URL("../golden/schedules.json", import.meta.url), "utf8"),
    ) as { readonly stages: Readonly<Record<string, readonly number[]>> };
    const rate = inverseTimeSchedule({ base: 1e-3, decay: 1e-5 });
    goldens.stages[`gld2020 retrieval ${notebook}`].forEach((expected, i) => {
      expect(rate(i * 50_000)).toBeCloseTo(expected, 15);
    });
  });

  it.each([
    [{ base: -1 }, "`base` to be a finite number of at least 0, got -1"],
    [{ decay: Number.POSITIVE_INFINITY }, "`decay` to be a finite number of at least 0, got Infinity"],
  ])("refuses %o", (wrong, message) => {
    expect(() => inverseTimeSchedule({ base: 1, decay: 1, ...wrong })).toThrow(
      new RangeError(`inverseTimeSchedule: expected ${message}`),
    );
  });
});
