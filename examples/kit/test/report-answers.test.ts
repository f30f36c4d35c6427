import { globalAveragePrecision } from "@lmk/eval";
import { describe, expect, it } from "vitest";
import { answerSections, gapCurve, type PreparedData, precisionCurve } from "../src/index.ts";
import { shownAnswer } from "../src/report-answer-photos.ts";
import { gaps, precisions } from "../src/report-confidence.ts";

const solution = [
  { id: "a", landmarks: [1], usage: "Private" as const },
  { id: "b", landmarks: [], usage: "Private" as const },
  { id: "c", landmarks: [3, 4], usage: "Public" as const },
  { id: "d", landmarks: [5], usage: "Public" as const },
  { id: "e", landmarks: [], usage: "Ignored" as const },
];
const predictions = [
  { id: "a", label: 1, score: 0.5 },
  { id: "b", label: 2, score: 0.9 },
  { id: "c", label: 4, score: 0.7 },
  { id: "d", label: 6, score: 0.6 },
  { id: "e", label: 5, score: 1 },
];

it("shows right answers, mistakes and accepted distractors, the surest first", () => {
  const shown = answerSections(predictions, solution).map(({ answered }) =>
    answered.map(({ prediction }) => prediction.id),
  );
  expect(shown).toEqual([["c", "a"], ["d"], ["b"]]);
});

describe("precisionCurve", () => {
  it("draws the precision whose mean over the right ones is the GAP", () => {
    const answers = new Map(solution.slice(0, 4).map(({ id, landmarks }) => [id, landmarks]));
    expect(precisions(predictions, solution)).toEqual([0, 1 / 2, 1 / 3, 2 / 4]);
    const counted = predictions.slice(0, 4);
    expect(globalAveragePrecision(counted, answers)).toBeCloseTo((1 / 2 + 2 / 4) / 3, 12);

    const curve = precisionCurve([{ title: "one", predictions }], solution);
    expect(curve.x.values).toEqual([1, 2, 3, 4]);
    expect(curve.series).toEqual([{ label: "one", values: [0, 1 / 2, 1 / 3, 2 / 4] }]);
  });

  it("thins long curves, and keeps their end", () => {
    const ids = Array.from({ length: 1000 }, (_, i) => `${i}`);
    const { x } = precisionCurve(
      [{ title: "one", predictions: ids.map((id, i) => ({ id, label: 1, score: -i })) }],
      ids.map((id) => ({ id, landmarks: [1], usage: "Public" })),
    );
    expect(x.values).toHaveLength(250);
    expect([x.values[0], x.values.at(-1)]).toEqual([4, 1000]);
  });
});

describe("gapCurve", () => {
  it("grows with each right answer up to the GAP, by the share of the images that count", () => {
    const { x, series } = gapCurve([{ title: "one", predictions }], solution);
    expect(x.values).toEqual([25, 50, 75, 100]);
    const [values] = series.map((one) => one.values);
    // Three images show a landmark; 1/2 and 2/4 are the precisions of the right answers.
    for (const [i, expected] of [0, 50 / 3, 50 / 3, 100 / 3].entries()) {
      expect(values![i]).toBeCloseTo(expected, 10);
    }
  });

  it("ends at the GAP of five images of which two show no landmark", () => {
    const truth = Object.entries({ a: [1], b: [], c: [2], d: [3], e: [] }) as [string, number[]][];
    const said = Object.entries({ a: [1, 0.9], b: [7, 0.8], c: [2, 0.7], d: [4, 0.6], e: [9, 0.1] });
    const curve = gaps(
      said.map(([id, [label, score]]) => ({ id, label: label!, score: score! })),
      truth.map(([id, landmarks]) => ({ id, landmarks, usage: "Private" })),
    );
    expect(curve.at(-1)).toBeCloseTo(0.5555556, 7);
    expect(curve[0]).toBeCloseTo(1 / 3, 12);
  });

  it("keeps the last value of a method that predicts for fewer images", () => {
    const few = predictions.slice(0, 1);
    const { series } = gapCurve(
      [
        { title: "all", predictions },
        { title: "few", predictions: few },
        { title: "none", predictions: [] },
      ],
      solution,
    );
    expect(series[1]!.values).toEqual(Array(4).fill(expect.closeTo(100 / 3, 10)));
    expect(series[2]!.values).toEqual([0, 0, 0, 0]);
  });

  it("orders equal scores as the challenge does: by id", () => {
    const tied = [
      { id: "d", label: 6, score: 0.5 },
      { id: "a", label: 1, score: 0.5 },
    ];
    expect(gaps(tied, solution)).toEqual([1 / 3, 1 / 3]);
  });
});

describe("shownAnswer", () => {
  const names = (ids: readonly string[]) => ({
    ids: { length: ids.length, at: (row: number) => ids[row]!, rowOf: (id: string) => ids.indexOf(id) },
    paths: { length: ids.length, at: (row: number) => `${ids[row]}.jpg` },
  });
  /** The first test image cannot be read. */
  const prepared = {
    data: {
      test: names(["x", "a", "b"]),
      train: { ...names(["t0", "t1", "t2", "t3"]), landmarkIds: Int32Array.of(7, 8, 7, 7) },
      landmarkNames: new Map([[8, "Tower"]]),
    },
    sizes: { test: { widths: Int32Array.of(0, 9, 9) } },
  } as unknown as PreparedData;
  const shown = {
    prepared,
    exampleRows: Int32Array.of(0, 1, 3),
    exampleCount: 2,
    supportOf: (place: number) => [
      { row: 1, caption: `cosine 0.90 at ${place}` },
      { row: 3, caption: "cosine 0.80" },
    ],
  };

  it("says what was said, by which images, and shows some that are right", () => {
    const image = { prediction: { id: "a", label: 8, score: 1.23456e-11 }, landmarks: [7] };
    expect(shownAnswer({ ...shown, remarkOf: () => "head 0.5" }, image)).toEqual({
      query: { path: "a.jpg", caption: "a · landmark 8, Tower · score 1.23e-11 · head 0.5" },
      before: {
        label: "votes for landmark 8, Tower",
        photos: [
          { path: "t1.jpg", caption: "8 · cosine 0.90 at 0", right: false },
          { path: "t3.jpg", caption: "7 · cosine 0.80", right: true },
        ],
      },
      after: {
        label: "right: landmark 7",
        photos: [
          { path: "t0.jpg", caption: "7" },
          { path: "t3.jpg", caption: "7" },
        ],
      },
    });
  });

  it("says that no landmark is right for a distractor", () => {
    const { query, after } = shownAnswer(shown, {
      prediction: { id: "b", label: 7, score: 0.5 },
      landmarks: [],
    });
    expect(query.caption).toBe("b · landmark 7 · score 0.5");
    expect(after).toEqual({ label: "no landmark is right", photos: [] });
  });
});
