import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type CleaningGridRow,
  type PublishedNetwork,
  publishedBeforeReranking,
  publishedCleaningGrid,
  publishedDatasets,
  publishedEarlierLosses,
  publishedLosses,
  publishedMembers,
  publishedRecognition,
  publishedRecognitionWinner,
  publishedReranking,
  publishedRerankingSteps,
  publishedStandings,
  publishedTrainingData,
} from "../src/published-results.ts";

/** Sums of the authors' own files, by column; see make-published-sums.py. */
const golden: Record<string, [number, number][]> = JSON.parse(
  readFileSync(new URL("./golden/published-sums.json", import.meta.url), "utf8"),
);

/** For each column the sum and the sum weighted by the row's place, in hundredths. */
function sumsOf(rows: readonly (readonly (number | undefined)[])[]): [number, number][] {
  return rows[0]!.map((_, column) => {
    const values = rows.map((row) => Math.round(row[column]! * 100));
    return [
      values.reduce((sum, value) => sum + value, 0),
      values.reduce((sum, value, i) => sum + (i + 1) * value, 0),
    ];
  });
}

const full = (one: PublishedNetwork): (number | undefined)[] => [
  ...[one.private, one.public, one.oxford5k, one.paris6k],
  ...[one.roxford5k.easy, one.roxford5k.medium, one.roxford5k.hard],
  ...[one.rparis6k.easy, one.rparis6k.medium, one.rparis6k.hard],
];
const short = (one: PublishedNetwork): (number | undefined)[] => [
  one.private,
  ...[one.roxford5k.medium, one.roxford5k.hard, one.rparis6k.medium, one.rparis6k.hard],
];
const gridAt = (frequency: number, inliers: number): CleaningGridRow =>
  publishedCleaningGrid.find((row) => row.frequency === frequency && row.inliers === inliers)!;
const trained = (data: string, loss: string = "arcface"): PublishedNetwork =>
  publishedTrainingData.find((row) => row.data === data && row.loss === loss)!;
const reranked = (method: string): { private: number; public?: number } =>
  publishedReranking.find((row) => row.method === method)!;
const r101 = (loss: string): PublishedNetwork =>
  publishedLosses.find((row) => row.backbone === "resnet101" && row.loss === loss)!;

describe("the sums of the authors' tables", () => {
  it("are those of the losses", () => {
    expect(sumsOf(publishedLosses.slice(0, 6).map(full))).toEqual(golden.losses);
    const order = ["softmax", "triplet", "cosface", "arcface"];
    expect(sumsOf(order.map(r101).map(short))).toEqual(golden["losses, read-me"]);
    expect(
      sumsOf(
        publishedEarlierLosses.flatMap((row) =>
          full(row)
            .slice(2)
            .map((value) => [value]),
        ),
      ),
    ).toEqual(golden["earlier losses"]);
  });

  it("are those of the training data", () => {
    const order = ["v1", "v2", "v1+v2", "v2-clean", "v1+v2-clean"];
    expect(sumsOf(order.map((data) => short(trained(data))))).toEqual(golden["training data, read-me"]);
    const noisy = [trained("v1+v2", "softmax"), trained("v1+v2")];
    expect(sumsOf(noisy.map(full))).toEqual(golden["all of v2"]);
    const sets = Object.values(publishedDatasets).map(({ images, landmarks }) => [images, landmarks]);
    expect(sumsOf(sets)).toEqual(golden["data sets"]);
  });

  it("are those of the cleaning grid", () => {
    const rows = publishedCleaningGrid.map((row) => [
      ...[row.frequency, row.inliers, row.landmarks, row.images],
      ...full({ ...row, source: { place: "" } }),
    ]);
    expect(sumsOf(rows)).toEqual(golden["cleaning grid"]);
  });

  it("are those of re-ranking and of the standing", () => {
    const pair = (row: { private: number; public?: number }): (number | undefined)[] => [
      row.private,
      row.public,
    ];
    expect(sumsOf(publishedReranking.map(pair))).toEqual(golden["re-ranking"]);
    expect(sumsOf(publishedRerankingSteps.map(pair))).toEqual(golden.steps);
    expect(sumsOf(publishedStandings.map(pair))).toEqual(golden.standings);
  });
});

describe("the cleaning grid", () => {
  const thresholds = [20, 30, 40, 50];
  const frequencies = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

  it("has every pair of thresholds once", () => {
    const pairs = publishedCleaningGrid.map(({ frequency, inliers }) => `${frequency}/${inliers}`);
    const expected = frequencies.flatMap((frequency) =>
      thresholds.map((inliers) => `${frequency}/${inliers}`),
    );
    expect([...pairs].sort()).toEqual([...expected].sort());
  });

  it("keeps less with stricter thresholds, at least two images of each landmark", () => {
    for (const row of publishedCleaningGrid) {
      expect(row.images).toBeGreaterThanOrEqual(2 * row.landmarks);
      for (const stricter of [
        gridAt(row.frequency + 1, row.inliers),
        gridAt(row.frequency, row.inliers + 10),
      ]) {
        if (stricter === undefined) continue;
        expect(stricter.images).toBeLessThan(row.images);
        expect(stricter.landmarks).toBeLessThan(row.landmarks);
      }
    }
  });

  it("is best with 30 points and 3 neighbors, on both parts of the queries", () => {
    for (const part of ["private", "public"] as const) {
      const best = publishedCleaningGrid.reduce((a, b) => (b[part] > a[part] ? b : a));
      expect([best.inliers, best.frequency]).toEqual([30, 3]);
    }
  });

  it("is flat about its best: 29.6 to 30.2 for up to 3 neighbors and 30 or 40 points", () => {
    const scores = [1, 2, 3].flatMap((f) => [30, 40].map((v) => gridAt(f, v).private));
    expect(Math.min(...scores).toFixed(1)).toBe("29.6");
    expect(Math.max(...scores).toFixed(1)).toBe("30.2");
  });

  it("scores harder protocols lower", () => {
    for (const { roxford5k, rparis6k } of publishedCleaningGrid) {
      for (const { easy, medium, hard } of [roxford5k, rparis6k]) {
        expect(easy).toBeGreaterThan(medium);
        expect(medium).toBeGreaterThan(hard);
      }
    }
  });
});

describe("numbers that stand in two tables", () => {
  it("agree for the network of 30 points and 3 neighbors: training data, grid, data sets, re-ranking", () => {
    const best = gridAt(3, 30);
    expect(full(trained("v1+v2-clean"))).toEqual(full({ ...best, source: { place: "" } }));
    expect(publishedDatasets["v2-clean"]).toEqual({ images: best.images, landmarks: best.landmarks });
    for (const row of [reranked("none"), publishedRerankingSteps[0]!]) {
      expect([row.private, row.public]).toEqual([best.private, best.public]);
    }
  });

  it("agree for ResNet-101 with ArcFace on GLDv1: losses and training data", () => {
    expect(full(trained("v1"))).toEqual(full(r101("arcface")));
  });

  it("agree on the Private score of the winner, from one network and from six; Public they differ by 0.19", () => {
    expect(reranked("alpha-qe+ours").private).toBe(publishedStandings[0]!.private);
    expect(publishedStandings[0]!.public! - reranked("alpha-qe+ours").public!).toBeCloseTo(0.19, 10);
  });
});

describe("differences between the numbers", () => {
  it("cleaning gains 1.02 over all of GLDv2, with and without GLDv1 first", () => {
    expect(trained("v1+v2-clean").private! - trained("v1+v2").private!).toBeCloseTo(1.02, 10);
    expect(trained("v2-clean").private! - trained("v2").private!).toBeCloseTo(1.02, 10);
  });

  it("re-ranking gains 6.55, 3.57 of an older form's 6.01 by its first step", () => {
    expect(reranked("ours").private - reranked("none").private).toBeCloseTo(6.55, 10);
    const [none, sort, insert] = publishedRerankingSteps;
    expect(sort!.private - none!.private).toBeCloseTo(3.57, 10);
    expect(insert!.private - none!.private).toBeCloseTo(6.01, 10);
  });

  it("both together are best, and every method is better than none", () => {
    const order = [...publishedReranking].sort((a, b) => a.private - b.private).map(({ method }) => method);
    expect(order).toEqual(["none", "egt", "diffusion", "alpha-qe", "ours", "alpha-qe+ours"]);
  });

  it("ArcFace and CosFace are better than softmax, for both networks", () => {
    for (const row of publishedLosses.filter(({ loss }) => loss === "arcface" || loss === "cosface")) {
      const softmax = publishedLosses.find((one) => one.backbone === row.backbone && one.loss === "softmax")!;
      expect(row.private! - softmax.private!).toBeGreaterThan(2.5);
    }
  });

  it("six networks are better than any one of them, and re-ranking adds more", () => {
    const [single, ensemble] = publishedBeforeReranking;
    expect(single!.private).toBeLessThan(ensemble!.private);
    expect(ensemble!.private).toBeLessThan(publishedStandings[0]!.private);
    expect(publishedMembers.map(({ job }) => job)).toEqual(["v19c", "v20c", "v21c", "v22c", "v23c", "v24c"]);
    for (const { score } of publishedMembers) expect(score).toBeLessThan(single!.private);
  });

  it("recognition gains 14.34 by six networks and 1.17 more without frequent landmarks, and is below first place", () => {
    const [single, ensemble, filtered] = publishedRecognition.map((row) => row.private);
    expect(ensemble! - single!).toBeCloseTo(14.34, 10);
    expect(filtered! - ensemble!).toBeCloseTo(1.17, 10);
    expect(filtered).toBeLessThan(publishedRecognitionWinner.private);
    expect(publishedRecognition.map(({ dimension }) => dimension)).toEqual([512, 6 * 512, 6 * 512]);
  });
});
