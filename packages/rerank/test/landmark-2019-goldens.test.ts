import { readFileSync } from "node:fs";
import {
  augmentDatabase,
  augmentDatabaseByInliers,
  expandQueries,
  expandQueriesByInliers,
  type LabelPredictions,
  type Landmark2019Revision,
  landmark2019Revisions,
  type Matrix,
  type Neighbors,
  predictLabels,
  rerankByLabel,
} from "@lmk/rerank";
import { banFrequentLabels, banNearFrequentLabels, recognizeByNeighbors } from "@lmk/rerank/recognition";
import { describe, expect, it } from "vitest";
import { search } from "./fixtures.ts";
import { scaledRows, spread } from "./formula-data.ts";

type Pairs = readonly (readonly (readonly [row: number, inliers: number])[])[];
type Rows = readonly (readonly number[])[];

interface GoldenPredictions {
  readonly labels: readonly number[];
  readonly scores: readonly number[];
}

interface Golden {
  readonly supervised: Readonly<Record<string, Rows>>;
  readonly byInliers: {
    readonly testInTrain: Pairs;
    readonly testInIndex: Pairs;
    readonly indexInIndex: Pairs;
    readonly test: Rows;
    readonly index: Rows;
  };
  readonly twoStages: Readonly<Record<Landmark2019Revision, Rows>>;
  readonly union: { readonly test: Rows; readonly index: Rows };
  readonly recognition: Readonly<Record<string, GoldenPredictions>> & { readonly inliers: Pairs };
}

const golden = JSON.parse(
  readFileSync(new URL("golden/landmark-2019.json", import.meta.url), "utf8"),
) as Golden;

/** The data of golden/make-landmark-2019.py: a center per label and some noise. */
function features(seed: number, labels: Int32Array, amount = 0.55): Matrix {
  const centers = spread(1, 30, 8);
  const noise = spread(seed, labels.length, 8);
  const data = noise.data.map(
    (value, at) => centers.data[labels[Math.floor(at / 8)]! * 8 + (at % 8)]! + amount * value,
  );
  return scaledRows({ ...noise, data });
}

const trainLabels = Int32Array.from({ length: 120 }, (_, i) => (i < 113 ? (i * 7) % 23 : 23 + (i % 7)));
const train = features(2, trainLabels);
const test = features(
  3,
  Int32Array.from({ length: 60 }, (_, i) => (i % 5 < 4 ? 3 : (i * 3) % 29)),
);
const index = features(
  4,
  Int32Array.from({ length: 40 }, (_, i) => i % 17),
);

function stacked(above: Matrix, below: Matrix): Matrix {
  const data = new Float32Array(above.data.length + below.data.length);
  data.set(above.data);
  data.set(below.data, above.data.length);
  return { data, rows: above.rows + below.rows, columns: above.columns };
}

function matchesFrom(pairs: Pairs): Neighbors {
  return {
    ids: Int32Array.from(pairs.flat(), ([row]) => row),
    scores: Float32Array.from(pairs.flat(), ([, inliers]) => inliers),
    rows: pairs.length,
    k: pairs[0]!.length,
  };
}

// The originals compute in float32.
const tolerance = 1e-6;

function expectRows({ data, rows }: Matrix, expected: Rows): void {
  expect(rows).toBe(expected.length);
  for (const [i, value] of expected.flat().entries()) {
    expect(Math.abs(data[i]! - value)).toBeLessThan(tolerance);
  }
}

function expectPredictions({ labels, scores }: LabelPredictions, expected: GoldenPredictions): void {
  expect([...labels]).toEqual(expected.labels);
  for (const [i, score] of expected.scores.entries()) {
    expect(Math.abs(scores[i]! - score)).toBeLessThan(tolerance);
  }
}

describe("augmentDatabase and the 2019 winners' supervised augmentation", () => {
  const clean = Array.from({ length: 120 }, (_, i) => i).filter((i) => i % 3 > 0);
  const labels = Int32Array.from(clean, (row) => trainLabels[row]!);

  /** Augments the clean rows among themselves and writes them back. */
  function augmented(options: Parameters<typeof augmentDatabase>[2], times = 1): Matrix {
    let part: Matrix = {
      data: Float32Array.from(clean.flatMap((row) => [...train.data.subarray(row * 8, row * 8 + 8)])),
      rows: clean.length,
      columns: 8,
    };
    const k = 1 + options!.neighborCount!;
    for (let i = 0; i < times; i++) part = augmentDatabase(part, search(part, part, k), options);
    const data = train.data.slice();
    for (const [i, row] of clean.entries()) data.set(part.data.subarray(i * 8, i * 8 + 8), row * 8);
    return { ...train, data };
  }

  it("is equal for each of its weights, in rounds, and changes no other rows", () => {
    const { supervised } = golden;
    expectRows(augmented({ neighborCount: 2, labels }), supervised.alpha!);
    expectRows(augmented({ neighborCount: 2, labels }, 2), supervised["alpha, 2 times"]!);
    expectRows(augmented({ neighborCount: 2, labels, saturation: 0.8 }), supervised.trunc_poly!);
    expectRows(
      augmented({ neighborCount: 5, labels, weights: "log-spaced" }),
      supervised["logspace, 6 rows"]!,
    );
    // Labels matter by far more than the tolerance.
    const expected = supervised.alpha!.flat();
    const differences = augmented({ neighborCount: 2 }).data.map((value, i) =>
      Math.abs(value - expected[i]!),
    );
    expect(Math.max(...differences)).toBeGreaterThan(0.01);
  });
});

describe("expansion by inliers and the 2019 winners' contest code", () => {
  const { byInliers } = golden;
  const [queries, database, others] = [test, index, train].map(
    ({ data, ...shape }): Matrix => ({ data: data.map(Math.abs), ...shape }),
  ) as [Matrix, Matrix, Matrix];

  it("is equal for queries with matches in index and train, the five best of both tables together", () => {
    const lists = byInliers.testInIndex.map((list, row) => [...list, ...byInliers.testInTrain[row]!]);
    expectRows(
      expandQueriesByInliers(queries, stacked(database, others), matchesFrom(lists)),
      byInliers.test,
    );
    // Some of the five come from either table.
    const fives = lists.map((list) =>
      list
        .filter(([, inliers]) => inliers >= 90)
        .sort(([, a], [, b]) => b - a)
        .slice(0, 5),
    );
    const mixed = fives.filter(
      (list) => list.some(([row]) => row < index.rows) && list.some(([row]) => row >= index.rows),
    );
    expect(mixed.length).toBeGreaterThan(20);
  });

  it("is equal for index images, one after another", () => {
    expectRows(augmentDatabaseByInliers(database, matchesFrom(byInliers.indexInIndex)), byInliers.index);
  });
});

describe("expandQueries and the 2019 winners' expansion in test and index together", () => {
  it("is equal for both, each image its own first neighbor, with its columns where it takes rows", () => {
    const union = stacked(test, index);
    const options = { includeQuery: false };
    expectRows(expandQueries(test, union, search(test, union, 10), options), golden.union.test);
    expectRows(expandQueries(index, union, search(index, union, 10), options), golden.union.index);
  });
});

describe("landmark2019Revisions and the 2019 winners' code", () => {
  const queries = features(
    5,
    Int32Array.from({ length: 20 }, (_, i) => i % 9),
    1.1,
  );
  const database = features(
    6,
    Int32Array.from({ length: 90 }, (_, i) => i % 11),
    1.1,
  );
  const known = { data: train.data.slice(0, 24 * 8), rows: 24, columns: 8 };
  const knownLabels = trainLabels.slice(0, 24);

  it.each(["contest", "unrestricted", "ordered", "final"] as const)(
    "give the lists of its form: %s",
    (name) => {
      const settings = landmark2019Revisions[name];
      const vote = (images: Matrix): LabelPredictions =>
        predictLabels(search(images, known, 3), knownLabels, settings.predictLabels);
      const found = search(queries, database, 10);
      const { ids, k } = rerankByLabel(found, vote(queries), vote(database), settings.rerankByLabel);
      for (const [row, list] of golden.twoStages[name].entries()) {
        const padding = new Array<number>(k - list.length).fill(-1);
        expect([...ids.subarray(row * k, (row + 1) * k)]).toEqual([...list, ...padding]);
      }
    },
  );

  it("differ from one another in these lists", () => {
    expect(new Set(Object.values(golden.twoStages).map((lists) => JSON.stringify(lists))).size).toBe(4);
  });
});

describe("recognition and the code of the 2019 third place", () => {
  const { recognition } = golden;
  const neighbors = search(test, train, 30);
  const counts = recognition.inliers.map((list) => new Map(list));
  const inliers = Int32Array.from(
    neighbors.ids,
    (id, at) => counts[Math.floor(at / neighbors.k)]!.get(id) ?? 0,
  );
  const voted = recognizeByNeighbors(neighbors, trainLabels, { inliers });

  it("is equal for votes with inliers and for both thresholds of a ban", () => {
    expectPredictions(voted, recognition.votes!);
    expectPredictions(banFrequentLabels(voted), recognition["banned 30"]!);
    expectPredictions(banFrequentLabels(voted, { maxCount: 2 }), recognition["banned 2"]!);
  });

  it("is equal for a ban of images near banned ones, before or after theirs", () => {
    const graph = search(test, test, 60);
    expectPredictions(banNearFrequentLabels(banFrequentLabels(voted), graph), recognition["banned near"]!);
    expectPredictions(banFrequentLabels(banNearFrequentLabels(voted, graph)), recognition["banned near"]!);
  });

  it.each([20, 30])(
    "is equal for votes by the ranks of %i neighbors, but for one factor",
    (neighborCount) => {
      const factor = Array.from({ length: neighborCount }, (_, i) => Math.exp(Math.sqrt(i))).reduce(
        (sum, value) => sum + value,
        0,
      );
      const { labels, scores } = recognizeByNeighbors(neighbors, trainLabels, {
        neighborCount,
        weight: "rank",
      });
      const expected = recognition[`ranks ${neighborCount}`]!;
      expect([...labels]).toEqual(expected.labels);
      // Nine decimals of the divided scores.
      for (const [i, score] of expected.scores.entries()) {
        expect(Math.abs(scores[i]! / factor - score)).toBeLessThan(6e-10);
      }
    },
  );

  it("is equal for what its comments tell: reciprocal neighbors, and shares of a label's images", () => {
    const union = stacked(test, train);
    const poolGraph = search(union, union, 3);
    expectPredictions(recognizeByNeighbors(neighbors, trainLabels, { poolGraph }), recognition.reciprocal!);
    expectPredictions(
      recognizeByNeighbors(neighbors, trainLabels, { weight: "below-farthest", divideByFrequency: true }),
      recognition.frequency!,
    );
  });
});
