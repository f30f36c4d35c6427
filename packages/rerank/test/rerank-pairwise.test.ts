import {
  type Neighbors,
  type PairBatch,
  type PairFusion,
  PairScoringError,
  type RerankPairwiseOptions,
  rerankPairwise,
} from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { neighborsFrom } from "./fixtures.ts";
import { createRandom } from "./random.ts";

// Scores that float32 holds exactly.
const neighbors: Neighbors = {
  ids: Int32Array.of(4, 7, 2, 9, 1, 3, -1, -1),
  scores: Float32Array.of(0.875, 0.75, 0.5, 0.25, 0.5, 0.375, -Infinity, -Infinity),
  rows: 2,
  k: 4,
};

/** Scores by id. */
const byId = (table: Readonly<Record<number, number>>) => (pairs: PairBatch) =>
  [...pairs.ids].map((id) => table[id]!);

const table = { 4: -1, 7: 2, 2: 0.5, 9: 5, 1: 0, 3: 1 };

function rerank(fusion: PairFusion, depth = 3, scores: Readonly<Record<number, number>> = table) {
  return rerankPairwise(neighbors, byId(scores), { fusion, depth });
}

function close(found: Float32Array, expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 6);
}

describe("rerankPairwise", () => {
  it("replaces the scores of the first neighbors", async () => {
    const { ids, scores, rows, k } = await rerank({ kind: "replace" });
    expect([rows, k]).toEqual([2, 4]);
    expect([...ids]).toEqual([7, 2, 4, 9, 3, 1, -1, -1]);
    // 9 was not scored; its 0.25 is lowered to the -1 before it.
    expect([...scores]).toEqual([2, 0.5, -1, -1, 1, 0, -Infinity, -Infinity]);
  });

  it("adds a share of the score, as CVNet does", async () => {
    const { ids, scores } = await rerank({ kind: "add", weight: 0.5 });
    expect([...ids]).toEqual([7, 2, 4, 9, 3, 1, -1, -1]);
    close(scores, [1.75, 0.75, 0.375, 0.25, 0.875, 0.5]);
  });

  it("mixes with the sigmoid of the score, as AMES does", async () => {
    const { ids, scores } = await rerank({ kind: "sigmoid-mix", lambda: 0.55, gamma: 0.3 });
    const sigmoid = (score: number) => 1 / (1 + Math.exp(-0.3 * score));
    const expected = [0.55 * 0.75 + 0.45 * sigmoid(2), 0.55 * 0.875 + 0.45 * sigmoid(-1)];
    expect([...ids.subarray(0, 4)]).toEqual([7, 4, 2, 9]);
    close(scores, expected);
  });

  it("scales distances below those of the tail, as OML does", async () => {
    // Distances 0.1 0.2 0.3 0.5 0.6 become 1 2 5, and these 0.1 0.2 0.5: OML's own example.
    const found = {
      ids: Int32Array.of(0, 1, 2, 3, 4),
      scores: Float32Array.of(-0.1, -0.2, -0.3, -0.5, -0.6),
      rows: 1,
      k: 5,
    };
    const fusion = { kind: "rescale-below-tail", origin: 0 } as const;
    const scaled = await rerankPairwise(found, byId({ 0: -1, 1: -2, 2: -5 }), { fusion, depth: 3 });
    expect([...scaled.ids]).toEqual([0, 1, 2, 3, 4]);
    close(scaled.scores, [-0.1, -0.2, -0.5, -0.5, -0.6]);
    // The other example: 0.4 0.2 0.3 are below 0.6 as they are.
    const kept = await rerankPairwise(found, byId({ 0: -0.4, 1: -0.2, 2: -0.3 }), { fusion, depth: 3 });
    expect([...kept.ids]).toEqual([1, 2, 0, 3, 4]);
    close(kept.scores, [-0.2, -0.3, -0.4, -0.5, -0.6]);
    // Cosines are distances from 1: 0.75, 0.5 and 1.5, of which the tail's 0.75 is a half.
    const cosines = await rerank({ kind: "rescale-below-tail" }, 3, { ...table, 4: 0.25, 7: 0.5, 2: -0.5 });
    expect([...cosines.ids.subarray(0, 4)]).toEqual([7, 4, 2, 9]);
    close(cosines.scores, [0.75, 0.625, 0.25, 0.25]);
    // A cosine that rounding has lifted above 1 is at no distance, also as the tail's: then all are at none.
    const lifted = { ...found, scores: Float32Array.of(1.000001, 1.000001, 1.000001, 1.000001, 0.5) };
    const both = await rerankPairwise(lifted, byId({ 0: 1.000001, 1: 0.5, 2: 0.25 }), {
      fusion: { kind: "rescale-below-tail" },
      depth: 3,
    });
    expect([...both.ids]).toEqual([0, 1, 2, 3, 4]);
    // What follows is lowered by what the tail had above 1.
    close(both.scores, [1, 1, 1, 1, 0.499999]);
    // Without a tail nothing is scaled.
    const all = await rerank({ kind: "rescale-below-tail" }, 4, { ...table, 7: 1, 9: -8 });
    close(all.scores, [1, 0.5, -1, -8]);
  });

  it("takes inliers for scores", async () => {
    const inliers = { 4: 0, 7: 12, 2: 12, 9: 90, 1: 0, 3: 0 };
    const first = await rerank({ kind: "inliers-first" }, 3, inliers);
    expect([...first.ids]).toEqual([7, 2, 4, 9, 1, 3, -1, -1]);
    const capped = await rerank({ kind: "add-capped", weight: 0.5, cap: 9 }, 4, inliers);
    expect([...capped.ids]).toEqual([7, 2, 4, 9, 1, 3, -1, -1]);
    close(capped.scores, [1.25, 1, 0.875, 0.75]);
  });

  it("asks for pairs in order, in batches that may hold several queries", async () => {
    const batches: PairBatch[] = [];
    const score = (batch: PairBatch) => {
      batches.push(structuredClone(batch));
      return new Float32Array(batch.ids.length);
    };
    const progress: unknown[] = [];
    const onProgress = (told: unknown) => progress.push(told);
    await rerankPairwise(neighbors, score, { depth: 3, batchSize: 2, onProgress });
    expect(batches).toEqual([
      { queries: Int32Array.of(0, 0), ids: Int32Array.of(4, 7), scores: Float32Array.of(0.875, 0.75) },
      { queries: Int32Array.of(0, 1), ids: Int32Array.of(2, 1), scores: Float32Array.of(0.5, 0.5) },
      { queries: Int32Array.of(1), ids: Int32Array.of(3), scores: Float32Array.of(0.375) },
    ]);
    expect(progress).toEqual([2, 4, 5].map((done) => ({ stage: "score pairs", done, total: 5 })));
  });

  it("gives the same whatever the batches, their number at a time and the order of completion", async () => {
    const random = createRandom(3);
    const count = 30;
    const lists = neighborsFrom(
      Array.from({ length: 7 }, (_, q) => Array.from({ length: count }, (_, i) => (i * 7 + q) % 31)),
    );
    const sorted = { ...lists, scores: lists.scores.slice().fill(0.5) };
    const value = (query: number, id: number) => ((query * 13 + id * 5) % 11) - 3;
    const expected = await rerankPairwise(
      sorted,
      ({ queries, ids }) => ids.map((id, i) => value(queries[i]!, id)),
      { depth: 20 },
    );
    for (const [batchSize, concurrency] of [
      [1, 5],
      [7, 3],
      [64, 2],
      [1000, 9],
    ] as const) {
      let running = 0;
      let most = 0;
      const score = async ({ queries, ids }: PairBatch) => {
        running += 1;
        most = Math.max(most, running);
        for (let turn = Math.floor(random() * 5); turn >= 0; turn--) await Promise.resolve();
        running -= 1;
        return ids.map((id, i) => value(queries[i]!, id));
      };
      expect(await rerankPairwise(sorted, score, { depth: 20, batchSize, concurrency })).toEqual(expected);
      expect(most).toBe(Math.min(concurrency, Math.ceil(140 / batchSize)));
    }
  });

  it("lets the scorer keep and change its arrays", async () => {
    const copy = structuredClone(neighbors);
    const score = ({ queries, ids, scores }: PairBatch) => {
      const given = [...ids].map((id) => table[id as 4]);
      queries.fill(9);
      ids.fill(9);
      scores.fill(9);
      return given;
    };
    const found = await rerankPairwise(neighbors, score, { depth: 3 });
    expect(found).toEqual(await rerank({ kind: "replace" }));
    expect(neighbors).toEqual(copy);
  });

  it("replaces 100 in batches of 32, one at a time, unless told otherwise", async () => {
    const long = neighborsFrom([Array.from({ length: 120 }, (_, id) => id)]);
    const flat = { ...long, scores: long.scores.slice().fill(0.5) };
    const sizes: number[] = [];
    let running = 0;
    const score = async ({ ids }: PairBatch) => {
      running += 1;
      sizes.push(ids.length);
      await Promise.resolve();
      expect(running).toBe(1);
      running -= 1;
      return ids;
    };
    const { ids, scores } = await rerankPairwise(flat, score);
    expect(sizes).toEqual([32, 32, 32, 4]);
    expect([ids[0], scores[0], ids[99], ids[100]]).toEqual([99, 99, 0, 100]);
  });

  it("asks for nothing where there are no pairs", async () => {
    const never = () => {
      throw new Error("asked");
    };
    const nothing = neighborsFrom([[-1, -1]]);
    expect(await rerankPairwise(nothing, never)).toEqual(nothing);
    const nobody = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 3 };
    expect(await rerankPairwise(nobody, never)).toEqual(nobody);
  });

  it("names the batch whose scoring failed, begins no other and tells those under way", async () => {
    const cause = new Error("out of memory");
    const signals: AbortSignal[] = [];
    let calls = 0;
    const score = async ({ ids }: PairBatch, { signal }: { readonly signal: AbortSignal }) => {
      calls += 1;
      signals.push(signal);
      if (ids[0] === 2) throw cause;
      // Never done.
      return new Promise<number[]>(() => undefined);
    };
    const failure = rerankPairwise(neighbors, score, { batchSize: 2, concurrency: 2 });
    const error = await failure.catch((reason: unknown) => reason as PairScoringError);
    expect(error).toBeInstanceOf(PairScoringError);
    expect(error).toMatchObject({
      name: "PairScoringError",
      code: "pair-scoring-failed",
      message:
        "rerankPairwise: `score` failed for 2 pairs from query 0 and id 2 to query 0 and id 9: out of memory",
      queries: Int32Array.of(0, 0),
      ids: Int32Array.of(2, 9),
      cause,
    });
    expect(calls).toBe(2);
    expect(signals[0]!.reason).toBe(error);
    const synchronous = rerankPairwise(neighbors, () => {
      throw "broken";
    });
    await expect(synchronous).rejects.toThrow(
      "rerankPairwise: `score` failed for 6 pairs from query 0 and id 4 to query 1 and id 3: broken",
    );
  });

  it("ends with the signal's reason, whatever the scorer does", async () => {
    const reason = new Error("enough");
    const never = () => new Promise<number[]>(() => undefined);
    await expect(rerankPairwise(neighbors, never, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    const controller = new AbortController();
    let inner: AbortSignal | undefined;
    const running = rerankPairwise(
      neighbors,
      (_, { signal }) => {
        inner = signal;
        return never();
      },
      { signal: controller.signal },
    );
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(inner?.reason).toBe(reason);
    const last = new AbortController();
    const aborting = rerankPairwise(
      neighbors,
      ({ ids }) => {
        last.abort(reason);
        return ids;
      },
      { signal: last.signal },
    );
    await expect(aborting).rejects.toBe(reason);
  });

  it("drops what comes after the end, and begins nothing more", async () => {
    const reason = new Error("enough");
    const told: unknown[] = [];
    const controller = new AbortController();
    const { signal } = controller;
    let calls = 0;
    let finish: (scores: number[]) => void = () => undefined;
    const slow = () => {
      calls += 1;
      return new Promise<number[]>((resolve) => {
        finish = resolve;
      });
    };
    const onProgress = (progress: unknown) => told.push(progress);
    const running = rerankPairwise(neighbors, slow, { batchSize: 2, signal, onProgress });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    finish([1, 2]);
    await new Promise((resolve) => setTimeout(resolve));
    expect(calls).toBe(1);
    expect(told).toEqual([]);
    // The first of two scorers ends the call before the second begins.
    const second = new AbortController();
    let begun = 0;
    const ending = ({ ids }: PairBatch) => {
      begun += 1;
      second.abort(reason);
      return ids;
    };
    const options = { batchSize: 2, concurrency: 2, signal: second.signal };
    await expect(rerankPairwise(neighbors, ending, options)).rejects.toBe(reason);
    expect(begun).toBe(1);
  });

  it("passes on what the listener throws", async () => {
    const onProgress = () => {
      throw new Error("listener");
    };
    await expect(rerankPairwise(neighbors, byId(table), { onProgress })).rejects.toThrow(
      new Error("listener"),
    );
  });

  it("refuses what does not fit", async () => {
    const refuses = (options: RerankPairwiseOptions, message: string) =>
      expect(rerankPairwise(neighbors, byId(table), options)).rejects.toThrow(
        new RangeError(`rerankPairwise: expected ${message}`),
      );
    await refuses({ depth: 0 }, "`depth` to be a positive integer, got 0");
    await refuses({ batchSize: 0.5 }, "`batchSize` to be a positive integer, got 0.5");
    await refuses({ concurrency: -1 }, "`concurrency` to be a positive integer, got -1");
    await refuses(
      { fusion: { kind: "product" } as unknown as PairFusion },
      '`fusion.kind` to be "replace" or "add" or "sigmoid-mix" or "rescale-below-tail" or "inliers-first" or "add-capped", got "product"',
    );
    await refuses(
      { fusion: { kind: "add", weight: Infinity } },
      "`fusion.weight` to be a finite number, got Infinity",
    );
    await refuses(
      { fusion: { kind: "sigmoid-mix", lambda: 1.5, gamma: 1 } },
      "`fusion.lambda` to be from 0 to 1, got 1.5",
    );
    await refuses(
      { fusion: { kind: "sigmoid-mix", lambda: 1, gamma: Number.NaN } },
      "`fusion.gamma` to be a finite number, got NaN",
    );
    await refuses(
      { fusion: { kind: "rescale-below-tail", origin: Infinity } },
      "`fusion.origin` to be a finite number, got Infinity",
    );
    await refuses(
      { fusion: { kind: "rescale-below-tail" }, depth: 2 },
      "scores to be at most `fusion.origin` = 1, got 2 for query 0",
    );
    await expect(rerankPairwise({ ...neighbors, k: 3 }, byId(table))).rejects.toThrow(
      new RangeError("rerankPairwise: expected `neighbors` to hold 2 x 3 = 6 ids and scores, got 8 and 8"),
    );
    await expect(rerankPairwise(neighbors, () => [1, 2], { batchSize: 4 })).rejects.toThrow(
      new RangeError(
        "rerankPairwise: expected `score` to give 4 numbers for 4 pairs from query 0 and id 4 to query 0 and id 9, got 2",
      ),
    );
    await expect(rerankPairwise(neighbors, byId({ ...table, 3: Number.NaN }))).rejects.toThrow(
      new RangeError("rerankPairwise: expected `score` to give finite numbers, got NaN for query 1 and id 3"),
    );
  });
});
