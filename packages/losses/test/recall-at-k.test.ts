import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { recallAtK } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { dot, evaluate, scattered, threePoints, unit } from "./pair-batch.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

interface Widths {
  readonly rank: number;
  readonly depth: number;
  readonly includeQuery: boolean;
}

/** The formula, literally. */
function literal(rows: number[][], labels: number[], ks: number[], widths: Widths): number {
  const points = unit(rows);
  const all = points.map((_, i) => i);
  const recalls = all.flatMap((i) => {
    const positives = all.filter((j) => j !== i && labels[j] === labels[i]);
    if (positives.length === 0) return [];
    const cosine = (j: number): number => dot(points[i]!, points[j]!);
    const rank = (j: number): number =>
      all
        .filter((k) => k !== j && (widths.includeQuery || k !== i))
        .reduce((sum, k) => sum + sigmoid((cosine(k) - cosine(j)) / widths.rank), 1);
    return ks.map((k) => {
      const found = positives.reduce((sum, j) => sum + sigmoid((k - rank(j)) / widths.depth), 0);
      return Math.min(k, found) / Math.min(k, positives.length);
    });
  });
  return 1 - recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}

describe("recallAtK", () => {
  it("is one minus the soft recall: ranks 1 and 2 at depth 1", () => {
    const { value } = evaluate((x, y) => recallAtK(x, y, { ks: [1] }));
    expect(value).toBeCloseTo(1 - (0.5 + sigmoid(-1)) / 2, 5);
    expect(value).toBeCloseTo(0.615529, 5);
  });

  it("counts the query as a result on request, which moves the ranks to 2 and 3", () => {
    const { value } = evaluate((x, y) => recallAtK(x, y, { ks: [1], includeQuery: true }));
    expect(value).toBeCloseTo(1 - (sigmoid(-1) + sigmoid(-2)) / 2, 4);
  });

  const labels = [0, 1, 0, 2, 1, 0, 3, 1, 0];
  const rows = scattered(9, 4);

  it("has depths of 1, 2, 4, 8 and 16 and widths of 0.01 and 1 by default; depths beyond the batch count as its size", () => {
    const { value } = evaluate((x, y) => recallAtK(x, y), rows, labels);
    const widths = { rank: 0.01, depth: 1, includeQuery: false };
    expect(value).toBeCloseTo(literal(rows, labels, [1, 2, 4, 8, 9], widths), 4);
  });

  it.each([true, false])(
    "follows the formula for classes of any size, query included: %s",
    (includeQuery) => {
      const widths = { rank: 0.1, depth: 0.4, includeQuery };
      const { value } = evaluate(
        (x, y) => recallAtK(x, y, { ks: [1, 3], rankTemperature: 0.1, depthTemperature: 0.4, includeQuery }),
        rows,
        labels,
      );
      expect(value).toBeCloseTo(literal(rows, labels, [1, 3], widths), 5);
    },
  );

  it("counts no more than k results at depth k", () => {
    // Three equal positives at rank 2 each: with a narrow depth of 2 they give 1.5, and with depth 1 and a wide one 1.25.
    const equal = [1, 1, 1, 1].map(() => [1, 0]);
    const narrow = evaluate((x, y) => recallAtK(x, y, { ks: [2] }), equal, [0, 0, 0, 0]).value;
    expect(narrow).toBeCloseTo(1 - 1.5 / 2, 5);
    const wide = evaluate((x, y) => recallAtK(x, y, { ks: [1], depthTemperature: 3 }), equal, [0, 0, 0, 0]);
    expect(wide.value).toBeCloseTo(0, 6);
    expect(wide.gradient.flat().every((slope) => slope === 0)).toBe(true);
  });

  it("is 0, with a gradient of 0, without positives", () => {
    const { value, gradient } = evaluate((x, y) => recallAtK(x, y), threePoints, [0, 1, 2]);
    expect(value).toBe(0);
    expect(gradient.flat().every((slope) => slope === 0)).toBe(true);
  });

  it("refuses labels that do not fit and options out of range", () => {
    const x = tf.zeros([2, 3]) as tf.Tensor2D;
    const y = tf.tensor1d([0, 1], "int32");
    expect(() => recallAtK(x, tf.tensor1d([0], "int32"))).toThrow(
      new RangeError("recallAtK: expected `labels` to have shape [2], got [1]"),
    );
    expect(() => recallAtK(x, y, { ks: [] })).toThrow(
      new RangeError("recallAtK: expected `ks` to hold at least one number, got none"),
    );
    expect(() => recallAtK(x, y, { ks: [1, 0.5] })).toThrow(
      new RangeError("recallAtK: expected `ks[1]` to be a whole number above 0, got 0.5"),
    );
    for (const option of ["rankTemperature", "depthTemperature"]) {
      expect(() => recallAtK(x, y, { [option]: 0 })).toThrow(
        new RangeError(`recallAtK: expected \`${option}\` to be a finite number above 0, got 0`),
      );
    }
  });
});
