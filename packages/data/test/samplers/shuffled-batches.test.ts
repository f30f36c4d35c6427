import { type ImageBatch, shuffledBatches } from "@lmk/data";
import { describe, expect, it } from "vitest";

const rows = Int32Array.of(10, 11, 12, 13, 14, 15, 16);
const listed = (batches: readonly ImageBatch[]): number[][] => batches.map((batch) => [...batch.rows]);

describe("shuffledBatches", () => {
  it("gives each row once, in an order of its own in each epoch", () => {
    const epochs = [0, 1].map((epoch) =>
      listed(shuffledBatches(rows, { batchSize: 3, epoch, last: "keep" })),
    );
    for (const batches of epochs) {
      expect(batches.map((batch) => batch.length)).toEqual([3, 3, 1]);
      expect(batches.flat().sort()).toEqual([...rows]);
    }
    expect(epochs[0]).not.toEqual(epochs[1]);
  });

  it("drops, keeps or fills the last batch", () => {
    const options = { batchSize: 3, shuffle: false };
    expect(listed(shuffledBatches(rows, options))).toEqual([[10, 11, 12], [13, 14, 15], [16]]);
    expect(listed(shuffledBatches(rows, { ...options, last: "drop" }))).toEqual([
      [10, 11, 12],
      [13, 14, 15],
    ]);
    const filled = shuffledBatches(rows, { ...options, last: "repeat" });
    expect(listed(filled)).toEqual([
      [10, 11, 12],
      [13, 14, 15],
      [16, 10, 11],
    ]);
    expect(filled[2].copies).toEqual(Int32Array.of(0, 1, 1));
    expect(listed(shuffledBatches(rows, { batchSize: 3 }))).toHaveLength(2);
  });

  it("fills a batch that is longer than all rows, and gives none of no rows", () => {
    expect(
      listed(shuffledBatches(Int32Array.of(4, 5), { batchSize: 5, shuffle: false, last: "repeat" })),
    ).toEqual([[4, 5, 4, 5, 4]]);
    expect(shuffledBatches(new Int32Array(0), { last: "repeat" })).toEqual([]);
  });

  it("leaves its rows as they were, and holds 32 a batch by default", () => {
    const many = Int32Array.from({ length: 70 }, (_, row) => row);
    expect(listed(shuffledBatches(many)).map((batch) => batch.length)).toEqual([32, 32]);
    expect(many[1]).toBe(1);
  });

  it("refuses a last that it does not know, and short batches of several ranks", () => {
    expect(() => shuffledBatches(rows, { last: "pad" as "keep" })).toThrow(
      new RangeError('shuffledBatches: expected `last` to be one of drop, keep, repeat, got "pad"'),
    );
    expect(() => shuffledBatches(rows, { batchSize: 2, last: "keep", shard: { rank: 0, size: 2 } })).toThrow(
      new RangeError(
        "shuffledBatches: expected `last` to be drop or repeat with several ranks, got keep, the default without `shuffle`",
      ),
    );
  });
});
