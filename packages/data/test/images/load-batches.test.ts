import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  augmentations,
  augmentPixels,
  createNames,
  drawAugmentation,
  groupedBatches,
  groupOfSize,
  type ImageBatch,
  readImageFolder,
  sizeTemplates,
} from "@lmk/data";
import {
  type ImagePaths,
  imagenetNormalization,
  type LoadBatchesOptions,
  type LoadedBatch,
  loadBatches,
  readImageSizes,
} from "@lmk/data/images";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";
import { gradient, truncated } from "./make-images.ts";

const folder = createTemporaryFolder();
const file = (name: string): string => join(folder.path, name);
const size = { width: 12, height: 8 };
const sizes = [size, { width: 8, height: 8 }];
const good = Array.from({ length: 6 }, (_, i) => `${i}.jpg`).map(file);
const bytesAsTheyAre = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] } as const;

beforeAll(async () => {
  for (const [i, path] of good.entries())
    await gradient(96, 64, 40 * i)
      .jpeg({ quality: 100 })
      .toFile(path);
  folder.write("truncated.jpg", truncated(good[0], 0.7));
  folder.write("empty.jpg", "");
});

function batchOf(...rows: number[]): ImageBatch {
  return { group: 0, rows: Int32Array.from(rows) };
}

async function loadAll(
  paths: ImagePaths,
  batches: Iterable<ImageBatch>,
  options: Partial<LoadBatchesOptions> = {},
): Promise<LoadedBatch[]> {
  const loaded: LoadedBatch[] = [];
  for await (const batch of loadBatches(paths, batches, { sizes, ...options })) loaded.push(batch);
  return loaded;
}

function imageAt(batch: LoadedBatch, position: number): Float32Array {
  const length = batch.height * batch.width * 3;
  return batch.images.subarray(position * length, (position + 1) * length);
}

/** The blue of a test image tells which one it is. */
function blues(batch: LoadedBatch): number[] {
  return Array.from({ length: batch.rows.length }, (_, i) => Math.round((imageAt(batch, i)[2] * 255) / 40));
}

const raw = { normalization: { mean: [0, 0, 0], std: [1, 1, 1] } } as const;

describe("loadBatches", () => {
  it("gives height × width × RGB, normalized, warped to the size of the group", async () => {
    const [batch, square] = await loadAll(good, [batchOf(2, 0), { group: 1, rows: Int32Array.of(1) }]);
    expect([batch.width, batch.height, batch.images.length, batch.rows, batch.distinct]).toEqual([
      12,
      8,
      2 * 8 * 12 * 3,
      Int32Array.of(2, 0),
      2,
    ]);
    expect([square.width, square.height, square.images.length]).toEqual([8, 8, 8 * 8 * 3]);
    const { mean, std } = imagenetNormalization;
    const pixels = await sharp(good[2]).resize(12, 8, { fit: "fill", kernel: "linear" }).raw().toBuffer();
    const expected = Float32Array.from(pixels, (v, i) => (v / 255 - mean[i % 3]) / std[i % 3]);
    expect(imageAt(batch, 0)).toEqual(expected);
    const [redLeft, redRight] = [imageAt(batch, 0)[0], imageAt(batch, 0)[11 * 3]];
    expect(redLeft < -1.8 && redRight > 1.9).toBe(true);
  });

  it("keeps the order of batches and rows, whatever is read at the same time", async () => {
    const batches = [batchOf(5, 1), batchOf(0), batchOf(3, 3, 2), batchOf(4)];
    const once = await loadAll(good, batches, { concurrency: 1, prefetch: 0, ...raw });
    expect(once.map(blues)).toEqual([[5, 1], [0], [3, 3, 2], [4]]);
    expect(await loadAll(good, batches, { concurrency: 16, prefetch: 9, ...raw })).toEqual(once);
  });

  it("reports files that are missing, empty or truncated, and goes on without them", async () => {
    const paths = [...good, file("gone.jpg"), file("truncated.jpg"), file("empty.jpg")];
    const batches = [batchOf(6, 1, 7, 2), batchOf(8, 6), batchOf(3)];
    const [mixed, bad, last] = await loadAll(paths, batches, raw);
    expect([mixed.rows, blues(mixed), mixed.images.length]).toEqual([
      Int32Array.of(1, 2),
      [1, 2],
      2 * 8 * 12 * 3,
    ]);
    expect(mixed.failures).toEqual([
      { row: 6, path: paths[6], message: "Input file is missing" },
      { row: 7, path: paths[7], message: "Input file is truncated or corrupt" },
    ]);
    expect([bad.rows, bad.images.length, bad.distinct]).toEqual([Int32Array.of(), 0, 0]);
    expect(bad.failures.map(({ row }) => row)).toEqual([8, 6]);
    expect([last.rows, last.failures]).toEqual([Int32Array.of(3), []]);
  });

  it("fills short batches by repeating, up to a size", async () => {
    const paths = [...good, file("gone.jpg")];
    const [batch, empty] = await loadAll(paths, [batchOf(6, 1, 6, 2, 6), batchOf(6)], {
      fill: "repeat",
      ...raw,
    });
    expect([batch.rows, batch.distinct, blues(batch)]).toEqual([
      Int32Array.of(1, 2, 1, 2, 1),
      2,
      [1, 2, 1, 2, 1],
    ]);
    expect(batch.failures.map(({ row }) => row)).toEqual([6, 6, 6]);
    expect([empty.rows.length, empty.failures.length]).toEqual([0, 1]);
    const [longer] = await loadAll(paths, [batchOf(4, 5)], { fill: "repeat", batchSize: 3, ...raw });
    expect([longer.rows, longer.distinct, blues(longer)]).toEqual([Int32Array.of(4, 5, 4), 2, [4, 5, 4]]);
    const [unfilled] = await loadAll(paths, [batchOf(4, 5)], { batchSize: 3 });
    expect(unfilled.rows).toEqual(Int32Array.of(4, 5));
  });

  it("augments by seed, epoch and row", async () => {
    const augment = { augmentation: augmentations.middle, seed: 3, epoch: 1 };
    const [batch] = await loadAll(good, [batchOf(4, 1)], { augment, normalization: bytesAsTheyAre });
    const pixels = await sharp(good[1]).resize(12, 8, { fit: "fill", kernel: "linear" }).raw().toBuffer();
    const draw = drawAugmentation(augmentations.middle, size, { seed: 3, epoch: 1, row: 1 });
    expect(Array.from(imageAt(batch, 1), Math.round)).toEqual([...augmentPixels(pixels, size, draw)]);
    const [resumed] = await loadAll(good, [batchOf(1)], { augment, normalization: bytesAsTheyAre });
    expect(resumed.images).toEqual(imageAt(batch, 1));
    const [later] = await loadAll(good, [batchOf(1)], {
      augment: { ...augment, epoch: 2 },
      normalization: bytesAsTheyAre,
    });
    expect(later.images).not.toEqual(resumed.images);
  });

  it("turns images as their EXIF orientation says, unless told not to", async () => {
    await gradient(64, 64).jpeg().withMetadata({ orientation: 3 }).toFile(file("upside-down.jpg"));
    const [turned] = await loadAll([file("upside-down.jpg")], [batchOf(0)], raw);
    const [stored] = await loadAll([file("upside-down.jpg")], [batchOf(0)], { autoOrient: false, ...raw });
    expect([turned.images[0] > 0.9, stored.images[0] < 0.1]).toEqual([true, true]);
  });

  it("makes three channels of gray, transparent, 16-bit and CMYK images", async () => {
    await gradient(32, 32).grayscale().png().toFile(file("gray.png"));
    await gradient(32, 32).ensureAlpha(0.5).png().toFile(file("alpha.png"));
    await gradient(32, 32).toColourspace("rgb16").png().toFile(file("deep.png"));
    await gradient(32, 32).toColourspace("cmyk").jpeg().toFile(file("cmyk.jpg"));
    await gradient(32, 32).webp().toFile(file("plain.webp"));
    const paths = ["gray.png", "alpha.png", "deep.png", "cmyk.jpg", "plain.webp"].map(file);
    const [batch] = await loadAll(paths, [batchOf(0, 1, 2, 3, 4)], raw);
    expect(batch.failures).toEqual([]);
    const first = imageAt(batch, 0);
    expect(first[0] === first[1] && first[1] === first[2]).toBe(true);
    for (const position of [1, 2, 3, 4]) {
      const image = imageAt(batch, position);
      expect([image[11 * 3] - image[0] > 0.5, image[7 * 12 * 3 + 1] - image[1] > 0.5]).toEqual([true, true]);
    }
  });

  it("reads ahead no more batches than it is told to", async () => {
    const asked: number[] = [];
    const paths = createNames(100, (row) => {
      asked.push(row);
      return good[row % 6];
    });
    const loading = loadBatches(
      paths,
      Array.from({ length: 50 }, (_, i) => batchOf(2 * i, 2 * i + 1)),
      { sizes, prefetch: 3 },
    );
    expect(asked).toEqual([]);
    for (let taken = 1; taken <= 5; taken++) {
      await loading.next();
      expect(asked).toHaveLength(2 * (taken + 3));
    }
    await loading.return();
  });

  it("names a file of more pixels than sharp takes, and one of the wrong extension it can read", async () => {
    await gradient(32, 32).png().toFile(file("png.jpg"));
    const header = Buffer.from("89504e470d0a1a0a0000000d49484452000fffff000fffff0802000000", "hex");
    folder.write("huge.png", Buffer.concat([header, Buffer.from("5db00d2b", "hex")]));
    const [batch] = await loadAll([file("png.jpg"), file("huge.png")], [batchOf(0, 1)]);
    expect(batch.rows).toEqual(Int32Array.of(0));
    expect(batch.failures[0]).toMatchObject({ row: 1, path: file("huge.png") });
    expect(batch.failures[0].message).toMatch(/^Input /);
  });

  it("uses memory again only when it is told to", async () => {
    const batches = Array.from({ length: 6 }, (_, i) => batchOf(i));
    const kept = await loadAll(good, batches, raw);
    expect(new Set(kept.map(({ images }) => images.buffer)).size).toBe(6);
    expect(kept.map(blues)).toEqual([[0], [1], [2], [3], [4], [5]]);
    const seen: number[] = [];
    const buffers = new Set<ArrayBufferLike>();
    for await (const batch of loadBatches(good, batches, { sizes, reuseImages: true, prefetch: 1, ...raw })) {
      seen.push(...blues(batch));
      buffers.add(batch.images.buffer);
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect(buffers.size).toBeLessThanOrEqual(3);
  });

  it("stops at once when it is told to", async () => {
    const controller = new AbortController();
    const loading = loadBatches(
      good,
      Array.from({ length: 50 }, () => batchOf(0, 1, 2)),
      {
        sizes,
        signal: controller.signal,
      },
    );
    await loading.next();
    controller.abort();
    expect(await rejectionOf(loading.next())).toMatchObject({ name: "AbortError" });
    expect(await loading.next()).toEqual({ done: true, value: undefined });
    const aborted = loadBatches(good, [batchOf(0)], {
      sizes,
      signal: AbortSignal.abort(new Error("enough")),
    });
    expect(await rejectionOf(aborted.next())).toEqual(new Error("enough"));
  });

  it("asks for no further batch when its loop ends early", async () => {
    let asked = 0;
    let isClosed = false;
    function* batches(): Generator<ImageBatch> {
      try {
        for (;;) {
          asked += 1;
          yield batchOf(0);
        }
      } finally {
        isClosed = true;
      }
    }
    for await (const _ of loadBatches(good, batches(), { sizes, prefetch: 1 })) break;
    expect([asked, isClosed]).toEqual([2, true]);
  });

  it("gives nothing for no batches", async () => {
    expect(await loadAll(good, [])).toEqual([]);
    expect((await loadAll(good, [batchOf()]))[0].rows).toEqual(Int32Array.of());
  });

  it.each<[string, Partial<LoadBatchesOptions>, string]>([
    ["sizes", { sizes: [{ width: 0, height: 8 }] }, "`width` to be an integer >= 1, got 0"],
    ["fill", { fill: "zero" as "none" }, '`fill` to be one of none, repeat, got "zero"'],
    ["batchSize", { batchSize: 0 }, "`batchSize` to be an integer >= 1, got 0"],
    [
      "kernel",
      { kernel: "area" as "cubic" },
      '`kernel` to be one of nearest, linear, cubic, mitchell, lanczos2, lanczos3, got "area"',
    ],
    ["prefetch", { prefetch: -1 }, "`prefetch` to be an integer >= 0, got -1"],
    ["concurrency", { concurrency: 0 }, "`concurrency` to be an integer >= 1, got 0"],
    [
      "augment",
      { augment: { augmentation: { ...augmentations.soft, contrast: 2 }, seed: 0, epoch: 0 } },
      "`contrast` to be a number from 0 to 1, got 2",
    ],
    [
      "seed",
      { augment: { augmentation: augmentations.soft, seed: -1, epoch: 0 } },
      "`seed` to be an integer >= 0, got -1",
    ],
    [
      "epoch",
      { augment: { augmentation: augmentations.soft, seed: 0, epoch: 0.5 } },
      "`epoch` to be an integer >= 0, got 0.5",
    ],
  ])("refuses %s out of range at the call", (_, options, detail) => {
    expect(() => loadBatches(good, [], { sizes, ...options })).toThrow(
      new RangeError(`loadBatches: expected ${detail}`),
    );
  });

  it("refuses rows and groups that do not exist", async () => {
    expect(await rejectionOf(loadAll(good, [batchOf(0), batchOf(6)]))).toEqual(
      new RangeError("loadBatches: expected `rows` to be integers from 0 to 5, got 6"),
    );
    expect(await rejectionOf(loadAll(good, [{ group: 2, rows: Int32Array.of(0) }]))).toEqual(
      new RangeError("loadBatches: expected `group` to be an integer from 0 to 1, got 2"),
    );
  });
});

const photos =
  process.env.LMK_PHOTOS ?? fileURLToPath(new URL("../../../../../shared/data", import.meta.url));
const places = join(photos, "porto");

describe("real photographs", () => {
  it.skipIf(!existsSync(places))(
    `are read from ${places} without a failure (skipped where that is absent)`,
    async () => {
      const images = readImageFolder(places);
      const { widths, heights, failures } = await readImageSizes(images.paths);
      expect(failures).toEqual([]);
      const groups = Int32Array.from(widths, (width, row) =>
        groupOfSize(sizeTemplates.SS, { width, height: heights[row] }),
      );
      const batches = groupedBatches(groups, { batchSize: 16, seed: 1 }).slice(0, 4);
      let count = 0;
      for await (const batch of loadBatches(images.paths, batches, {
        sizes: sizeTemplates.SS.sizes,
        reuseImages: true,
      })) {
        expect(batch.failures).toEqual([]);
        count +=
          batch.images.reduce((sum, value) => sum + Number(Number.isFinite(value)), 0) / batch.images.length;
      }
      expect(count).toBe(4);
    },
  );
});
