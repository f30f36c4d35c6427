import { join } from "node:path";
import { augmentations, DataFormatError, type ImageBatch, resize } from "@lmk/data";
import {
  createImageManifest,
  type LoadBatchesOptions,
  loadBatches,
  type Normalization,
} from "@lmk/data/images";
import sharp from "sharp";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { resizeRule } from "../../src/augmentation/resize.ts";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";
import { batchOf, loadAll, sizes } from "./load-all.ts";
import { gradient, truncated } from "./make-images.ts";

const folder = createTemporaryFolder();
const file = (name: string): string => join(folder.path, name);
const good = Array.from({ length: 6 }, (_, i) => file(`${i}.jpg`));

beforeAll(async () => {
  for (const [i, path] of good.entries()) await gradient(96, 64, 40 * i).toFile(path);
  folder.write("truncated.jpg", truncated(good[0], 0.7));
  folder.write("empty.jpg", "");
});

describe("the loading ends", () => {
  it("at once when it is told to", async () => {
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

  it("without asking for a further batch when its loop ends early", async () => {
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

  it("without asking for a further batch when it was told to stop meanwhile", async () => {
    let asked = 0;
    function* batches(): Generator<ImageBatch> {
      for (; asked < 50; asked++) yield batchOf(0);
    }
    const controller = new AbortController();
    const loading = loadBatches(good, batches(), { sizes, prefetch: 0, signal: controller.signal });
    await loading.next();
    const before = asked;
    controller.abort(new Error("enough"));
    expect(await rejectionOf(loading.next())).toEqual(new Error("enough"));
    expect(asked).toBe(before);
  });

  it.each(["given", "ready"] as const)(
    "after the batches that were there before their source failed, order %s",
    async (order) => {
      function* batches(): Generator<ImageBatch> {
        for (let i = 0; i < 4; i++) yield batchOf(i);
        throw new TypeError("no more");
      }
      const seen: number[] = [];
      const loading = loadBatches(good, batches(), { sizes, prefetch: 8, order });
      const error = await rejectionOf(
        (async () => {
          for await (const { position } of loading) seen.push(position);
        })(),
      );
      expect([error, seen.toSorted()]).toEqual([new TypeError("no more"), [0, 1, 2, 3]]);
    },
  );

  it("with an error that is not that of a file", async () => {
    const scale = vi.spyOn(sharp.prototype, "resize").mockImplementation(() => {
      throw new TypeError("expected a kernel");
    });
    expect(await rejectionOf(loadAll(good, [batchOf(0)]))).toEqual(new TypeError("expected a kernel"));
    scale.mockRestore();
  });

  it("at an image that cannot be read if that is fatal, and names it", async () => {
    const paths = [...good, file("gone.jpg"), file("truncated.jpg"), file("empty.jpg")];
    const stopped = async (row: number): Promise<unknown> =>
      rejectionOf(loadAll(paths, [batchOf(0), batchOf(1, row, 6)], { onFailure: "throw" }));
    const detail = "expected an image that can be read, got";
    expect(await stopped(7)).toEqual(
      new DataFormatError("unreadable-file", paths[7], 0, `${detail} "Input file is truncated" for row 7`),
    );
    expect(await stopped(6)).toMatchObject({ code: "missing-file" });
    expect(await stopped(8)).toMatchObject({ code: "empty-file" });
    expect(await loadAll(paths, [batchOf(0)], { onFailure: "throw" })).toHaveLength(1);
    const manifest = createImageManifest();
    await rejectionOf(loadAll(paths, [batchOf(0, 7)], { onFailure: "throw", manifest }));
    expect(manifest.entries).toMatchObject([{ row: 7, kind: "truncated" }]);
  });
});

describe("loadBatches", () => {
  it("refuses an augmentation that ends at another size", async () => {
    const augment = { augmentation: [resize()], seed: 0, epoch: 0 };
    const draw = vi
      .spyOn(resizeRule, "draw")
      .mockImplementation(() => ({ name: "resize", width: 5, height: 6 }));
    const expected = "`augmentation` to end at the size of the batch, 12 × 8, got 5 × 6";
    expect(await rejectionOf(loadAll(good, [batchOf(0)], { augment }))).toEqual(
      new RangeError(`loadBatches: expected ${expected}`),
    );
    draw.mockRestore();
  });

  it("refuses batches that are longer than it fills them to", async () => {
    expect(await rejectionOf(loadAll(good, [batchOf(4, 5)], { fill: "repeat", batchSize: 1 }))).toEqual(
      new RangeError("loadBatches: expected `batches` of at most 1 rows, the batchSize, got one of 2"),
    );
  });

  it.each<[string, Partial<LoadBatchesOptions>, string]>([
    ["sizes", { sizes: [{ width: 0, height: 8 }] }, "`width` to be an integer >= 1, got 0"],
    ["fill", { fill: "zero" as "none" }, '`fill` to be one of none, repeat, got "zero"'],
    ["batchSize", { batchSize: 0 }, "`batchSize` to be an integer >= 1, got 0"],
    ["batchSize without fill", { batchSize: 3 }, '`batchSize` with `fill: "repeat"` only, got 3 with "none"'],
    [
      "means",
      { normalization: { mean: [0, Number.NaN, 0], std: [1, 1, 1] } },
      "`normalization.mean` to be three finite numbers, got [0, NaN, 0]",
    ],
    [
      "fewer means",
      { normalization: { mean: [0, 0] as unknown as [0, 0, 0], std: [1, 1, 1] } },
      "`normalization.mean` to be three finite numbers, got [0, 0]",
    ],
    [
      "standard deviations",
      { normalization: { mean: [0, 0, 0], std: [1, 0, 1] } },
      "`normalization.std` to be three finite numbers above 0, got [1, 0, 1]",
    ],
    [
      "no standard deviations",
      { normalization: { mean: [0, 0, 0] } as unknown as Normalization },
      "`normalization.std` to be three finite numbers above 0, got undefined",
    ],
    [
      "kernel",
      { kernel: "area" as "cubic" },
      '`kernel` to be one of nearest, linear, cubic, mitchell, lanczos2, lanczos3, opencv-linear, got "area"',
    ],
    ["prefetch", { prefetch: -1 }, "`prefetch` to be an integer >= 0, got -1"],
    ["concurrency", { concurrency: 0 }, "`concurrency` to be an integer >= 1, got 0"],
    ["workers", { workers: -1 }, "`workers` to be an integer from 0 to 1024, got -1"],
    ["maxPixels", { maxPixels: 0 }, "`maxPixels` to be an integer >= 1, got 0"],
    ["order", { order: "any" as "given" }, '`order` to be one of given, ready, got "any"'],
    ["onFailure", { onFailure: "stop" as "throw" }, '`onFailure` to be one of skip, throw, got "stop"'],
    [
      "colorProfile",
      { colorProfile: "keep" as "ignore" },
      '`colorProfile` to be one of ignore, convert, got "keep"',
    ],
    [
      "augment",
      { augment: { augmentation: [{ name: "cropZoom", scale: 2 }], seed: 0, epoch: 0 } },
      "`scale` to be a number from 0 to 0.99, got 2",
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
