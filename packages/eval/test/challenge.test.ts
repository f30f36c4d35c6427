import {
  evaluateRecognition,
  evaluateRetrieval,
  evaluateRetrievalStream,
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
    expect([report.evaluated, report.missing]).toEqual([3, 1]);
    const unanswerable: RetrievalAnswer = { id: "06", images: [], usage: "Public" };
    const with06 = evaluateRetrieval(found, [...retrieval, unanswerable]);
    expect(with06).toMatchObject({ evaluated: 3, missing: 2 });
    expect(with06.meanAveragePrecision).toBe(report.meanAveragePrecision);
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

/** Predictions as a stream. */
async function* oneByOne(pairs: Iterable<readonly [string, readonly string[]]>) {
  for (const [id, images] of pairs) yield { id, images };
}

describe("evaluateRetrievalStream", () => {
  it("finds what evaluateRetrieval finds, whatever the order of the queries", async () => {
    const answers: RetrievalAnswer[] = [...retrieval, { id: "06", images: [], usage: "Public" }];
    for (const options of [{}, { depth: 1 }, { usage: "Private" }] as const) {
      const report = evaluateRetrieval(found, answers, options);
      expect(await evaluateRetrievalStream(oneByOne(found), answers, options)).toEqual(report);
      const turned = oneByOne([...found].reverse());
      expect(await evaluateRetrievalStream(turned, answers, options)).toEqual(report);
    }
  });

  it("has 0 without predictions, and takes typed arrays", async () => {
    const report = await evaluateRetrievalStream(oneByOne([]), retrieval);
    expect([report.meanAveragePrecision, report.missing]).toEqual([0, 3]);
    async function* rows() {
      yield { id: 7, images: Int32Array.of(3, 5) };
    }
    const answers = [{ id: 7, images: [5], usage: "Public" as const }];
    expect((await evaluateRetrievalStream(rows(), answers)).meanAveragePrecision).toBe(0.5);
    const sync = evaluateRetrieval(new Map([[7, Int32Array.of(3, 5)]]), answers, { depth: Infinity });
    expect(sync.meanAveragePrecision).toBe(0.5);
  });

  it("refuses unknown and repeated queries, ignored ones too, and closes the stream", async () => {
    const refused = (...ids: string[]) =>
      evaluateRetrievalStream(oneByOne(ids.map((id) => [id, []])), retrieval).catch(
        (error: unknown) => error,
      );
    expect(await refused("02", "zz")).toEqual(
      new PredictionError(
        'evaluateRetrievalStream: expected `predictions` to be for queries of the solution, got "zz"',
        "unknown-id",
        "zz",
      ),
    );
    const again = 'evaluateRetrievalStream: expected `predictions` to name each query once, got "01" twice';
    expect(await refused("01", "02", "01")).toEqual(new PredictionError(again, "repeated-id", "01"));
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield { id: "02", images: [] };
      } finally {
        closed = true;
      }
    }
    await expect(evaluateRetrievalStream(endless(), retrieval)).rejects.toThrow(PredictionError);
    expect(closed).toBe(true);
    await expect(evaluateRetrievalStream(oneByOne([]), retrieval, { depth: 0.5 })).rejects.toThrow(
      new RangeError("evaluateRetrievalStream: expected `depth` to be a positive integer, got 0.5"),
    );
  });
});

it("refuses a split that there is not instead of scoring nothing", () => {
  const usage = "public" as "Public";
  const message = 'expected `usage` to be one of "Public", "Private", "both", got "public"';
  expect(() => evaluateRetrieval(found, retrieval, { usage })).toThrow(
    new RangeError(`evaluateRetrieval: ${message}`),
  );
  expect(() => evaluateRecognition([], recognition, { usage })).toThrow(
    new RangeError(`evaluateRecognition: ${message}`),
  );
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
