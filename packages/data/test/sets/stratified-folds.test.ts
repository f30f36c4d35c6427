import { readFileSync } from "node:fs";
import { holdOutAtRandom, stratifiedFolds } from "@lmk/data";
import { describe, expect, it } from "vitest";

interface Golden {
  readonly folds: readonly {
    readonly name: string;
    readonly folds: number;
    readonly seed: number;
    readonly labels: readonly number[];
    readonly expected: readonly number[];
  }[];
  readonly splits: readonly {
    readonly rows: number;
    readonly part: number;
    readonly seed: number;
    readonly train: readonly number[];
    readonly validation: readonly number[];
  }[];
  readonly largeChecksum: number;
}

const golden = JSON.parse(readFileSync(new URL("golden/folds.json", import.meta.url), "utf8")) as Golden;

describe("stratifiedFolds", () => {
  it("deals each class over all folds where it can, and in turn where it cannot", () => {
    const even = stratifiedFolds(Int32Array.of(7, 7, 7, 9, 9, 9), { folds: 3 });
    expect([...even.subarray(0, 3)].sort()).toEqual([0, 1, 2]);
    expect([...even.subarray(3)].sort()).toEqual([0, 1, 2]);
    // Four rows of the first class take folds 0, 1, 2 and 0, so that the one of the second takes fold 1.
    const uneven = stratifiedFolds(Int32Array.of(4, 4, 4, 4, 1), { folds: 3 });
    expect([...uneven.subarray(0, 4)].sort()).toEqual([0, 0, 1, 2]);
    expect(uneven[4]).toBe(1);
  });

  it.each(golden.folds)("equals scikit-learn on $name labels, $folds folds, seed $seed", (of) => {
    const { folds, seed } = of;
    expect([...stratifiedFolds(Int32Array.from(of.labels), { folds, seed })]).toEqual(of.expected);
  });

  it("equals scikit-learn on 60,000 rows of 3,001 labels, with its defaults of 2020", () => {
    const labels = Int32Array.from({ length: 60000 }, (_, i) => (i * 7919 + i * i * 31) % 3001);
    const folds = stratifiedFolds(labels);
    const checksum = folds.reduce((sum, fold, i) => sum + (fold + 1) * ((i % 1009) + 1), 0);
    expect(checksum).toBe(golden.largeChecksum);
    const named = stratifiedFolds(labels, { folds: 5, seed: 233 });
    expect(Buffer.compare(Buffer.from(folds.buffer), Buffer.from(named.buffer))).toBe(0);
  });

  it("refuses folds, seeds and labels out of range", () => {
    const labels = Int32Array.of(1, 1, 2);
    expect(() => stratifiedFolds(labels, { folds: 1 })).toThrow(
      new RangeError("stratifiedFolds: expected `folds` to be an integer >= 2, got 1"),
    );
    expect(() => stratifiedFolds(labels, { seed: -1 })).toThrow(
      new RangeError("stratifiedFolds: expected `seed` to be an integer from 0 to 4294967295, got -1"),
    );
    expect(() => stratifiedFolds(labels)).toThrow(
      new RangeError("stratifiedFolds: expected `labels` to have a class of at least 5 rows, got at most 2"),
    );
    expect(() => stratifiedFolds(Int32Array.of())).toThrow(
      new RangeError("stratifiedFolds: expected `labels` to have a class of at least 5 rows, got at most 0"),
    );
  });
});

describe("holdOutAtRandom", () => {
  it.each(golden.splits)("equals scikit-learn on $rows rows, part $part, seed $seed", (of) => {
    const { train, validation } = holdOutAtRandom(of.rows, { part: of.part, seed: of.seed });
    expect([...train]).toEqual(of.train);
    expect([...validation]).toEqual(of.validation);
  });

  it("takes a tenth by seed 77777 where nothing else is said", () => {
    const [{ rows, validation }] = golden.splits;
    expect([...holdOutAtRandom(rows).validation]).toEqual(validation);
  });

  it("refuses numbers out of range", () => {
    expect(() => holdOutAtRandom(0)).toThrow(
      new RangeError("holdOutAtRandom: expected `rows` to be an integer from 1 to 2147483647, got 0"),
    );
    for (const part of [0, 1, Number.NaN]) {
      expect(() => holdOutAtRandom(10, { part })).toThrow(
        new RangeError(`holdOutAtRandom: expected \`part\` to be a number between 0 and 1, got ${part}`),
      );
    }
    expect(() => holdOutAtRandom(10, { seed: 2 ** 32 })).toThrow(
      new RangeError(
        "holdOutAtRandom: expected `seed` to be an integer from 0 to 4294967295, got 4294967296",
      ),
    );
    expect(() => holdOutAtRandom(1)).toThrow(
      new RangeError("holdOutAtRandom: expected `part` to leave rows to train on, got 1 of 1 held out"),
    );
  });
});
