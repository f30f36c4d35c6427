import { cleanByVerification, cleaningGrid, type Verify } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { type Problem, randomProblem } from "./random-problem.ts";

/** The thresholds of one run. */
interface Thresholds {
  readonly k: number;
  readonly maxSameLabel: number;
  readonly minInliers: number;
  readonly minVerified: number;
  readonly minImages: number;
}

/** The published rules, literally: a list of strings a row, a line a pair, groups of ids. */
function literally({ labels, neighbors, inliersOf }: Problem, thresholds: Thresholds): number[] {
  const lines: string[] = [];
  for (let row = 0; row < labels.length; row++) {
    const matched: string[] = [];
    for (let rank = 0; rank < Math.min(thresholds.k, neighbors.k); rank++) {
      const id = neighbors.ids[row * neighbors.k + rank];
      if (id >= 0 && labels[id] === labels[row]) matched.push(`${rank}:${id}`);
      if (matched.length >= thresholds.maxSameLabel) break;
    }
    if (matched.length <= 1) continue;
    for (const match of matched.slice(1)) {
      const id = Number(match.split(":")[1]);
      lines.push(`${row}\t${id}:${inliersOf(row, id)}`);
    }
  }
  const counts = new Map<number, number>();
  for (const line of lines) {
    const [id, result] = line.split("\t");
    if (Number(result.split(":")[1]) < thresholds.minInliers) continue;
    counts.set(Number(id), (counts.get(Number(id)) ?? 0) + 1);
  }
  const groups = new Map<number, number[]>();
  for (const [id, count] of counts) {
    if (count >= thresholds.minVerified) groups.set(labels[id], [...(groups.get(labels[id]) ?? []), id]);
  }
  return [...groups.values()]
    .filter((ids) => ids.length >= thresholds.minImages)
    .flat()
    .toSorted((a, b) => a - b);
}

const problem = randomProblem(120, 9, 60);
const verify: Verify = (row, others) => others.map((other) => problem.inliersOf(row, other));

describe("cleanByVerification", () => {
  it("agrees with the rules applied literally", async () => {
    const sizes = new Set<number>();
    for (const k of [1, 20, 60, 1000]) {
      for (const maxSameLabel of [3, 100]) {
        for (const [minInliers, minVerified, minImages] of [
          [30, 3, 2],
          [20, 1, 2],
          [40, 2, 5],
          [55, 1, 1],
        ]) {
          const thresholds = { k, maxSameLabel, minInliers, minVerified, minImages };
          const { rows, report } = await cleanByVerification({ ...problem, verify, ...thresholds });
          expect([...rows]).toEqual(literally(problem, thresholds));
          expect(report.kept.images).toBe(rows.length);
          sizes.add(rows.length);
        }
      }
    }
    expect(sizes.size).toBeGreaterThan(10);
  });

  it("has the defaults of 2019, and one verification for all thresholds", async () => {
    const { rows, report, pairs } = await cleanByVerification({ ...problem, verify });
    const thresholds = { k: 1000, maxSameLabel: 100, minInliers: 30, minVerified: 3, minImages: 2 };
    expect([...rows]).toEqual(literally(problem, thresholds));
    for (const cell of cleaningGrid(pairs, problem.labels)) {
      const { minInliers, minVerified, images } = cell;
      expect(images).toBe(literally(problem, { ...thresholds, minInliers, minVerified }).length);
    }
    expect(report.candidates.pairs).toBe(pairs.rows.length);
  });

  it("keeps nothing of labels with one image", async () => {
    const labels = Int32Array.from({ length: 120 }, (_, row) => row);
    const { rows, report } = await cleanByVerification({ ...problem, labels, verify, minVerified: 1 });
    expect(rows).toHaveLength(0);
    // A list that begins with the row itself has no other entry.
    expect(report.candidates).toEqual({ images: 0, landmarks: 0, pairs: 0 });
  });

  it("takes no images gladly", async () => {
    const neighbors = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 5 };
    const { rows } = await cleanByVerification({ labels: new Int32Array(0), neighbors, verify });
    expect(rows).toHaveLength(0);
  });

  it("refuses thresholds before it verifies", async () => {
    const refusing = cleanByVerification({
      ...problem,
      verify: () => {
        throw new Error("verified");
      },
      minVerified: 0,
    });
    await expect(refusing).rejects.toThrow(
      new RangeError("selectVerified: expected `minVerified` to be an integer >= 1, got 0"),
    );
  });
});
