import {
  globalAveragePrecision,
  globalAveragePrecisionStatistic,
  type RecognitionPrediction,
} from "@lmk/eval";
import { describe, expect, it } from "vitest";
import golden from "../golden/measures.json" with { type: "json" };
import { createRandom } from "../random.ts";

const { noLandmark, truth, said, scores, coarse, ...originals } = golden.recognition;
const solution = new Map(truth.map((label, id) => [id, label === noLandmark ? [] : [label]]));
const predictionsWith = (values: readonly number[]) =>
  said.map((label, id) => ({ id, label, score: values[id]! }));

describe("GAP as winners computed it", () => {
  it("equals the 3rd place of 2020: equal scores in the order of the predictions", () => {
    const predictions = predictionsWith(coarse);
    expect(globalAveragePrecision(predictions, solution, { ties: "input" })).toBeCloseTo(originals.third, 12);
    const reversed = globalAveragePrecision(predictions.toReversed(), solution, { ties: "input" });
    expect(Math.abs(reversed - originals.third)).toBeGreaterThan(1e-3);
  });

  it("equals the 1st place of 2020: no rank for predictions of no landmark", () => {
    const predictions = predictionsWith(scores);
    const options = { noLandmarkLabel: noLandmark };
    const ignoring = { ...options, ignoreNoLandmark: true };
    expect(globalAveragePrecision(predictions, solution, options)).toBeCloseTo(originals.first, 12);
    expect(globalAveragePrecision(predictions, solution, ignoring)).toBeCloseTo(originals.firstIgnoring, 12);
    expect(globalAveragePrecision(predictions, solution)).toBeLessThan(originals.first);
  });

  it("is 0.5555556 in the example of the notes on 2020", () => {
    const answers = new Map([
      ["a", [1]],
      ["b", []],
      ["c", [2]],
      ["d", [3]],
      ["e", []],
    ]);
    const predictions = [
      { id: "a", label: 1, score: 0.9 },
      { id: "b", label: 7, score: 0.8 },
      { id: "c", label: 2, score: 0.7 },
      { id: "d", label: 4, score: 0.6 },
      { id: "e", label: 9, score: 0.1 },
    ];
    expect(globalAveragePrecision(predictions, answers)).toBeCloseTo(0.555555555556, 12);
  });
});

describe("grouped ties", () => {
  const answers = new Map([
    ["a", [1]],
    ["b", [2]],
    ["c", [3]],
    ["d", [4]],
  ]);
  const predictions = [
    { id: "a", label: 1, score: 2 },
    { id: "b", label: 9, score: 1 },
    { id: "c", label: 3, score: 1 },
    { id: "d", label: 4, score: 1 },
  ];

  it("count every right one with the precision after the last of equal scores", () => {
    const value = globalAveragePrecision(predictions, answers, { ties: "grouped" });
    expect(value).toBeCloseTo((1 + 3 / 4 + 3 / 4) / 4, 12);
    expect(globalAveragePrecision(predictions, answers)).toBeCloseTo((1 + 2 / 3 + 3 / 4) / 4, 12);
  });

  it("do not depend on names, and do not matter where no scores are equal", () => {
    const renamed = new Map([...answers].map(([id, labels]) => [`${9 - id.charCodeAt(0) / 20}`, labels]));
    const moved = predictions.map((one) => ({ ...one, id: `${9 - one.id.charCodeAt(0) / 20}` }));
    const grouped = { ties: "grouped" } as const;
    expect(globalAveragePrecision(moved, renamed, grouped)).toBe(
      globalAveragePrecision(predictions, answers, grouped),
    );
    expect(globalAveragePrecision(moved, renamed)).not.toBe(globalAveragePrecision(predictions, answers));
    const all = predictionsWith(scores);
    expect(globalAveragePrecision(all, solution, grouped)).toBeCloseTo(
      globalAveragePrecision(all, solution),
      12,
    );
  });

  it("refuses a rule that does not exist", () => {
    expect(() => globalAveragePrecision([], answers, { ties: "other" as never })).toThrow(
      new RangeError(
        'globalAveragePrecision: expected `ties` to be one of "challenge", "grouped", "input", got "other"',
      ),
    );
  });
});

describe("globalAveragePrecisionStatistic", () => {
  const optionsOf = [
    {},
    { ties: "grouped" },
    { ignoreNoLandmark: true },
    { noLandmarkLabel: noLandmark },
  ] as const;

  it.each(optionsOf)("gives GAP for every image once (%o)", (options) => {
    const predictions = predictionsWith(coarse);
    const { count, statistic } = globalAveragePrecisionStatistic(predictions, solution, options);
    expect(count).toBe(200);
    const all = Int32Array.from({ length: count }, (_, row) => row);
    expect(statistic(all)).toBe(globalAveragePrecision(predictions, solution, options));
    expect(statistic(all.toReversed())).toBe(statistic(all));
  });

  it.each(optionsOf)("gives GAP of a test set in which images are repeated (%o)", (options) => {
    const predictions = predictionsWith(coarse);
    const { count, statistic } = globalAveragePrecisionStatistic(predictions, solution, options);
    const random = createRandom(4);
    const rows = Int32Array.from({ length: count }, () => Math.floor(random() * count));
    // Copies get ids that keep them next to each other: row * 1000 + number of the copy.
    const copies = new Map<number, readonly number[]>();
    const saidOfCopies: RecognitionPrediction<number, number>[] = [];
    for (const [i, row] of rows.entries()) {
      copies.set(row * 1000 + i, solution.get(row)!);
      saidOfCopies.push({ ...predictions[row]!, id: row * 1000 + i });
    }
    expect(statistic(rows)).toBeCloseTo(globalAveragePrecision(saidOfCopies, copies, options), 12);
  });

  it("is NaN for images without a landmark", () => {
    const { statistic } = globalAveragePrecisionStatistic(
      [],
      new Map([
        ["a", []],
        ["b", [1]],
      ]),
    );
    expect(statistic(Int32Array.of(0, 0))).toBeNaN();
    expect(statistic(Int32Array.of(0, 1))).toBe(0);
  });
});
