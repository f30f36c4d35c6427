import { evaluateProtocol, evaluateRevisited, precisionsAt } from "@lmk/eval";
import { describe, expect, it } from "vitest";
import golden from "../golden/measures.json" with { type: "json" };
import { createRandom } from "../random.ts";

const protocols = ["easy", "medium", "hard"] as const;

/** Values of the original, in which NaN is written as null. */
function expectValues(found: ArrayLike<number>, expected: readonly (number | null)[]): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    if (value === null) expect(found[i]).toBeNaN();
    else expect(found[i]).toBeCloseTo(value, 12);
  }
}

describe("evaluateRevisited", () => {
  const truth = [{ easy: [10, 56, 100], hard: [0], junk: [6, 90] }];

  it("takes the lists as each protocol says", () => {
    const { easy, medium, hard } = evaluateRevisited([[0, 6, 10, 7, 56, 90, 100]], truth);
    // Without 0, 6, 90: 10, 7, 56, 100. Without 6, 90: 0, 10, 7, 56, 100. Without all but 0 and 7: 0, 7.
    expect(easy.averagePrecisions[0]).toBeCloseTo((1 + (1 / 2 + 2 / 3) / 2 + (2 / 3 + 3 / 4) / 2) / 3, 12);
    expect(medium.averagePrecisions[0]).toBeCloseTo(
      (1 + 1 + (2 / 3 + 3 / 4) / 2 + (3 / 4 + 4 / 5) / 2) / 4,
      12,
    );
    expect(hard.averagePrecisions[0]).toBe(1);
    expect([...easy.meanPrecisions]).toEqual([1, 3 / 4, 3 / 4]);
    expect([...medium.meanPrecisions]).toEqual([1, 4 / 5, 4 / 5]);
    expect([...hard.meanPrecisions]).toEqual([1, 1, 1]);
    expect([...easy.meanRecalls]).toEqual([1 / 3, 1, 1]);
    expect(easy.removedBeforeReranking).toBe(0);
  });

  it("reports ranks 1, 5 and 10 unless told otherwise", () => {
    expect(evaluateRevisited([[0]], truth).ranks).toEqual([1, 5, 10]);
    const { ranks, hard } = evaluateRevisited([[7, 0]], truth, { ranks: [2] });
    expect(ranks).toEqual([2]);
    expect([...hard.precisions]).toEqual([0.5]);
  });

  it.each(golden.revisited.slice(0, 1))("equals the original program on rankings that are $name", (one) => {
    for (const truncated of ["penalize", "revisitop", "delf", "ames"] as const) {
      const report = evaluateRevisited(one.rankings, one.truth, { truncated });
      for (const protocol of protocols) {
        const expected = one.results[protocol];
        const found = report[protocol];
        expectValues(found.averagePrecisions, expected.averagePrecisions);
        expectValues(found.precisions, expected.precisions);
        expectValues(found.meanPrecisions, expected.meanPrecisions);
        expect(found.meanAveragePrecision).toBeCloseTo(expected.meanAveragePrecision, 12);
      }
    }
  });

  it.each(golden.revisited)("equals the original program, if asked to, on rankings that are $name", (one) => {
    const report = evaluateRevisited(one.rankings, one.truth, {
      truncated: "revisitop",
      duplicates: "repeat",
    });
    for (const protocol of protocols) {
      const expected = one.results[protocol];
      expectValues(report[protocol].averagePrecisions, expected.averagePrecisions);
      expectValues(report[protocol].precisions, expected.precisions);
      expect(report[protocol].meanAveragePrecision).toBeCloseTo(expected.meanAveragePrecision, 12);
    }
  });

  it("on lists cut short has the precision of the full ranking, which the original has not", () => {
    const [full] = golden.revisited;
    const cut = full!.rankings.map((ranking) => ranking.slice(0, 25));
    const whole = evaluateRevisited(full!.rankings, full!.truth);
    const short = evaluateRevisited(cut, full!.truth);
    const original = evaluateRevisited(cut, full!.truth, { truncated: "revisitop" });
    expect(short.hard.precisions).toEqual(whole.hard.precisions);
    expect(short.hard.recalls).toEqual(whole.hard.recalls);
    expect(original.hard.precisions).not.toEqual(whole.hard.precisions);
    expect(short.hard.meanAveragePrecision).toBeLessThan(whole.hard.meanAveragePrecision);
  });

  it("takes the ground truth list by list, and names for numbers", () => {
    const [full] = golden.revisited;
    const expected = evaluateRevisited(full!.rankings, full!.truth);
    const lists = {
      easy: full!.truth.map(({ easy }) => Int32Array.from(easy)),
      hard: full!.truth.map(({ hard }) => new Set(hard)),
      junk: full!.truth.map(({ junk }) => junk),
    };
    const typed = full!.rankings.map((ranking) => Int32Array.from(ranking));
    expect(evaluateRevisited(typed, lists)).toEqual(expected);
    const named = (ids: readonly number[]) => ids.map((id) => `image ${id}`);
    const names = full!.truth.map(({ easy, hard, junk }) => ({
      easy: named(easy),
      hard: named(hard),
      junk: named(junk),
    }));
    expect(evaluateRevisited(full!.rankings.map(named), names)).toEqual(expected);
  });

  it("leaves out queries without anything relevant, and is NaN if there are no others", () => {
    const report = evaluateRevisited(
      [[1], [2]],
      [
        { easy: [1], hard: [], junk: [] },
        { easy: [], hard: [2], junk: [] },
      ],
    );
    expect([...report.easy.averagePrecisions]).toEqual([1, Number.NaN]);
    expect(report.easy).toMatchObject({ evaluated: 1, meanAveragePrecision: 1 });
    expect(report.medium.evaluated).toBe(2);
    const nothing = evaluateRevisited([[1]], [{ easy: [], hard: [], junk: [1] }]);
    expect(nothing.medium).toMatchObject({ evaluated: 0, meanAveragePrecision: Number.NaN });
    expect([...nothing.medium.meanPrecisions]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(evaluateRevisited([], []).easy.evaluated).toBe(0);
  });

  it.each(["penalize", "revisitop", "delf", "ames"] as const)(
    "gives 0 to lists without anything relevant, also empty ones (%s)",
    (truncated) => {
      const query = { easy: [1, 2], hard: [], junk: [9] };
      const { easy } = evaluateRevisited([[9, 5], [], [9]], [query, query, query], { truncated });
      expect([...easy.averagePrecisions]).toEqual([0, 0, 0]);
      expect([...easy.meanPrecisions, ...easy.meanRecalls]).toEqual([0, 0, 0, 0, 0, 0]);
      expect(easy.evaluated).toBe(3);
    },
  );

  it("divides by all, by what is found or by what the list can hold", () => {
    const query = [{ easy: [1, 2, 3, 4], hard: [], junk: [] }];
    const of = (truncated: "penalize" | "revisitop" | "delf" | "ames") => {
      const { easy } = evaluateRevisited([[1, 9]], query, { truncated, ranks: [2] });
      return [easy.averagePrecisions[0], easy.precisions[0], easy.recalls[0]];
    };
    expect(of("penalize")).toEqual([1 / 4, 1 / 2, 1 / 4]);
    expect(of("revisitop")).toEqual([1 / 4, 1, 1 / 4]);
    expect(of("delf")).toEqual([1, 1, 1]);
    expect(of("ames")).toEqual([1 / 2, 1, 1 / 2]);
  });

  it("counts a repeated id as wrong, or as right again if asked to; repeated junk goes away", () => {
    const query = [{ easy: [1, 2], hard: [], junk: [9] }];
    const ranking = [[9, 1, 9, 1, 2]];
    const first = evaluateRevisited(ranking, query).easy.averagePrecisions[0];
    expect(first).toBeCloseTo((1 + (1 / 2 + 2 / 3) / 2) / 2, 12);
    const again = evaluateRevisited(ranking, query, { duplicates: "repeat" }).easy.averagePrecisions[0];
    expect(again).toBeCloseTo(3 / 2, 12);
  });

  it("does not depend on the order of queries, nor on numbers", () => {
    const [full] = golden.revisited;
    const random = createRandom(6);
    const renumbered = Array.from({ length: 60 }, (_, id) => id).sort(() => random() - 0.5);
    const move = (ids: readonly number[]) => ids.map((id) => renumbered[id]!);
    const moved = full!.truth.map(({ easy, hard, junk }) => ({
      easy: move(easy),
      hard: move(hard),
      junk: move(junk),
    }));
    const expected = evaluateRevisited(full!.rankings, full!.truth).medium.averagePrecisions;
    const report = evaluateRevisited(full!.rankings.map(move).toReversed(), moved.toReversed());
    expect(report.medium.averagePrecisions.toReversed()).toEqual(expected);
  });

  it("refuses contradictions and options out of range", () => {
    expect(() => evaluateRevisited([[1]], [])).toThrow(
      new RangeError(
        "evaluateRevisited: expected `rankings` and `groundTruth` to have the same length, got 1 and 0",
      ),
    );
    expect(() => evaluateRevisited([[1]], [{ easy: [1], hard: [2], junk: [1] }])).toThrow(
      new RangeError(
        "evaluateRevisited: expected `groundTruth` to name each id once per query, got 1 as easy and junk for query 0",
      ),
    );
    expect(() => evaluateRevisited([[1]], { easy: [[1]], hard: [], junk: [[]] })).toThrow(
      new RangeError(
        "evaluateRevisited: expected `groundTruth` to have as many lists of each kind, got 1 easy, 0 hard and 1 junk",
      ),
    );
    expect(() => evaluateRevisited([], [], { ranks: [0] })).toThrow(
      new RangeError("evaluateRevisited: expected `ranks` to be a positive integer, got 0"),
    );
    expect(() => evaluateRevisited([], [], { truncated: "other" as never })).toThrow(
      new RangeError(
        'evaluateRevisited: expected `truncated` to be one of "penalize", "revisitop", "delf", "ames", got "other"',
      ),
    );
    expect(() => evaluateRevisited([], [], { duplicates: "other" as never })).toThrow(
      new RangeError('evaluateRevisited: expected `duplicates` to be one of "first", "repeat", got "other"'),
    );
  });
});

describe("evaluateProtocol", () => {
  it("equals the tests of DELF's revisited_op", () => {
    const truth = { relevant: [[0, 1], [0, 4], []], ignored: [[2], [], []] };
    const rankings = [
      [4, 2, 0, 1, 3],
      [0, 2, 4, 1, 3],
      [0, 1, 2, 3, 4],
    ];
    for (const truncated of ["penalize", "revisitop", "delf"] as const) {
      const report = evaluateProtocol(rankings, truth, { ranks: [1, 2, 5], truncated });
      expect(report.meanAveragePrecision).toBeCloseTo((5 / 12 + 19 / 24) / 2, 12);
      expectValues(report.averagePrecisions, [5 / 12, 19 / 24, null]);
      expectValues(report.meanPrecisions, [0.5, 0.5, 2 / 3]);
      expectValues(report.meanRecalls, [0.25, 0.5, 1]);
      expectValues(report.precisions, [0, 0.5, 2 / 3, 1, 0.5, 2 / 3, null, null, null]);
      expect(report.evaluated).toBe(2);
    }
  });

  it("moves the ranks 0, 2, 6, 10 and 20 to 0, 1, 5, 7 and 17 for junk at 1, 8, 9 and 30", () => {
    const ranking = Array.from({ length: 31 }, (_, i) => i);
    const truth = { relevant: [[0, 2, 6, 10, 20]], ignored: [[1, 8, 9, 30]] };
    const at = [1, 2, 6, 8, 18];
    const { recalls } = evaluateProtocol([ranking], truth, { ranks: at });
    expectValues(recalls, [1 / 5, 2 / 5, 3 / 5, 4 / 5, 1]);
    const before = evaluateProtocol([ranking], truth, { ranks: [1, 5, 7, 17] });
    expectValues(before.recalls, [1 / 5, 2 / 5, 3 / 5, 4 / 5]);
  });

  it("has precisions 1, 0.4, 0.5 and recalls 1/3, 2/3, 1 for ranks 0, 2 and 5", () => {
    const ranking = Array.from({ length: 9 }, (_, i) => i);
    const report = evaluateProtocol([ranking], { relevant: [[0, 2, 5]], ignored: [[]] });
    expect(report.meanAveragePrecision).toBeCloseTo(0.677777777778, 12);
    expectValues(report.precisions, [1, 0.4, 0.5]);
    expectValues(report.recalls, [1 / 3, 2 / 3, 1]);
    const late = evaluateProtocol([ranking], { relevant: [[0, 7]], ignored: [[]] }, { ranks: [10] });
    expectValues([...late.precisions, ...late.recalls], [0.25, 1]);
  });

  it("is the ordinary precision to the last relevant item where nothing is ignored", () => {
    const [full] = golden.revisited;
    const relevant = full!.truth.map(({ easy, hard }) => [...easy, ...hard]);
    const ignored = full!.truth.map(() => []);
    const { precisions } = evaluateProtocol(full!.rankings, { relevant, ignored }, { ranks: [5] });
    expect(precisions).toEqual(
      precisionsAt(full!.rankings, relevant, { depth: 5, divisor: "last-relevant" }),
    );
  });

  it("ignores what is both relevant and ignored", () => {
    const truth = { relevant: [["q", "a"]], ignored: [["q"]] };
    const report = evaluateProtocol([["q", "a"]], truth);
    expect(report.meanAveragePrecision).toBe(1);
    expect([...report.recalls]).toEqual([1, 1, 1]);
    expect(evaluateProtocol([["q"]], { relevant: [["q"]], ignored: [["q"]] }).evaluated).toBe(0);
  });

  it("refuses unequal lengths", () => {
    expect(() => evaluateProtocol([[1]], { relevant: [], ignored: [] })).toThrow(
      new RangeError(
        "evaluateProtocol: expected `rankings` and `relevant` to have the same length, got 1 and 0",
      ),
    );
    expect(() => evaluateProtocol([[1]], { relevant: [[1]], ignored: [] })).toThrow(
      new RangeError(
        "evaluateProtocol: expected `relevant` and `ignored` to have the same length, got 1 and 0",
      ),
    );
  });
});
