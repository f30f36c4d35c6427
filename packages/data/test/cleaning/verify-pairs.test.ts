import { mergeVerifiedPairs, type Verify, verifyPairs } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { randomProblem } from "./random-problem.ts";

const { labels, neighbors, inliersOf } = randomProblem(90, 6, 40);
const verify: Verify = (row, others) => others.map((other) => inliersOf(row, other));
const whole = await verifyPairs({ labels, neighbors, verify });

describe("verifyPairs", () => {
  it("verifies a hand-worked set", async () => {
    const asked: [number, number[]][] = [];
    const pairs = await verifyPairs({
      labels: Int32Array.of(1, 2, 1, 1),
      neighbors: {
        ids: Int32Array.of(0, 2, 3, 1, 0, 2, 2, 0, 1, 3, 1, -1),
        scores: new Float32Array(12),
        rows: 4,
        k: 3,
      },
      verify: (row, others) => {
        asked.push([row, [...others]]);
        return others.map((other) => 10 * row + other);
      },
    });
    expect(asked).toEqual([
      [0, [2, 3]],
      [2, [0]],
    ]);
    expect(pairs).toEqual({
      rows: Int32Array.of(0, 0, 2),
      neighbors: Int32Array.of(2, 3, 0),
      inliers: Int32Array.of(2, 3, 20),
    });
  });

  it("gives the same whatever the block, the source and the concurrency", async () => {
    const asked: number[] = [];
    const source = async (rows: Int32Array) => {
      asked.push(rows.length);
      const { k } = neighbors;
      const ids = Int32Array.from([...rows].flatMap((row) => [...neighbors.ids.slice(row * k, row * k + k)]));
      return { ids, scores: new Float32Array(ids.length), rows: rows.length, k };
    };
    expect(await verifyPairs({ labels, neighbors: source, verify, blockSize: 25 })).toEqual(whole);
    expect(asked).toEqual([25, 25, 25, 15]);
    let running = 0;
    let most = 0;
    const slow: Verify = async (row, others) => {
      running += 1;
      most = Math.max(most, running);
      for (let wait = (row * 7) % 5; wait >= 0; wait--) await Promise.resolve();
      running -= 1;
      return verify(row, others);
    };
    expect(await verifyPairs({ labels, neighbors, verify: slow, blockSize: 30, concurrency: 4 })).toEqual(
      whole,
    );
    expect(most).toBe(4);
    await verifyPairs({
      labels,
      neighbors,
      verify: async (row, others) => {
        running += 1;
        expect(running).toBe(1);
        await Promise.resolve();
        running -= 1;
        return verify(row, others);
      },
    });
  });

  it("gives shards that join to the whole", async () => {
    const shards = await Promise.all(
      [3, 0, 6, 2, 5, 1, 4].map((rank) =>
        verifyPairs({ labels, neighbors, verify, shard: { rank, size: 7 } }),
      ),
    );
    expect(mergeVerifiedPairs(shards)).toEqual(whole);
    const all = { labels: Int32Array.of(1), verify };
    const one = { ids: Int32Array.of(0), scores: new Float32Array(1), rows: 1, k: 1 };
    const empty = await verifyPairs({ ...all, neighbors: one, shard: { rank: 0, size: 3 } });
    expect(empty.rows).toHaveLength(0);
  });

  it("tells how far it is", async () => {
    const told: [number, number][] = [];
    await verifyPairs({
      labels,
      neighbors,
      verify,
      shard: { rank: 1, size: 30 },
      onProgress: (done, rows) => told.push([done, rows]),
    });
    expect(told).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it("stops by the signal", async () => {
    const controller = new AbortController();
    let calls = 0;
    const stopping = verifyPairs({
      labels,
      neighbors,
      signal: controller.signal,
      verify: (row, others) => {
        calls += 1;
        if (calls === 3) controller.abort(new Error("enough"));
        return verify(row, others);
      },
    });
    await expect(stopping).rejects.toThrow(new Error("enough"));
    expect(calls).toBe(3);
    const signal = AbortSignal.abort(new Error("before"));
    await expect(verifyPairs({ labels, neighbors, verify, signal })).rejects.toThrow(new Error("before"));
  });

  it("passes on what verify throws, and calls it no more", async () => {
    let calls = 0;
    const failing: Verify = async (row, others) => {
      calls += 1;
      if (calls === 1) throw new Error("call 1");
      await new Promise((resolve) => setTimeout(resolve, 1));
      return verify(row, others);
    };
    await expect(verifyPairs({ labels, neighbors, verify: failing, concurrency: 3 })).rejects.toThrow(
      new Error("call 1"),
    );
    const before = calls;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(before);
  });

  it("refuses what cannot be", async () => {
    const refuses = async (options: object, message: string) => {
      await expect(verifyPairs({ labels, neighbors, verify, ...options })).rejects.toThrow(
        new RangeError(`verifyPairs: expected ${message}`),
      );
    };
    await refuses({ blockSize: 0 }, "`blockSize` to be an integer >= 1, got 0");
    await refuses({ concurrency: 0.5 }, "`concurrency` to be an integer >= 1, got 0.5");
    await refuses({ shard: { rank: 0, size: 0 } }, "`shard.size` to be an integer >= 1, got 0");
    await refuses({ shard: { rank: 2, size: 2 } }, "`shard.rank` to be an integer from 0 to 1, got 2");
    await refuses({ labels: labels.slice(1) }, "`neighbors` to have 89 rows, got 90");
    await refuses(
      { verify: () => Int32Array.of() },
      `\`verify's result\` to have ${whole.rows.indexOf(whole.rows[0] + 1)} elements, got 0`,
    );
    await refuses(
      { verify: (_: number, others: Int32Array) => others.map(() => -1) },
      "`verify's result` to be an integer >= 0, got -1",
    );
    await refuses(
      { verify: (_: number, others: Int32Array) => Array.from(others, () => Number.NaN) },
      "`verify's result` to be an integer >= 0, got NaN",
    );
  });
});
