import {
  classBalancedBatches,
  continentBatches,
  type EpochOptions,
  groupedBatches,
  type ImageBatch,
  identityBatches,
  repeatedBatches,
  shuffledBatches,
} from "@lmk/data";
import { describe, expect, it } from "vitest";

const count = 240;
const rows = Int32Array.from({ length: count }, (_, row) => row);
const labels = rows.map((row) => Math.floor(Math.sqrt(row)));
const columns = {
  continents: { values: ["Asia", "Europe"], codes: rows.map((row) => row % 2) },
  noisy: Uint8Array.from(rows, (row) => Number(row % 3 === 0)),
};
const shares = { Asia: 0.7, Europe: 0.3 };

const samplers: Readonly<Record<string, (options: EpochOptions) => readonly ImageBatch[]>> = {
  shuffledBatches: (options) => shuffledBatches(rows, options),
  groupedBatches: (options) =>
    groupedBatches(
      labels.map((label) => label % 3),
      options,
    ),
  classBalancedBatches: (options) => classBalancedBatches(labels, options),
  repeatedBatches: (options) => repeatedBatches(rows, { repeats: 2, ...options }),
  continentBatches: (options) => continentBatches(columns, { shares, ...options }),
  identityBatches: ({ batchSize: _, ...options }) =>
    identityBatches(labels, { classes: 4, images: 3, ...options }),
};

const options: EpochOptions = { batchSize: 12, seed: 3, epoch: 1 };
const plain = (batches: readonly ImageBatch[]): number[][][] =>
  batches.map(({ rows, copies = new Int32Array(rows.length) }) => [[...rows], [...copies]]);

describe.each(Object.entries(samplers))("%s", (name, sample) => {
  it("gives the same batches for the same seed and epoch, others for others", () => {
    const batches = plain(sample(options));
    expect(batches.length).toBeGreaterThan(3);
    expect(plain(sample(options))).toEqual(batches);
    for (const other of [{ seed: 4 }, { epoch: 2 }])
      expect(plain(sample({ ...options, ...other }))).not.toEqual(batches);
    for (const [images] of batches) expect(images).toHaveLength(12);
  });

  it("divides each batch among the ranks, none of it lost", () => {
    const whole = plain(sample(options));
    const parts = [0, 1].map((rank) => plain(sample({ ...options, shard: { rank, size: 2 } })));
    const together = whole.map((_, batch) =>
      [0, 1].map((column) => [...parts[0][batch][column], ...parts[1][batch][column]]),
    );
    expect(together).toEqual(whole);
  });

  it("tells the copies of an image apart", () => {
    const seen = new Set<string>();
    for (const [images, copies] of plain(sample(options))) {
      for (const [i, row] of images.entries()) {
        const key = `${row} ${copies[i]}`;
        expect(seen.has(key)).toBe(false);
        seen.add(key);
      }
    }
  });

  it.each([
    ["seed", { seed: -1 }, "`seed` to be an integer >= 0, got -1"],
    ["epoch", { epoch: 0.5 }, "`epoch` to be an integer >= 0, got 0.5"],
    ["shard.size", { shard: { rank: 0, size: 0 } }, "`shard.size` to be an integer >= 1, got 0"],
    ["shard.rank", { shard: { rank: -1, size: 2 } }, "`shard.rank` to be an integer >= 0, got -1"],
    ["a rank beyond the size", { shard: { rank: 2, size: 2 } }, "`shard.rank` to be below 2, got 2"],
    [
      "ranks that do not divide the batch",
      { shard: { rank: 0, size: 5 } },
      name === "identityBatches"
        ? "`classes` to be a multiple of 5, the number of ranks, got 4"
        : "`batchSize` to be a multiple of 5, the number of ranks, got 12",
    ],
  ])("refuses %s", (_, wrong, message) => {
    expect(() => sample({ ...options, ...wrong })).toThrow(new RangeError(`${name}: expected ${message}`));
  });
});

it.each(Object.entries(samplers).filter(([name]) => name !== "identityBatches"))(
  "%s refuses a batchSize of 0",
  (name, sample) => {
    expect(() => sample({ batchSize: 0 })).toThrow(
      new RangeError(`${name}: expected \`batchSize\` to be an integer >= 1, got 0`),
    );
  },
);
