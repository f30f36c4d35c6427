// A process of its own (vitest.config.ts says why), as it mocks a module.
// @vitest-environment-options { "alone": "decoded-cache" }
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageBatch } from "@lmk/data";
import { augmentations, resize } from "@lmk/data";
import {
  type DecodedCache,
  type LoadBatchesOptions,
  type LoadedBatch,
  loadBatches,
  openDecodedCache,
} from "@lmk/data/images";
import sharp from "sharp";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";
import { gradient } from "./make-images.ts";
import { transpileSources } from "./source-worker.ts";

const workerFile = vi.hoisted(() => ({ url: new URL("file:///") }));
vi.mock("../../src/images/worker-file.ts", () => ({ findWorkerFile: () => workerFile.url }));
workerFile.url = transpileSources().worker;

const folder = createTemporaryFolder();
const file = (name: string): string => join(folder.path, name);
const paths = [...Array.from({ length: 6 }, (_, i) => file(`${i}.png`)), file("gone.png")];
const sizes = [{ width: 12, height: 8 }];
const batches: readonly ImageBatch[] = [
  { group: 0, rows: Int32Array.of(0, 1, 6) },
  { group: 0, rows: Int32Array.of(2, 3, 4, 5) },
];
/** Header, sides, checksum and pixels. */
const entryBytes = 8 + 8 + 32 + 12 * 8 * 3;

beforeAll(async () => {
  for (let i = 0; i < 6; i++) await gradient(48, 32, 40 * i).toFile(paths[i]);
});

async function loadAll(options: Partial<LoadBatchesOptions> = {}): Promise<LoadedBatch[]> {
  const loaded: LoadedBatch[] = [];
  for await (const batch of loadBatches(paths, batches, { sizes, ...options })) loaded.push(batch);
  return loaded;
}

function entriesOf(cache: DecodedCache): string[] {
  return readdirSync(cache.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Makes a file something else of the same length, changed at 1000. */
function replaceUnnoticed(path: string): void {
  writeFileSync(path, Buffer.alloc(readFileSync(path).length));
  utimesSync(path, 1000, 1000);
}

describe("openDecodedCache", () => {
  it("gives the same batches when images are put in and when they are taken out", async () => {
    const cache = await openDecodedCache(file("same"));
    const plain = await loadAll();
    expect(await loadAll({ cache })).toEqual(plain);
    const entries = entriesOf(cache);
    expect([entries.length, cache.bytes[0]]).toEqual([6, BigInt(6 * entryBytes)]);
    const contents = entries.map((entry) => readFileSync(entry));
    expect(await loadAll({ cache })).toEqual(plain);
    expect(await loadAll({ cache, workers: 2 })).toEqual(plain);
    expect(entriesOf(cache).map((entry) => readFileSync(entry))).toEqual(contents);
    expect(cache.bytes[0]).toBe(BigInt(6 * entryBytes));
  });

  it("reads no file whose image it has, and each that was changed", async () => {
    const cache = await openDecodedCache(file("changed"));
    const path = file("changing.png");
    await gradient(48, 32).toFile(path);
    utimesSync(path, 1000, 1000);
    const load = async (): Promise<LoadedBatch> => {
      const loading = loadBatches([path], [{ group: 0, rows: Int32Array.of(0) }], { sizes, cache });
      for await (const batch of loading) return batch;
      throw new Error("expected a batch, got none");
    };
    const first = await load();
    replaceUnnoticed(path);
    expect(await load()).toEqual(first);
    utimesSync(path, 1, 1);
    expect((await load()).failures).toMatchObject([{ row: 0, path, kind: "not-an-image" }]);
  });

  it("tells apart what pixels depend on", async () => {
    const cache = await openDecodedCache(file("apart"));
    const augment = { augmentation: [resize()], seed: 0, epoch: 0 };
    const ways: Partial<LoadBatchesOptions>[] = [
      {},
      { kernel: "nearest" },
      { autoOrient: false },
      { colorProfile: "convert" },
      { maxPixels: 10_000 },
      { sizes: [{ width: 8, height: 12 }] },
      { augment, workers: 0 },
    ];
    for (const [i, way] of ways.entries()) {
      expect(await loadAll({ ...way, cache })).toEqual(await loadAll(way));
      expect(entriesOf(cache)).toHaveLength(6 * (i + 1));
    }
    const random = { augmentation: augmentations.middle, seed: 1, epoch: 0 };
    for (const epoch of [0, 1]) {
      const options = { augment: { ...random, epoch }, workers: 0 };
      expect(await loadAll({ ...options, cache })).toEqual(await loadAll(options));
    }
    expect(entriesOf(cache)).toHaveLength(6 * ways.length);
  });

  it("notices damaged entries and makes them again", async () => {
    const cache = await openDecodedCache(file("damaged"));
    const plain = await loadAll({ cache });
    const entries = entriesOf(cache);
    const whole = entries.map((entry) => readFileSync(entry));
    const damage: ((bytes: Buffer) => Buffer)[] = [
      (bytes) => bytes.fill(7, 100, 101),
      (bytes) => bytes.subarray(0, -1),
      () => Buffer.alloc(0),
      (bytes) => bytes.fill(0, 0, 4),
      (bytes) => bytes.fill(1, 8, 9),
      (bytes) => Buffer.concat([bytes, Buffer.of(0)]),
    ];
    for (const [i, change] of damage.entries()) writeFileSync(entries[i], change(readFileSync(entries[i])));
    expect(await loadAll({ cache })).toEqual(plain);
    expect(entries.map((entry) => readFileSync(entry))).toEqual(whole);
  });

  it("reads copies of an image once, and counts what it holds: copies once, and new entries in the place of damaged ones", async () => {
    const cache = await openDecodedCache(file("counted"));
    const decode = vi.spyOn(sharp.prototype, "toBuffer");
    const copies = [{ group: 0, rows: Int32Array.of(0, 0, 0), copies: Int32Array.of(0, 1, 2) }];
    for await (const { images } of loadBatches(paths, copies, { sizes, cache })) {
      const [one, two, three] = [0, 1, 2].map((i) => images.subarray(i * 288, (i + 1) * 288));
      expect([two, three]).toEqual([one, one]);
    }
    expect(cache.bytes[0]).toBe(BigInt(entryBytes));
    expect(decode).toHaveBeenCalledTimes(1);
    decode.mockRestore();
    await loadAll({ cache });
    const entries = entriesOf(cache);
    for (const [i, length] of [0, 10, 1000].entries()) writeFileSync(entries[i], Buffer.alloc(length));
    const again = await openDecodedCache(cache.folder, { maxBytes: 99 * entryBytes });
    expect(again.bytes[0]).toBe(BigInt(3 * entryBytes + 1010));
    await loadAll({ cache: again });
    expect(again.bytes[0]).toBe(BigInt(6 * entryBytes));
  });

  it("goes on without entries that cannot be read or written, and writes none after one that could not be", async () => {
    const plain = await loadAll();
    for (const workers of [0, 2]) {
      const cache = await openDecodedCache(file(`unwritable-${workers}`));
      await loadAll({ cache });
      const [first, second] = entriesOf(cache);
      rmSync(first);
      mkdirSync(join(first, "taken"), { recursive: true });
      const bytes = cache.bytes[0];
      expect(cache.failed[0]).toBe(0);
      expect(await loadAll({ cache, workers })).toEqual(plain);
      expect([cache.failed[0], cache.bytes[0]]).toEqual([1, bytes]);
      rmSync(second);
      expect(await loadAll({ cache, workers })).toEqual(plain);
      expect(entriesOf(cache)).toHaveLength(4);
      expect(cache.bytes[0]).toBe(bytes);
    }
  });

  it("goes on when its folder is lost", async () => {
    const cache = await openDecodedCache(file("lost"));
    rmSync(cache.folder, { recursive: true });
    writeFileSync(cache.folder, "");
    expect(await loadAll({ cache })).toEqual(await loadAll());
    expect([cache.failed[0], cache.bytes[0]]).toEqual([1, 0n]);
  });

  it("grows no further than it may, also when it is opened again", async () => {
    const limit = { maxBytes: 4 * entryBytes + 1 };
    const cache = await openDecodedCache(file("limited"), limit);
    const plain = await loadAll({ cache, workers: 2 });
    expect(entriesOf(cache)).toHaveLength(4);
    const again = await openDecodedCache(file("limited"), limit);
    expect(again.bytes[0]).toBe(BigInt(4 * entryBytes));
    expect(await loadAll({ cache: again })).toEqual(plain);
    expect(entriesOf(cache)).toHaveLength(4);
    const larger = await openDecodedCache(file("limited"), { maxBytes: 6 * entryBytes });
    await loadAll({ cache: larger });
    expect(entriesOf(cache)).toHaveLength(6);
  });

  it("can be filled by many at the same time", async () => {
    const caches = await Promise.all(Array.from({ length: 4 }, () => openDecodedCache(file("shared"))));
    const loaded = await Promise.all(caches.map((cache, i) => loadAll({ cache, workers: i % 3 })));
    const plain = await loadAll();
    for (const each of loaded) expect(each).toEqual(plain);
    expect(entriesOf(caches[0]).filter((name) => name.endsWith(".partial"))).toEqual([]);
    expect(entriesOf(caches[0])).toHaveLength(6);
  });

  it("refuses a limit that cannot be, and a folder that is a file", async () => {
    expect(await rejectionOf(openDecodedCache(file("none"), { maxBytes: -1 }))).toEqual(
      new RangeError("openDecodedCache: expected `maxBytes` to be an integer >= 0, got -1"),
    );
    expect(await rejectionOf(openDecodedCache(paths[0]))).toMatchObject({ code: "EEXIST" });
  });
});
