import { readFileSync } from "node:fs";
import type { LabelPredictions } from "@lmk/rerank";
import { fuseHeadAndNeighbors, topHeadClasses } from "@lmk/rerank/recognition";
import { describe, expect, it } from "vitest";
import { matrixFrom, neighborsFrom } from "./fixtures.ts";
import { spread } from "./formula-data.ts";
import { createRandom } from "./random.ts";

const { fusion: golden } = JSON.parse(
  readFileSync(new URL("golden/recognition.json", import.meta.url), "utf8"),
) as {
  readonly fusion: {
    readonly columns: readonly (readonly number[])[];
    readonly labels: readonly number[];
    readonly scores: readonly number[];
  };
};

// The write-up's example: neighbors of class 1, 2, 2, 1 and 3, one gallery image each.
const neighbors = {
  ids: Int32Array.of(0, 1, 2, 3, 4),
  scores: Float32Array.of(0.9, 0.8, 0.7, 0.5, 0.45),
  rows: 1,
  k: 5,
};
const labels = Int32Array.of(1, 2, 2, 1, 3);
const head = { ids: Int32Array.of(2, 1), scores: Float32Array.of(0.88, 0.75), rows: 1, k: 2 };

function fused(options: Parameters<typeof fuseHeadAndNeighbors>[3], classes = head): [number, number] {
  const { labels: predicted, scores } = fuseHeadAndNeighbors(neighbors, labels, classes, options);
  return [predicted[0]!, scores[0]!];
}

const onlyClass1 = { ids: Int32Array.of(1), scores: Float32Array.of(0.75), rows: 1, k: 1 };

describe("fuseHeadAndNeighbors", () => {
  it("lets class 2 win in the write-up's example, with the powers of either", () => {
    const [first, score] = fused({ neighborPower: 8, headPower: 12 });
    expect(first).toBe(2);
    // The specification gives 6 digits; inputs are float32 numbers.
    expect(score).toBeCloseTo(0.0486166, 6);
    expect(fused({ neighborPower: 8, headPower: 12 }, onlyClass1)[0]).toBe(1);
    expect(fused({ neighborPower: 8, headPower: 12 }, onlyClass1)[1]).toBeCloseTo(0.0137594, 6);
    expect(fused({})[0]).toBe(2);
    expect(fused({})[1]).toBeCloseTo(0.0486183, 6);
    expect(fused({}, onlyClass1)[1]).toBeCloseTo(0.021927, 6);
  });

  it("sums neighbors alone where the head gives every class the same", () => {
    const even = { ids: Int32Array.of(1, 2, 3), scores: Float32Array.of(1, 1, 1), rows: 1, k: 3 };
    const [label, score] = fused({ neighborPower: 8 }, even);
    expect([label, score.toFixed(6)]).toEqual([1, "0.434373"]);
  });

  it("keeps the order of predictions with which the head disagrees, tiny as they are", () => {
    const disagreeing = { ids: Int32Array.of(9), scores: Float32Array.of(0.9), rows: 1, k: 1 };
    const [label, score] = fused({}, disagreeing);
    expect(label).toBe(1);
    expect(score / (1e-8 ** 10 * (0.9 ** 9 + 0.5 ** 9))).toBeCloseTo(1, 6);
    expect(score).toBeGreaterThan(0);
    expect(Math.fround(score)).toBe(0);
    expect(fused({ missing: 0 }, disagreeing)).toEqual([1, 0]);
  });

  it("gives what the third place's steps give in double precision", () => {
    const galleryLabels = Int32Array.from({ length: 50 }, (_, i) => (i * 11) % 23);
    const raw = spread(7, 60, 30);
    const logits = { ...raw, data: raw.data.map((value) => value * 2) };
    const classes = topHeadClasses(logits, galleryLabels);
    expect([...classes.ids]).toEqual(golden.columns.flat());
    const similarity = spread(8, 60, 50);
    const ranked = Array.from({ length: 60 }, (_, row) =>
      Array.from({ length: 50 }, (_, id) => ({
        id,
        score: Math.fround(similarity.data[row * 50 + id]! + 0.5),
      }))
        .sort((a, b) => b.score - a.score || a.id - b.id)
        .slice(0, 5),
    ).flat();
    const found = {
      ids: Int32Array.from(ranked, ({ id }) => id),
      scores: Float32Array.from(ranked, ({ score }) => score),
      rows: 60,
      k: 5,
    };
    const predictions = fuseHeadAndNeighbors(found, galleryLabels, classes, { negative: "keep" });
    expect([...predictions.labels]).toEqual(golden.labels);
    // Powers may be rounded otherwise in the last digits.
    for (const [row, score] of golden.scores.entries()) {
      expect(Math.abs(predictions.scores[row]! / score - 1)).toBeLessThan(1e-13);
    }
    expect(Math.min(...golden.scores)).toBeLessThan(1e-70);
    expect(Math.max(...golden.scores)).toBeGreaterThan(1e-5);
  });

  it("takes negative cosines as 0, or keeps them as the original does", () => {
    const negative = { ids: Int32Array.of(0, 1), scores: Float32Array.of(-0.5, -0.25), rows: 1, k: 2 };
    const two = { neighborCount: 2, neighborPower: 1, headPower: 2 };
    const classes = { ids: Int32Array.of(1, 2), scores: Float32Array.of(-0.5, 0.5), rows: 1, k: 2 };
    const call = (options: object): LabelPredictions =>
      fuseHeadAndNeighbors(negative, labels, classes, { ...two, ...options });
    expect(call({})).toEqual({ labels: Int32Array.of(1), scores: Float64Array.of(0) });
    expect(call({ negative: "keep" })).toEqual({
      labels: Int32Array.of(2),
      scores: Float64Array.of(-0.0625),
    });
  });

  it("takes 5 neighbors, powers 9 and 10, and 1e-8 for a class that the head lacks, unless told otherwise", () => {
    const six = {
      ids: Int32Array.of(0, 1, 2, 3, 4, 0),
      scores: Float32Array.of(0.9, 0.8, 0.7, 0.5, 0.45, 0.45),
      rows: 1,
      k: 6,
    };
    const options = { neighborPower: 9, headPower: 10, missing: 1e-8, negative: "clamp" } as const;
    for (const classes of [head, { ...head, ids: Int32Array.of(8, 9) }]) {
      expect(fuseHeadAndNeighbors(six, labels, classes)).toEqual(
        fuseHeadAndNeighbors(six, labels, classes, { ...options, neighborCount: 5 }),
      );
    }
    expect(fuseHeadAndNeighbors(six, labels, onlyClass1, { neighborCount: 6 }).scores[0]).toBeGreaterThan(
      fuseHeadAndNeighbors(six, labels, onlyClass1).scores[0]!,
    );
  });

  it("takes lists that are shorter than asked for like lists that end early", () => {
    const two = {
      ids: Int32Array.of(2, 0, 1, 2),
      scores: Float32Array.of(0.5, 0.5, 0.75, 0.25),
      rows: 2,
      k: 2,
    };
    const padded = {
      ids: Int32Array.of(2, 0, -1, 1, 2, -1),
      scores: Float32Array.of(0.5, 0.5, -Infinity, 0.75, 0.25, -Infinity),
      rows: 2,
      k: 3,
    };
    const heads = { ids: Int32Array.of(1, 2), scores: Float32Array.of(0.5, 0.5), rows: 2, k: 1 };
    const short = fuseHeadAndNeighbors(two, labels, heads);
    expect(short).toEqual(fuseHeadAndNeighbors(padded, labels, heads));
    expect(short).toEqual(fuseHeadAndNeighbors(two, labels, heads, { neighborCount: 2 }));
  });

  it("gives a tie to the label met first, and -1 where there is no neighbor", () => {
    const tied = { ids: Int32Array.of(2, 0), scores: Float32Array.of(0.5, 0.5), rows: 1, k: 2 };
    const none = { ...head, ids: Int32Array.of(-1, -1), scores: new Float32Array(2).fill(-Infinity) };
    expect(fuseHeadAndNeighbors(tied, labels, none, { neighborCount: 2 }).labels[0]).toBe(2);
    const empty = fuseHeadAndNeighbors(neighborsFrom([[-1]]), labels, none, { neighborCount: 1 });
    expect(empty).toEqual({ labels: Int32Array.of(-1), scores: Float64Array.of(-Infinity) });
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`fuseHeadAndNeighbors: ${message}`);
    expect(() => fused({ neighborCount: 0.5 })).toThrow(
      refusal("expected `neighborCount` to be a positive integer, got 0.5"),
    );
    expect(() => fused({ neighborPower: 0 })).toThrow(
      refusal("expected `neighborPower` to be finite and above 0, got 0"),
    );
    expect(() => fused({ headPower: Infinity })).toThrow(
      refusal("expected `headPower` to be finite and above 0, got Infinity"),
    );
    expect(() => fused({ headPower: 2.5, negative: "keep" })).toThrow(
      refusal("expected `headPower` to be a whole number where negative cosines are kept, got 2.5"),
    );
    expect(() => fused({ negative: "drop" as "keep" })).toThrow(
      refusal('expected `negative` to be "clamp" or "keep", got "drop"'),
    );
    expect(() => fused({ missing: -1 })).toThrow(
      refusal("expected `missing` to be finite and 0 or more, got -1"),
    );
    expect(() => fused({ missing: 1e-8, headPower: 41 })).toThrow(
      refusal(
        `expected \`missing\` to the power of \`headPower\` to be 0 or at least 1e-250, got ${1e-8 ** 41}`,
      ),
    );
    expect(() =>
      fused({}, { ...head, rows: 0, ids: new Int32Array(0), scores: new Float32Array(0) }),
    ).toThrow(refusal("expected `head` to have 1 rows, got 0"));
    expect(() => fused({}, { ...head, ids: new Int32Array(1) })).toThrow(
      refusal("expected `head` to hold 1 x 2 = 2 ids and scores, got 1 and 2"),
    );
    expect(() => fused({}, { ...head, scores: Float32Array.of(1, Number.NaN) })).toThrow(
      refusal("expected `head.scores` to be numbers, got NaN for query 0"),
    );
    expect(() => fused({}, { ...head, scores: Float32Array.of(1, -Infinity) })).toThrow(
      refusal("expected `head.scores` to be finite, got -Infinity in row 0"),
    );
    expect(() => fuseHeadAndNeighbors(neighbors, Int32Array.of(1, 2, 2, 1, -3), head)).toThrow(
      refusal("expected `labels` to be 0 or more, got -3 for row 4"),
    );
  });
});

describe("topHeadClasses", () => {
  const logits = matrixFrom([
    [0.25, 0.5, 0.75, 0.5],
    [-0.5, -1, 1, -1],
  ]);

  it("lowers classes that the gallery lacks by 1 and gives the best, of equal ones the smaller column", () => {
    const gallery = Int32Array.of(3, 1, 3, 0);
    const { ids, scores, rows, k } = topHeadClasses(logits, gallery, { classCount: 4 });
    expect([rows, k]).toEqual([2, 4]);
    expect([...ids]).toEqual([1, 3, 0, 2, 2, 0, 1, 3]);
    expect([...scores]).toEqual([0.5, 0.5, 0.25, -0.25, 0, -0.5, -1, -1]);
    const behind = topHeadClasses(logits, gallery, { classCount: 4, outsidePenalty: 3 });
    expect([...behind.ids]).toEqual([1, 3, 0, 2, 0, 1, 3, 2]);
  });

  it("names classes by their labels", () => {
    const options = { classCount: 2, classLabels: Int32Array.of(40, 10, 30, 20) };
    expect([...topHeadClasses(logits, Int32Array.of(10, 20), options).ids]).toEqual([10, 20, 30, 10]);
  });

  it("gives 5 classes unless told otherwise, as sorting all does", () => {
    const random = createRandom(2);
    const wide = matrixFrom(
      Array.from({ length: 7 }, () => Array.from({ length: 60 }, () => Math.round(random() * 20) / 20)),
    );
    const gallery = Int32Array.from({ length: 30 }, () => Math.floor(random() * 60));
    const { ids, k } = topHeadClasses(wide, gallery);
    expect(k).toBe(5);
    for (let row = 0; row < 7; row++) {
      const lowered = [...wide.data.subarray(row * 60, row * 60 + 60)].map((value, column) => ({
        column,
        value: gallery.includes(column) ? value : value - 1,
      }));
      const sorted = lowered.sort((a, b) => b.value - a.value || a.column - b.column);
      expect([...ids.subarray(row * 5, row * 5 + 5)]).toEqual(sorted.slice(0, 5).map(({ column }) => column));
    }
    expect(topHeadClasses({ data: new Float32Array(0), rows: 0, columns: 6 }, gallery).ids).toHaveLength(0);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`topHeadClasses: ${message}`);
    const call = (options: object) => () => topHeadClasses(logits, Int32Array.of(0), options);
    expect(call({})).toThrow(refusal("expected `classCount` to be at most `logits.columns` = 4, got 5"));
    expect(call({ classCount: 0 })).toThrow(refusal("expected `classCount` to be a positive integer, got 0"));
    expect(call({ classCount: 1, outsidePenalty: -1 })).toThrow(
      refusal("expected `outsidePenalty` to be finite and 0 or more, got -1"),
    );
    expect(call({ classCount: 1, classLabels: Int32Array.of(1) })).toThrow(
      refusal("expected `classLabels` to hold 4 labels, got 1"),
    );
    expect(call({ classCount: 1, classLabels: Int32Array.of(1, 2, 1, 3) })).toThrow(
      refusal("expected `classLabels` to be 0 or more and none twice, got 1 twice"),
    );
    expect(call({ classCount: 1, classLabels: Int32Array.of(1, 2, -4, 3) })).toThrow(
      refusal("expected `classLabels` to be 0 or more and none twice, got -4"),
    );
    const bad = matrixFrom([[0], [Number.NaN]]);
    expect(() => topHeadClasses(bad, Int32Array.of(0), { classCount: 1 })).toThrow(
      refusal("expected `logits` to be finite, got NaN in row 1"),
    );
  });
});
