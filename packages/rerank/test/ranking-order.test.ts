import { fuseRankings, type Neighbors, rerankByOfflineDiffusion } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";

const list = (ids: readonly number[], scores: readonly number[]): Neighbors => ({
  ids: Int32Array.from(ids),
  scores: Float32Array.from(scores),
  rows: 1,
  k: ids.length,
});

describe("the order of results", () => {
  it("is that of the scores as they are written: what only double precision tells apart is in the order of ids", () => {
    // Row 1 has 1 + 1e-10, row 0 has 1: in single precision both are 1.
    const fused = fuseRankings([list([1, 0], [1, 1]), list([1], [1e-10])]);
    expect([...fused.ids]).toEqual([0, 1]);
    expect([...fused.scores]).toEqual([1, 1]);
  });

  it("is the same for methods that find rows beyond the first list", () => {
    // Row 2 has 1 + 1e-10, row 1 has 1.
    const offline = {
      starts: Uint32Array.of(0, 2, 3, 4),
      columns: Int32Array.of(1, 2, 2, 0),
      values: Float32Array.of(1, 1, 1e-10, 1),
    };
    const found = rerankByOfflineDiffusion(list([0, 1], [1, 1]), offline);
    expect([...found.ids]).toEqual([1, 2]);
    expect([...found.scores]).toEqual([1, 1]);
  });

  it.each([1, 7, 100, 1000, 2000])("is by score, then by id, in lists of %i of 1000 candidates", (k) => {
    const random = createRandom(k);
    // Few different scores, so that there are ties, also at the end of the list; some places are empty.
    const ids = Int32Array.from({ length: 1000 }, (_, i) => (i % 50 === 7 ? -1 : (i * 379) % 1000));
    const scores = Float32Array.from(ids, () => Math.floor(100 * random()) - 50);
    const expected = [...ids.keys()]
      .filter((i) => ids[i]! >= 0)
      .sort((a, b) => scores[b]! - scores[a]! || ids[a]! - ids[b]!)
      .slice(0, k);
    const fused = fuseRankings([{ ids, scores, rows: 1, k: 1000 }], { k });
    const empty = k - expected.length;
    expect([...fused.ids]).toEqual([...expected.map((i) => ids[i]!), ...new Array(empty).fill(-1)]);
    expect([...fused.scores]).toEqual([
      ...expected.map((i) => scores[i]!),
      ...new Array(empty).fill(-Infinity),
    ]);
  });
});
