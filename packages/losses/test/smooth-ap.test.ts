import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { smoothAp } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { dot, evaluate, scattered, threePoints, unit } from "./pair-batch.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The formula, literally, and with true ranks for a temperature of 0. */
function literal(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  temperature: number,
  includeQuery: boolean,
): number {
  const points = unit(rows);
  const all = points.map((_, i) => i);
  const ahead = (difference: number): number =>
    temperature === 0 ? Number(difference > 0) : sigmoid(difference / temperature);
  const precisions = all.flatMap((i) => {
    const results = all.filter((j) => includeQuery || j !== i);
    const right = results.filter((j) => labels[j] === labels[i]);
    if (!all.some((j) => j !== i && labels[j] === labels[i])) return [];
    const cosine = (j: number): number => dot(points[i]!, points[j]!);
    const rank = (j: number, among: number[]): number =>
      among.reduce((sum, k) => sum + (k === j ? 0 : ahead(cosine(k) - cosine(j))), 1);
    return right.reduce((sum, j) => sum + rank(j, right) / rank(j, results), 0) / right.length;
  });
  return 1 - precisions.reduce((sum, precision) => sum + precision, 0) / precisions.length;
}

describe("smoothAp", () => {
  it("is one minus the mean average precision", () => {
    // Average precisions of 1 and ½; the third point has no positive.
    const { value } = evaluate((x, y) => smoothAp(x, y));
    expect(value).toBeCloseTo(0.25, 5);
  });

  it("counts the query as its own first result on request", () => {
    // (1 + 1) / 2 and (1 + 2/3) / 2.
    const { value } = evaluate((x, y) => smoothAp(x, y, { includeQuery: true, temperature: 1e-3 }));
    expect(value).toBeCloseTo(1 / 12, 4);
  });

  it("has a temperature of 0.01 by default", () => {
    const close = [
      [1, 0],
      [0.8, 0.6],
      [0.79, -Math.sqrt(1 - 0.79 ** 2)],
    ];
    expect(evaluate((x, y) => smoothAp(x, y), close).value).toBeCloseTo(
      1 - (1 / (1 + sigmoid(-1)) + 1 / (1 + sigmoid(-50))) / 2,
      4,
    );
  });

  const labels = [0, 1, 0, 2, 1, 0, 3, 1, 0];
  const rows = scattered(9, 4);

  it.each([true, false])(
    "follows the formula for classes of any size, query included: %s",
    (includeQuery) => {
      const { value } = evaluate((x, y) => smoothAp(x, y, { temperature: 0.1, includeQuery }), rows, labels);
      expect(value).toBeCloseTo(literal(rows, labels, 0.1, includeQuery), 5);
    },
  );

  it("nears the average precision of true ranks as the temperature falls", () => {
    const { value } = evaluate((x, y) => smoothAp(x, y, { temperature: 1e-4 }), rows, labels);
    expect(value).toBeCloseTo(literal(rows, labels, 0, false), 5);
  });

  it("is 0, with a gradient of 0, without positives, and where all rank first", () => {
    const none = evaluate((x, y) => smoothAp(x, y), threePoints, [0, 1, 2]);
    expect(none.value).toBe(0);
    expect(none.gradient.flat().every((slope) => slope === 0)).toBe(true);
    expect(evaluate((x, y) => smoothAp(x, y), threePoints, [0, 0, 0]).value).toBeCloseTo(0, 6);
  });

  it("refuses labels that do not fit and temperatures out of range", () => {
    const x = tf.zeros([2, 3]) as tf.Tensor2D;
    expect(() => smoothAp(x, tf.tensor1d([0], "int32"))).toThrow(
      new RangeError("smoothAp: expected `labels` to have shape [2], got [1]"),
    );
    expect(() => smoothAp(x, tf.tensor1d([0, 1], "int32"), { temperature: 0 })).toThrow(
      new RangeError("smoothAp: expected `temperature` to be a finite number above 0, got 0"),
    );
  });
});
