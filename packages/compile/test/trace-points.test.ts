import { describe, expect, it } from "vitest";
import { evaluate, isWhole, monomials, PolynomialFit } from "../src/dynamic/polynomial.ts";
import { tracePoints } from "../src/dynamic/trace-points.ts";

const typicals = [[8], [1], [224], [4096], [8, 8], [8, 224, 224], [1, 2, 3, 4]];

describe("the sizes that a function is traced with", () => {
  for (const typical of typicals) {
    it(`tell every remainder and polynomial apart, from ${typical} upwards`, () => {
      const count = monomials(typical.length).length + 1;
      const seen = new Set<number>();
      for (const attempt of [0, 1]) {
        const points = tracePoints(typical, count, attempt);
        expect(points.length).toBe(count);
        expect(new Set(points.map((point) => point.map((size) => size % 2).join())).size).toBe(
          2 ** typical.length,
        );
        typical.forEach((start, dimension) => {
          const sizes = points.map((point) => point[dimension]);
          for (const size of sizes) {
            expect(size).toBeGreaterThanOrEqual(start);
            expect(seen).not.toContain(size);
            seen.add(size);
          }
          expect(new Set(sizes.map((size) => size % 3)).size).toBe(3);
          for (const half of [1, 2, 4, 8, 16, 32]) {
            for (let shift = 0; shift < 2 * half; shift++) {
              expect(new Set(sizes.map((size) => Math.floor((size + shift) / half) % 2)).size).toBe(2);
            }
          }
        });
        const fit = new PolynomialFit(points);
        const polynomial = monomials(typical.length).map((_, i) => ((i * 7) % 5) - 2);
        expect(fit.fit(points.map((point) => evaluate(polynomial, point)))).toEqual(polynomial);
      }
    });
  }

  it("fit only what is an integer for all of them", () => {
    expect(isWhole([0, -0.5, 0.5], 1)).toBe(true);
    expect(isWhole([-0.5, 0.5, 0], 1)).toBe(false);
    expect(isWhole([0, 0, 0, 0, 0.5, 0], 2)).toBe(false);
    expect(isWhole([0, 0.5, 0.5, 0.5, 0, 0.5], 2)).toBe(true);
  });
});
