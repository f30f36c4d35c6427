import { describe, expect, it } from "vitest";
import { createProgressiveSampler, createUniformSampler, type Sampler } from "../src/geometry/sampler.ts";

function draws(sampler: Sampler, size: number, count: number): number[][] {
  return Array.from({ length: count }, () => {
    const sample = new Int32Array(size);
    sampler.draw(sample);
    return [...sample].sort((a, b) => a - b);
  });
}

function choose(n: number, m: number): number {
  return m === 0 ? 1 : (choose(n - 1, m - 1) * n) / m;
}

describe("createProgressiveSampler", () => {
  it("keeps the schedule of PROSAC", () => {
    const [pairs, size, total] = [25, 3, 601];
    const drawn = draws(createProgressiveSampler(pairs, size, total, 4), size, 700);
    expect(drawn[0]).toEqual([0, 1, 2]);
    let until = 1;
    for (let pool = size + 1; pool <= pairs; pool++) {
      const expected = (n: number) => (total * choose(n, size)) / choose(pairs, size);
      const next = until + Math.ceil(expected(pool) - expected(pool - 1));
      // The newest pair is in each sample while its pool is the last.
      for (const sample of drawn.slice(until, next)) {
        expect(sample[size - 1]).toBe(pool - 1);
        expect(new Set(sample).size).toBe(size);
      }
      until = next;
    }
    // Then samples are of all pairs.
    const rest = drawn.slice(until);
    expect(rest.length).toBeGreaterThan(50);
    expect(rest.some((sample) => sample[size - 1]! < pairs - 1)).toBe(true);
    expect(rest.some((sample) => sample[size - 1] === pairs - 1)).toBe(true);
  });

  it("has one sample where there are as many pairs", () => {
    const drawn = draws(createProgressiveSampler(4, 4, 10, 1), 4, 20);
    expect(drawn).toEqual(new Array(20).fill([0, 1, 2, 3]));
  });
});

describe("createUniformSampler", () => {
  it("draws each pair about as often, none twice in a sample", () => {
    const drawn = draws(createUniformSampler(10, 2), 4, 2000);
    const counts = new Array(10).fill(0);
    for (const sample of drawn) {
      expect(new Set(sample).size).toBe(4);
      for (const pair of sample) counts[pair] += 1;
    }
    // 800 each, with a standard deviation of 22.
    for (const count of counts) expect(Math.abs(count - 800)).toBeLessThan(110);
  });
});
