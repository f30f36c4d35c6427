import { describe, expect, it } from "vitest";
import { presets, type RecognitionConfig } from "../src/config.ts";
import { ban, type Evidence, frequentRows, inliersOf, recognize } from "../src/recognize.ts";

const { recognition } = presets.paper;
const [a, b] = [7, 9];

/** One test image with three train images at d² = 0.3, 0.4, 0.5, of landmarks A, B, B, with 20, 0 and 100 inliers. */
const evidence: Evidence = {
  neighbors: { ids: Int32Array.of(4, 0, 2), scores: Float32Array.of(0.85, 0.8, 0.75), rows: 1, k: 3 },
  labels: Int32Array.of(b, 1, b, 1, a),
  // The pair with train image 0 was compared, without an inlier; 2 comes first as it has the most.
  verified: { ids: Int32Array.of(2, 4, 0), scores: Float32Array.of(100, 20, 0), rows: 1, k: 3 },
};

function best(changes: Partial<RecognitionConfig>, given: Evidence = evidence): [number, number] {
  const { labels, scores } = recognize(given, { ...recognition, ...changes });
  return [labels[0]!, scores[0]!];
}

describe("recognize", () => {
  it("adds 1 − d² and the capped share of 70 inliers to each neighbor's landmark", () => {
    const [label, score] = best({});
    expect(label).toBe(b);
    expect(score).toBeCloseTo(2.1, 6); // 0.6 + 0 + 0.5 + 1
    const [nearest, alone] = best({ neighborCount: 1 });
    expect(nearest).toBe(a);
    expect(alone).toBeCloseTo(0.985714, 6); // 0.7 + 20 / 70
  });

  it("leaves inliers out, or gives none to pairs that were not compared", () => {
    expect(best({ inlierCap: 0 })[1]).toBeCloseTo(1.1, 6);
    const compared = { ids: Int32Array.of(2, -1, -1), scores: Float32Array.of(35, 0, 0), rows: 1, k: 3 };
    expect(best({}, { ...evidence, verified: compared })[1]).toBeCloseTo(1.6, 6); // 0.6 + 0.5 + 35 / 70
  });

  it("weighs by the cosine, by the rank, or by the frequency of the landmark", () => {
    expect(best({ weight: "cosine", inlierCap: 0 })[1]).toBeCloseTo(1.55, 6);
    const byRank = Math.exp(-Math.sqrt(2)) + Math.exp(-Math.sqrt(3));
    expect(best({ weight: "rank", inlierCap: 0 })).toEqual([b, expect.closeTo(byRank, 6)]);
    // The farthest has d² = 0.5: 0.2 / 1 for A, (0.1 + 0) / 2 for B.
    const changes = { weight: "below-farthest", divideByFrequency: true, inlierCap: 0 } as const;
    expect(best(changes)).toEqual([a, expect.closeTo(0.2, 6)]);
  });

  it("gives votes of reciprocal neighbors a factor", () => {
    // Rows of the pool: the test image, then the train images. Train image 0 has the test image among its nearest.
    const ids = new Int32Array(6 * 3).fill(-1);
    ids.set([1, 2, 0], 3);
    const graph = { ids, scores: new Float32Array(18), rows: 6, k: 3 };
    const found = best(
      { inlierCap: 0, reciprocalFactor: 1.5 },
      { ...evidence, reciprocal: { graph, count: 2 } },
    );
    expect(found).toEqual([b, expect.closeTo(1.4, 6)]); // 0.6 · 1.5 + 0.5
  });
});

it("counts inliers by pair", () => {
  const neighbors = { ids: Int32Array.of(3, 1, 5, -1), scores: new Float32Array(4), rows: 2, k: 2 };
  const verified = { ids: Int32Array.of(1, 3, 0, 3), scores: Float32Array.of(9, 4, 8, 7), rows: 2, k: 2 };
  expect([...inliersOf(neighbors, verified)]).toEqual([4, 9, 0, 0]);
});

describe("ban", () => {
  // Landmark 1234 three times, 51234 twice, 8 once.
  const labels = Int32Array.of(1234, 51234, 1234, 8, 51234, 1234);
  const predictions = { labels, scores: Float64Array.of(3, 2.5, 2, 1.5, 1, 0.5) };

  it("puts landmarks last that are predicted too often, the most frequent at the very end", () => {
    const banned = ban(predictions, { ...recognition, mostPredictions: 2 });
    expect([...banned.scores]).toEqual([-3, 2.5, -3, 1.5, 1, -3]);
    expect([...ban(predictions, { ...recognition, mostPredictions: 1 }).scores]).toEqual([
      -3, -2, -3, 1.5, -2, -3,
    ]);
    expect(banned.labels).toEqual(labels);
  });

  it("takes as many predictions as the threshold says, and bans none at 0", () => {
    expect(ban(predictions, { ...recognition, mostPredictions: 3 })).toEqual(predictions);
    expect(ban(predictions, { ...recognition, mostPredictions: 0 })).toBe(predictions);
  });

  it("gives 0 to what looks like a banned landmark", () => {
    const graph = {
      ids: Int32Array.of(1, -1, 3, -1, -1, -1),
      scores: Float32Array.of(0.8, -Infinity, 0.7, -Infinity, -Infinity, -Infinity),
      rows: 6,
      k: 1,
    };
    const rule = { ...recognition, mostPredictions: 2 };
    expect([...ban(predictions, rule, { graph, above: 0.75 }).scores]).toEqual([-3, 0, -3, 1.5, 1, -3]);
  });

  it("finds the images of landmarks that are predicted too often", () => {
    expect([...frequentRows(predictions, 2)]).toEqual([0, 2, 5]);
    expect([...frequentRows(predictions, 1)]).toEqual([0, 1, 2, 4, 5]);
    expect([...frequentRows({ ...predictions, labels: new Int32Array(6).fill(-1) }, 1)]).toEqual([]);
  });
});
