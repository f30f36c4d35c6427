import { type LabelPredictions, type RerankByLabelOptions, rerankByLabel } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { neighborsFrom } from "./fixtures.ts";
import { createRandom } from "./random.ts";

function predictions(...entries: readonly (readonly [number, number])[]): LabelPredictions {
  return {
    labels: Int32Array.from(entries, ([label]) => label),
    scores: Float64Array.from(entries, ([, score]) => score),
  };
}

const [A, B, C] = [0, 1, 2];
// Row 0 is not used, so that row n is image i_n of the specification's example.
const index = predictions([C, 0], [A, 0.9], [B, 0.8], [A, 0.3], [A, 0.7], [A, 0.05], [C, 0.6]);
const retrieved = neighborsFrom([[2, 3, 6, 1]]);
const query = predictions([A, 0.4]);

function order(options: RerankByLabelOptions, queryLabels: LabelPredictions = query): number[] {
  return [...rerankByLabel(retrieved, queryLabels, index, options).ids];
}

describe("rerankByLabel", () => {
  it("puts agreeing images first, then sure ones that were not retrieved, then the others", () => {
    expect(order({ depth: 5 })).toEqual([3, 1, 4, 2, 6]);
  });

  it("sorts alone where nothing is inserted", () => {
    expect(order({ depth: 5, insert: false })).toEqual([3, 1, 2, 6, -1]);
    expect(order({ depth: 5, threshold: { kind: "sum", above: 9 } })).toEqual([3, 1, 2, 6, -1]);
  });

  it("holds back only insertions by the threshold, strictly above it", () => {
    expect(order({ depth: 6, threshold: { kind: "none" } })).toEqual([3, 1, 4, 5, 2, 6]);
    expect(order({ depth: 6, threshold: { kind: "separate", query: 0, index: 0 } })).toEqual([
      3, 1, 4, 5, 2, 6,
    ]);
    expect(order({ depth: 6, threshold: { kind: "separate", query: 0, index: 0.05 } })).toEqual([
      3, 1, 4, 2, 6, -1,
    ]);
    expect(order({ depth: 6, threshold: { kind: "separate", query: 0.4, index: 0 } })).toEqual([
      3, 1, 2, 6, -1, -1,
    ]);
    expect(order({ depth: 6, threshold: { kind: "sum", above: 0.4 + 0.7 } })).toEqual([3, 1, 2, 6, -1, -1]);
    expect(order({ depth: 6, threshold: { kind: "sum", above: 0.4 } })).toEqual([3, 1, 4, 5, 2, 6]);
  });

  it("inserts by confidence, equal ones by id, or all by id", () => {
    const many = predictions([A, 0.7], [A, 0.9], [A, 0.9], [B, 1], [A, 0.8]);
    const found = neighborsFrom([[3]]);
    expect([...rerankByLabel(found, query, many, { depth: 5 }).ids]).toEqual([1, 2, 4, 0, 3]);
    expect([...rerankByLabel(found, query, many, { depth: 5, insertionOrder: "id" }).ids]).toEqual([
      0, 1, 2, 4, 3,
    ]);
  });

  it("re-ranks the first images up to the depth, and may insert one from beyond it again", () => {
    expect(order({ depth: 3 })).toEqual([3, 1, 4]);
    expect(order({ depth: 2 })).toEqual([3, 1]);
    expect(order({ depth: 1 })).toEqual([1]);
  });

  it("keeps the lists of queries apart, also where one is full and the next is short", () => {
    const found = neighborsFrom([
      [3, -1],
      [2, -1],
    ]);
    const asked = predictions([A, 1], [77, 1]);
    const { ids, scores } = rerankByLabel(found, asked, index, { depth: 2, threshold: { kind: "none" } });
    expect([...ids]).toEqual([3, 1, 2, -1]);
    expect([...scores]).toEqual([2, 1, 2, -Infinity]);
  });

  it("keeps the list of a query without a label or with one that no image has", () => {
    expect(order({ depth: 4 }, predictions([-1, -Infinity]))).toEqual([2, 3, 6, 1]);
    expect(order({ depth: 4 }, predictions([77, 1]))).toEqual([2, 3, 6, 1]);
    const unlabelled = predictions([A, 9], [-1, 9], [-1, 9]);
    const all = { depth: 3, threshold: { kind: "none" } } as const;
    expect([...rerankByLabel(neighborsFrom([[0, 1]]), predictions([-1, 9]), unlabelled, all).ids]).toEqual([
      0, 1, -1,
    ]);
  });

  it("passes over neighbors that do not exist and fills up with -1 and -Infinity", () => {
    const { ids, scores, rows, k } = rerankByLabel(neighborsFrom([[2, -1]]), query, index, { depth: 4 });
    expect([rows, k]).toEqual([1, 4]);
    expect([...ids]).toEqual([1, 4, 3, 2]);
    expect([...scores]).toEqual([4, 3, 2, 1]);
    const none = rerankByLabel(neighborsFrom([[-1]]), predictions([77, 0]), index, { depth: 2 });
    expect([...none.ids]).toEqual([-1, -1]);
    expect([...none.scores]).toEqual([-Infinity, -Infinity]);
  });

  it("gives 100 by the last form of the winners' code unless told otherwise", () => {
    const result = rerankByLabel(retrieved, query, index);
    expect(result.k).toBe(100);
    const unsure = predictions([A, 0.15], [A, 0.25], [B, 0]);
    expect([...rerankByLabel(neighborsFrom([[2]]), query, unsure).ids.subarray(0, 3)]).toEqual([1, 2, -1]);
    const explicit = {
      depth: 100,
      threshold: { kind: "sum", above: 0.6 },
      insertionOrder: "confidence",
      insert: true,
    } as const;
    expect(result).toEqual(rerankByLabel(retrieved, query, index, explicit));
    expect([...result.ids.subarray(0, 6)]).toEqual([3, 1, 4, 2, 6, -1]);
  });

  it("equals the steps taken literally on random labels, keeps each id once and writes to nothing", () => {
    const random = createRandom(9);
    const count = 60;
    const labelled = predictions(
      ...Array.from(
        { length: count },
        () => [Math.floor(random() * 5), Math.round(random() * 10) / 10] as const,
      ),
    );
    const lists = Array.from({ length: 12 }, () => {
      const ids = Array.from({ length: count }, (_, id) => ({ id, key: random() }));
      return ids
        .sort((a, b) => a.key - b.key)
        .slice(0, 15)
        .map(({ id }) => id);
    });
    const asked = predictions(...lists.map(() => [Math.floor(random() * 6), random() / 2] as const));
    const found = neighborsFrom(lists);
    const copies = structuredClone([labelled, asked, found]);
    const result = rerankByLabel(found, asked, labelled, { depth: 15 });
    expect([labelled, asked, found]).toEqual(copies);
    for (const [row, list] of lists.entries()) {
      const agrees = (id: number) => labelled.labels[id] === asked.labels[row];
      const inserted = Array.from({ length: count }, (_, id) => id)
        .filter((id) => agrees(id) && !list.includes(id) && asked.scores[row]! + labelled.scores[id]! > 0.6)
        .sort((a, b) => labelled.scores[b]! - labelled.scores[a]!);
      const expected = [...list.filter(agrees), ...inserted, ...list.filter((id) => !agrees(id))].slice(
        0,
        15,
      );
      expect([...result.ids.subarray(row * 15, row * 15 + 15)]).toEqual(expected);
      expect(new Set(expected).size).toBe(15);
    }
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`rerankByLabel: ${message}`);
    expect(() => order({ depth: 0 })).toThrow(refusal("expected `depth` to be a positive integer, got 0"));
    expect(() => order({ insertionOrder: "random" as "id" })).toThrow(
      refusal('expected `insertionOrder` to be "confidence" or "id", got "random"'),
    );
    expect(() => order({ threshold: { kind: "maximum" } as never })).toThrow(
      refusal('expected `threshold.kind` to be "sum" or "separate" or "none", got "maximum"'),
    );
    expect(() => order({ threshold: { kind: "sum", above: Number.NaN } })).toThrow(
      refusal("expected `threshold.above` to be a number, got NaN"),
    );
    expect(() => rerankByLabel(neighborsFrom([[7]]), query, index)).toThrow(
      refusal("expected `neighbors.ids` to be -1 or a row number below 7, got 7 for query 0"),
    );
    expect(() => rerankByLabel(retrieved, predictions(), index)).toThrow(
      refusal("expected `queryLabels.labels` to have 1 rows, got 0"),
    );
    expect(() => rerankByLabel(retrieved, query, { ...index, scores: new Float64Array(2) })).toThrow(
      refusal("expected `indexLabels.scores` to have 7 rows, got 2"),
    );
    expect(() => rerankByLabel(retrieved, predictions([A, Number.NaN]), index)).toThrow(
      refusal("expected `queryLabels.scores` to be numbers, got NaN in row 0"),
    );
  });
});
