import {
  evaluateRecognition,
  evaluateRetrieval,
  PredictionError,
  type RecognitionAnswer,
  type RetrievalAnswer,
} from "@lmk/eval";
import { describe, expect, it } from "vitest";

const retrieval: RetrievalAnswer[] = [
  { id: "01", images: [], usage: "Ignored" },
  { id: "02", images: ["f10", "f00"], usage: "Public" },
  { id: "03", images: ["f00"], usage: "Private" },
  { id: "04", images: ["f20"], usage: "Private" },
];
const found = new Map([
  ["01", ["f00"]],
  ["02", ["f10", "x", "f00"]],
  ["03", ["x", "f00"]],
]);

describe("evaluateRetrieval", () => {
  it("scores public and private queries, counts a missing one with 0 and passes over ignored ones", () => {
    const report = evaluateRetrieval(found, retrieval);
    expect(report.ids).toEqual(["02", "03", "04"]);
    expect([...report.averagePrecisions]).toEqual([(1 + 2 / 3) / 2, 0.5, 0]);
    expect(report.meanAveragePrecision).toBeCloseTo((5 / 6 + 1 / 2) / 3, 12);
    expect(report.missing).toBe(1);
  });

  it("scores one split alone", () => {
    expect(evaluateRetrieval(found, retrieval, { usage: "Public" })).toMatchObject({
      ids: ["02"],
      missing: 0,
    });
    expect(evaluateRetrieval(found, retrieval, { usage: "Private" }).meanAveragePrecision).toBe(0.25);
  });

  it("hands the depth on", () => {
    expect(evaluateRetrieval(found, retrieval, { depth: 1 }).meanAveragePrecision).toBeCloseTo(1 / 3, 12);
  });

  it("refuses an unknown query, a solution with a query twice and an impossible depth", () => {
    expect(() => evaluateRetrieval(new Map([["zz", []]]), retrieval)).toThrow(
      new PredictionError(
        'evaluateRetrieval: expected `predictions` to be for queries of the solution, got "zz"',
        "unknown-id",
        "zz",
      ),
    );
    expect(() => evaluateRetrieval(new Map(), [retrieval[1]!, retrieval[1]!])).toThrow(
      new RangeError('evaluateRetrieval: expected `solution` to name each id once, got "02" twice'),
    );
    expect(() => evaluateRetrieval(found, retrieval, { depth: 0 })).toThrow(
      new RangeError("evaluateRetrieval: expected `depth` to be a positive integer, got 0"),
    );
  });
});

const recognition: RecognitionAnswer[] = [
  { id: "01", landmarks: [0, 12], usage: "Public" },
  { id: "02", landmarks: [], usage: "Public" },
  { id: "03", landmarks: [100], usage: "Ignored" },
  { id: "04", landmarks: [1], usage: "Private" },
  { id: "05", landmarks: [2], usage: "Private" },
];
const said = [
  { id: "03", label: 7, score: 99 },
  { id: "02", label: 7, score: 3 },
  { id: "01", label: 12, score: 2 },
  { id: "04", label: 1, score: 1 },
];

describe("evaluateRecognition", () => {
  it("scores public and private images and passes over ignored ones", () => {
    expect(evaluateRecognition(said, recognition)).toEqual({
      globalAveragePrecision: (1 / 2 + 2 / 3) / 3,
      topOneAccuracy: 2 / 3,
      images: 4,
      labelled: 3,
      missing: 1,
    });
  });

  it("scores one split alone, with or without images that show no landmark", () => {
    const score = (options: Parameters<typeof evaluateRecognition>[2]) =>
      evaluateRecognition(said, recognition, options).globalAveragePrecision;
    expect(score({ usage: "Public" })).toBe(0.5);
    expect(score({ usage: "Public", ignoreNoLandmark: true })).toBe(1);
    expect(score({ usage: "Private" })).toBe(0.5);
  });

  it("refuses an unknown image, an image predicted twice and a solution with an image twice", () => {
    expect(() => evaluateRecognition([{ id: "zz", label: 1, score: 1 }], recognition)).toThrow(
      new PredictionError(
        'evaluateRecognition: expected `predictions` to be for images of the solution, got "zz"',
        "unknown-id",
        "zz",
      ),
    );
    expect(() => evaluateRecognition([said[1]!, said[1]!], recognition)).toThrow(
      new PredictionError(
        'evaluateRecognition: expected `predictions` to name each image once, got "02" twice',
        "repeated-id",
        "02",
      ),
    );
    expect(() => evaluateRecognition([], [recognition[0]!, recognition[0]!])).toThrow(
      new RangeError('evaluateRecognition: expected `solution` to name each id once, got "01" twice'),
    );
  });
});
