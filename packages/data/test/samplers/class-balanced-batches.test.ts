import { classBalancedBatches } from "@lmk/data";
import { describe, expect, it } from "vitest";

// 900, 90 and 10 images; one row belongs to no class.
const labels = Int32Array.from({ length: 1001 }, (_, row) =>
  row < 900 ? 4 : row < 990 ? 9 : row < 1000 ? 5 : -1,
);

function sharesOf(power: number): number[] {
  const drawn = classBalancedBatches(labels, { batchSize: 100, power, length: 30_000 }).flatMap(
    ({ rows }) => [...rows],
  );
  return [4, 9, 5].map((label) => drawn.filter((row) => labels[row] === label).length / drawn.length);
}

describe("classBalancedBatches", () => {
  it("draws classes by the power of their size", () => {
    // Three deviations of a share of 1/3 over 30,000 draws are 0.008.
    for (const share of sharesOf(0)) expect(Math.abs(share - 1 / 3)).toBeLessThan(0.009);
    const roots = [30, Math.sqrt(90), Math.sqrt(10)];
    const sum = roots[0] + roots[1] + roots[2];
    for (const [i, share] of sharesOf(0.5).entries())
      expect(Math.abs(share - roots[i] / sum)).toBeLessThan(0.009);
    for (const [i, share] of sharesOf(1).entries())
      expect(Math.abs(share - [0.9, 0.09, 0.01][i])).toBeLessThan(0.006);
  });

  it("takes each image of a class before one comes again", () => {
    const drawn = classBalancedBatches(labels, { batchSize: 10, length: 600 });
    const rare = drawn.flatMap(({ rows }) => [...rows]).filter((row) => labels[row] === 5);
    const counts = Array.from({ length: 10 }, (_, i) => rare.filter((row) => row === 990 + i).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(Math.max(...counts)).toBeGreaterThan(10);
  });

  it("has an epoch of as many images as there are rows, less what fills no batch", () => {
    expect(classBalancedBatches(labels, { batchSize: 100 })).toHaveLength(10);
    expect(classBalancedBatches(labels, { batchSize: 100, length: 199 })).toHaveLength(1);
  });

  it.each([
    ["power", { power: 1.5 }, "`power` to be a number from 0 to 1, got 1.5"],
    ["length", { length: -1 }, "`length` to be an integer >= 0, got -1"],
  ])("refuses a wrong %s", (_, options, message) => {
    expect(() => classBalancedBatches(labels, options)).toThrow(
      new RangeError(`classBalancedBatches: expected ${message}`),
    );
  });

  it("refuses labels without a class", () => {
    expect(() => classBalancedBatches(Int32Array.of(-1, -1))).toThrow(
      new RangeError("classBalancedBatches: expected `labels` with a class of at least 0, got none"),
    );
  });
});
