import { classWeights } from "@lmk/losses";
import { describe, expect, it } from "vitest";
import { golden } from "./golden.ts";

const close = (values: number[], digits = 6) => values.map((value) => expect.closeTo(value, digits));
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

describe("classWeights", () => {
  it("computes the doc comment's examples", () => {
    expect([...classWeights([1, 3])]).toEqual(close([4 / 3, 2 / 3]));
    expect([...classWeights([1, 3], { rule: "inverse" })]).toEqual(close([1.5, 0.5]));
    expect([...classWeights([1, 3], { normalize: "samples" })]).toEqual(close([1.6, 0.8]));
  });

  it("is 1/ln(1 + n) that sums to C, as the 2020 recognition winners", () => {
    const weights = classWeights([1, 3, 10, 50, 400]);
    expect([...weights]).toEqual(close(golden.classWeights));
    expect(sum(weights)).toBeCloseTo(5, 5);
  });

  it("is κ/ln n with a mean of 1 over the samples, as the 2020 retrieval winners", () => {
    const counts = Int32Array.of(2, 5, 40);
    const weights = classWeights(counts, { offset: 0, normalize: "samples" });
    expect(weights[0]! * Math.log(2)).toBeCloseTo(weights[2]! * Math.log(40), 5);
    expect(sum([...counts].map((count, i) => count * weights[i]!)) / 47).toBeCloseTo(1, 6);
    const total = classWeights(counts, { normalize: "samples" });
    expect(total[0]! * Math.log(3)).toBeCloseTo(total[2]! * Math.log(41), 5);
  });

  it("goes from equal weights to the inverse by the effective number", () => {
    expect([...classWeights([1, 9], { rule: "effective-number", beta: 0 })]).toEqual(close([1, 1]));
    // (1 − 0.5) / (1 − 0.5ⁿ) = 1 and 2/3, of together 5/3
    expect([...classWeights([1, 2], { rule: "effective-number", beta: 0.5 })]).toEqual(close([1.2, 0.8]));
    expect([...classWeights([1, 9], { rule: "effective-number", beta: 1 - 1e-9 })]).toEqual(
      close([1.8, 0.2]),
    );
    expect([...classWeights([5, 2000], { rule: "effective-number" })]).toEqual([
      ...classWeights([5, 2000], { rule: "effective-number", beta: 0.999 }),
    ]);
  });

  it("weighs equal counts equally", () => {
    expect([...classWeights([7, 7, 7])]).toEqual([1, 1, 1]);
  });

  it("refuses counts and options out of range", () => {
    expect(() => classWeights([])).toThrow(
      new RangeError("classWeights: expected `counts` to hold a number, got none"),
    );
    expect(() => classWeights([3, 0])).toThrow(
      new RangeError("classWeights: expected `counts[1]` to be a finite number of at least 1, got 0"),
    );
    expect(() => classWeights([Number.NaN])).toThrow(
      new RangeError("classWeights: expected `counts[0]` to be a finite number of at least 1, got NaN"),
    );
    expect(() => classWeights([3, 1], { offset: 0 })).toThrow(
      new RangeError("classWeights: expected `counts[1]` to be above 1 for an `offset` of 0, got 1"),
    );
    expect(() => classWeights([3], { offset: -1 })).toThrow(
      new RangeError("classWeights: expected `offset` to be a finite number of at least 0, got -1"),
    );
    expect(() => classWeights([3], { beta: 1 })).toThrow(
      new RangeError("classWeights: expected `beta` to be from 0 to below 1, got 1"),
    );
  });
});
