import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  augmentations,
  augmentPixels,
  createNames,
  cropZoom,
  drawAugmentation,
  groupedBatches,
  groupOfSize,
  readImageFolder,
  resize,
  sizeTemplates,
} from "@lmk/data";
import { imagenetNormalization, type LoadedBatch, loadBatches, readImageSizes } from "@lmk/data/images";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { createTemporaryFolder } from "../temporary-folder.ts";
import { batchOf, loadAll, sizes } from "./load-all.ts";
import { gradient, hugePng, quarters, truncated } from "./make-images.ts";

const folder = createTemporaryFolder();
const file = (name: string): string => join(folder.path, name);
const [size] = sizes;
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

function imageAt(batch: LoadedBatch, position: number): Float32Array {
  const length = batch.height * batch.width * 3;
  return batch.images.subarray(position * length, (position + 1) * length);
}

/** The colours of the corners: red, green, blue or white. */
function cornersOf(batch: LoadedBatch): string {
  const { width, height, images } = batch;
  const names: Record<string, string> = { "100": "R", "010": "G", "001": "B", "111": "W" };
  return [0, width - 1, (height - 1) * width, height * width - 1]
    .map((pixel) => names[[0, 1, 2].map((channel) => Math.round(images[pixel * 3 + channel])).join("")])
    .join("");
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
      { row: 6, path: paths[6], kind: "missing", message: "Input file is missing" },
      { row: 7, path: paths[7], kind: "truncated", message: "Input file is truncated" },
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
  });

  it("augments by seed, epoch and row", async () => {
    const augment = { augmentation: augmentations.middle, seed: 3, epoch: 1 };
    const [batch] = await loadAll(good, [batchOf(4, 1)], { augment, normalization: bytesAsTheyAre });
    const pixels = await sharp(good[1]).resize(12, 8, { fit: "fill", kernel: "linear" }).raw().toBuffer();
    const draw = drawAugmentation(augmentations.middle, size, { seed: 3, epoch: 1, row: 1 });
    const { data } = await augmentPixels({ data: pixels, ...size, channels: 3 }, draw);
    expect(Array.from(imageAt(batch, 1), Math.round)).toEqual([...data]);
    const [resumed] = await loadAll(good, [batchOf(1)], { augment, normalization: bytesAsTheyAre });
    expect(resumed.images).toEqual(imageAt(batch, 1));
    const [later] = await loadAll(good, [batchOf(1)], {
      augment: { ...augment, epoch: 2 },
      normalization: bytesAsTheyAre,
    });
    expect(later.images).not.toEqual(resumed.images);
  });

  // Where the quarters of the stored image are shown, from the upper left one on: red, green, blue, white.
  it.each<[number, string]>([
    [1, "RGBW"],
    [2, "GRWB"],
    [3, "WBGR"],
    [4, "BWRG"],
    [5, "RBGW"],
    [6, "BRWG"],
    [7, "WGBR"],
    [8, "GWRB"],
  ])("turns images of EXIF orientation %i, unless told not to", async (orientation, shown) => {
    const path = file(`turned-${orientation}.jpg`);
    await quarters(48, 32).jpeg({ quality: 100 }).withMetadata({ orientation }).toFile(path);
    for (const kernel of ["linear", "opencv-linear"] as const) {
      const [turned] = await loadAll([path], [batchOf(0)], { kernel, ...raw });
      const [stored] = await loadAll([path], [batchOf(0)], { autoOrient: false, kernel, ...raw });
      expect([cornersOf(turned), cornersOf(stored)]).toEqual([shown, "RGBW"]);
    }
    const { widths, heights } = await readImageSizes([path]);
    expect([widths[0], heights[0]]).toEqual(orientation < 5 ? [48, 32] : [32, 48]);
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
    expect(asked).toHaveLength(2 * (5 + 3));
  });

  it("names a file of more pixels than sharp takes, and one of the wrong extension it can read", async () => {
    await gradient(32, 32).png().toFile(file("png.jpg"));
    folder.write("huge.png", hugePng);
    const [batch] = await loadAll([file("png.jpg"), file("huge.png")], [batchOf(0, 1)]);
    expect(batch.rows).toEqual(Int32Array.of(0));
    expect(batch.failures[0]).toMatchObject({ row: 1, path: file("huge.png"), kind: "too-large" });
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

  it("gives images the pixels of OpenCV's kernel on request", async () => {
    const [batch] = await loadAll(good, [batchOf(1)], {
      kernel: "opencv-linear",
      normalization: bytesAsTheyAre,
    });
    const { data, info } = await sharp(good[1]).raw().toBuffer({ resolveWithObject: true });
    const image = { data, width: info.width, height: info.height, channels: 3 } as const;
    const expected = await augmentPixels(image, [{ name: "resize", ...size }]);
    expect(Array.from(batch.images, Math.round)).toEqual([...expected.data]);
    const [other] = await loadAll(good, [batchOf(1)], { normalization: bytesAsTheyAre });
    expect(other.images).not.toEqual(batch.images);
  });

  it("gives an augmentation with resize images at their stored size, each copy by its own draw", async () => {
    const augment = { augmentation: [cropZoom({ scale: 0.5 }), resize()], seed: 3, epoch: 1 };
    const batches = [{ ...batchOf(2, 2), copies: Int32Array.of(0, 1) }];
    const [batch] = await loadAll(good, batches, { augment, normalization: bytesAsTheyAre });
    const { data, info } = await sharp(good[2]).raw().toBuffer({ resolveWithObject: true });
    const image = { data, width: info.width, height: info.height, channels: 3 } as const;
    for (const copy of [0, 1]) {
      const key = { seed: 3, epoch: 1, row: 2, copy };
      const draws = drawAugmentation(augment.augmentation, image, key, { target: size });
      const expected = await augmentPixels(image, draws);
      expect(Array.from(imageAt(batch, copy), Math.round)).toEqual([...expected.data]);
    }
    expect(imageAt(batch, 0)).not.toEqual(imageAt(batch, 1));
  });

  it("leaves colour profiles alone, unless told to convert", async () => {
    await sharp({ create: { width: 32, height: 32, channels: 3, background: { r: 200, g: 50, b: 50 } } })
      .withIccProfile("p3", { attach: true })
      .png()
      .toFile(file("p3.png"));
    const stored = await sharp(file("p3.png"), { ignoreIcc: true }).raw().toBuffer();
    const [ignored] = await loadAll([file("p3.png")], [batchOf(0)], { normalization: bytesAsTheyAre });
    const [converted] = await loadAll([file("p3.png")], [batchOf(0)], {
      colorProfile: "convert",
      normalization: bytesAsTheyAre,
    });
    expect(Array.from(ignored.images.subarray(0, 3), Math.round)).toEqual([...stored.subarray(0, 3)]);
    // The profile is that of a wider gamut: in sRGB the same red has larger numbers.
    expect(converted.images[0] - ignored.images[0]).toBeGreaterThan(5);
    expect(Math.abs(converted.images[0] - 200)).toBeLessThan(2);
  });

  it("gives batches as they are ready if told to, with their positions", async () => {
    const large = { width: 6000, height: 4000, channels: 3, background: "gray" } as const;
    await sharp({ create: large }).png({ compressionLevel: 1 }).toFile(file("slow.png"));
    const paths = [file("slow.png"), ...good];
    const batches = [batchOf(0), batchOf(1), batchOf(2), batchOf(3), batchOf(4)];
    const given = await loadAll(paths, batches, { kernel: "opencv-linear", workers: 0 });
    const ready = await loadAll(paths, batches, { kernel: "opencv-linear", workers: 0, order: "ready" });
    expect(given.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4]);
    expect(ready[0].position).toBeGreaterThan(0);
    expect(ready.toSorted((a, b) => a.position - b.position)).toEqual(given);
  });

  it("gives nothing for no batches", async () => {
    expect(await loadAll(good, [])).toEqual([]);
    expect((await loadAll(good, [batchOf()]))[0].rows).toEqual(Int32Array.of());
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
