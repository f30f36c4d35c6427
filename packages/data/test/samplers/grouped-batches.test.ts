import { groupedBatches } from "@lmk/data";
import { describe, expect, it } from "vitest";

const groups = Int32Array.from({ length: 1000 }, (_, row) => ((row * row) % 7) % 3);

function rowsOf(batches: ReturnType<typeof groupedBatches>): number[][] {
  return batches.map(({ rows }) => [...rows]);
}

/** The published rule, literally: per group in sampled order, chunked, ordered by each chunk's first row. */
function oracle(order: readonly number[], batchSize: number, dropUneven: boolean): number[][] {
  const chunks: number[][] = [];
  for (const group of new Set(groups)) {
    const members = order.filter((row) => groups[row] === group);
    for (let i = 0; i < members.length; i += batchSize) chunks.push(members.slice(i, i + batchSize));
  }
  const position = new Map(order.map((row, i) => [row, i]));
  return chunks
    .sort((a, b) => (position.get(a[0]) ?? 0) - (position.get(b[0]) ?? 0))
    .filter((chunk) => !dropUneven || chunk.length === batchSize);
}

describe("groupedBatches", () => {
  it("groups rows in their own order when it does not shuffle", () => {
    const batches = groupedBatches(Int32Array.of(0, 1, 0, 1, 0), { batchSize: 2, shuffle: false });
    expect(batches).toEqual([
      { group: 0, rows: Int32Array.of(0, 2) },
      { group: 1, rows: Int32Array.of(1, 3) },
      { group: 0, rows: Int32Array.of(4) },
    ]);
  });

  it("agrees with the rule applied literally", () => {
    const order = Array.from(groups.keys());
    for (const batchSize of [1, 7, 32, 2000]) {
      for (const dropUneven of [false, true]) {
        expect(rowsOf(groupedBatches(groups, { batchSize, dropUneven, shuffle: false }))).toEqual(
          oracle(order, batchSize, dropUneven),
        );
      }
    }
    const sampled = groupedBatches(groups, { batchSize: 1, seed: 3, epoch: 2 }).map(({ rows }) => rows[0]);
    expect(rowsOf(groupedBatches(groups, { batchSize: 8, seed: 3, epoch: 2 }))).toEqual(
      oracle(sampled, 8, true),
    );
  });

  it("takes every row once, all of one group", () => {
    const batches = groupedBatches(groups, { dropUneven: false });
    expect(
      rowsOf(batches)
        .flat()
        .sort((a, b) => a - b),
    ).toEqual(Array.from(groups.keys()));
    for (const { group, rows } of batches) expect(rows.every((row) => groups[row] === group)).toBe(true);
  });

  it("depends on seed and epoch alone, and has as many batches in each epoch", () => {
    const first = groupedBatches(groups, { seed: 1, epoch: 0 });
    expect(groupedBatches(groups, { seed: 1, epoch: 0 })).toEqual(first);
    expect(groupedBatches(groups, { seed: 1, epoch: 1 })).not.toEqual(first);
    expect(groupedBatches(groups, { seed: 2, epoch: 0 })).not.toEqual(first);
    for (let epoch = 1; epoch < 10; epoch++)
      expect(groupedBatches(groups, { seed: 1, epoch })).toHaveLength(first.length);
  });

  it("by default shuffles into batches of 32 and leaves out uneven ones", () => {
    const batches = groupedBatches(groups);
    expect(batches).toEqual(
      groupedBatches(groups, { batchSize: 32, shuffle: true, dropUneven: true, seed: 0, epoch: 0 }),
    );
    expect(batches.every(({ rows }) => rows.length === 32)).toBe(true);
    expect(rowsOf(batches)[0]).not.toEqual([...rowsOf(batches)[0]].sort((a, b) => a - b));
    expect(groupedBatches(Int32Array.of(0), { shuffle: false })).toHaveLength(1);
    expect(groupedBatches(Int32Array.of(0))).toHaveLength(0);
  });

  it("leaves out rows with a negative group, and takes none gladly", () => {
    expect(rowsOf(groupedBatches(Int32Array.of(-1, 0, -1, 0), { shuffle: false }))).toEqual([[1, 3]]);
    expect(groupedBatches(Int32Array.of())).toEqual([]);
  });

  it("draws first rows evenly", () => {
    const counts = new Int32Array(10);
    for (let epoch = 0; epoch < 2000; epoch++) {
      counts[groupedBatches(new Int32Array(10), { batchSize: 10, epoch })[0].rows[0]] += 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(150);
    expect(Math.max(...counts)).toBeLessThan(250);
  });

  it("gives ranks the parts of what one process gets", () => {
    const options = { batchSize: 6, seed: 3 };
    const shards = [0, 1, 2].map((rank) => groupedBatches(groups, { ...options, shard: { rank, size: 3 } }));
    const joined = shards[0].map(({ group }, i) => ({
      group,
      rows: Int32Array.from(shards.flatMap((shard) => [...shard[i].rows])),
    }));
    expect(joined).toEqual(groupedBatches(groups, options));
    expect(shards.flat().every(({ rows }) => rows.length === 2)).toBe(true);
  });

  it("refuses shards that would get unequal parts", () => {
    const shard = { rank: 0, size: 2 };
    expect(() => groupedBatches(groups, { batchSize: 5, shard })).toThrow(
      new RangeError(
        "groupedBatches: expected `batchSize` to be a multiple of 2, the number of ranks, got 5",
      ),
    );
    expect(() => groupedBatches(groups, { batchSize: 4, dropUneven: false, shard })).toThrow(
      new RangeError("groupedBatches: expected `dropUneven` with several ranks, got false"),
    );
    expect(() => groupedBatches(groups, { batchSize: 4, shard: { rank: 2, size: 2 } })).toThrow(
      new RangeError("groupedBatches: expected `shard.rank` to be below 2, got 2"),
    );
  });

  it("refuses numbers that cannot be", () => {
    expect(() => groupedBatches(groups, { batchSize: 0 })).toThrow(
      new RangeError("groupedBatches: expected `batchSize` to be an integer >= 1, got 0"),
    );
    expect(() => groupedBatches(groups, { seed: -1 })).toThrow(
      new RangeError("groupedBatches: expected `seed` to be an integer >= 0, got -1"),
    );
    expect(() => groupedBatches(groups, { epoch: 0.5 })).toThrow(
      new RangeError("groupedBatches: expected `epoch` to be an integer >= 0, got 0.5"),
    );
  });
});
