// A process of its own (vitest.config.ts says why), as it mocks a module.
// @vitest-environment-options { "alone": "batch-workers" }
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Worker } from "node:worker_threads";
import { augmentations, createNames, type ImageBatch, jpegCompression } from "@lmk/data";
import {
  type LoadBatchesOptions,
  type LoadedBatch,
  loadBatches,
  openDecodedCache,
  readImageSizes,
} from "@lmk/data/images";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";
import { gradient, truncated } from "./make-images.ts";
import { dataUrl, transpileSources } from "./source-worker.ts";

const workerFile = vi.hoisted(() => ({ url: new URL("file:///"), asked: 0 }));
vi.mock("../../src/images/worker-file.ts", () => ({
  findWorkerFile: () => {
    workerFile.asked += 1;
    return workerFile.url;
  },
}));

const threads = { started: 0, alive: 0 };
process.on("worker", (worker: Worker) => {
  threads.started += 1;
  threads.alive += 1;
  worker.on("exit", () => {
    threads.alive -= 1;
  });
});

const sources = transpileSources();
const folder = createTemporaryFolder();
const file = (name: string): string => join(folder.path, name);
const paths = [...Array.from({ length: 9 }, (_, i) => file(`${i}.jpg`)), file("cut.jpg"), file("gone.jpg")];
const sizes = [
  { width: 12, height: 8 },
  { width: 8, height: 8 },
];
const batches: readonly ImageBatch[] = Array.from({ length: 9 }, (_, i) => ({
  group: i % 2,
  rows: Int32Array.of(i, 9, (i + 3) % 9, (i + 3) % 9, 10),
  copies: Int32Array.of(0, 0, 0, 1, 0),
}));
const augmentation = [...augmentations.middle, jpegCompression()];
const augment = { augmentation, seed: 5, epoch: 2 };

beforeAll(async () => {
  for (let i = 0; i < 9; i++) await gradient(96, 64, 25 * i).toFile(paths[i]);
  writeFileSync(paths[9], truncated(paths[0], 0.7));
});

beforeEach(() => {
  workerFile.url = sources.worker;
  workerFile.asked = 0;
  threads.started = 0;
});

afterEach(() => {
  expect(threads.alive).toBe(0);
});

async function loadAll(options: Partial<LoadBatchesOptions> = {}): Promise<LoadedBatch[]> {
  const loaded: LoadedBatch[] = [];
  for await (const batch of loadBatches(paths, batches, { sizes, ...options })) loaded.push(batch);
  return loaded;
}

/** What Node writes, and its exit code. */
async function outputOf(flags: readonly string[]): Promise<[string, number]> {
  const child = spawn(process.execPath, flags);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, "close");
  return [output, code];
}

describe("loadBatches with workers", () => {
  it("gives the same batches, whatever their number and the order", async () => {
    const alone = await loadAll({ augment, workers: 0, fill: "repeat" });
    expect(threads.started).toBe(0);
    expect(alone.map(({ failures }) => failures.map(({ kind }) => kind))).toEqual(
      batches.map(() => ["truncated", "missing"]),
    );
    expect(await loadAll({ augment, workers: 1, fill: "repeat" })).toEqual(alone);
    const inAnyOrder = await loadAll({ augment, workers: 3, fill: "repeat", order: "ready" });
    expect(inAnyOrder.toSorted((a, b) => a.position - b.position)).toEqual(alone);
    expect(await loadAll({ augment, workers: 3, fill: "repeat", prefetch: 0 })).toEqual(alone);
    expect(threads.started).toBe(1 + 3 + 3);
  });

  it("starts no thread by default where images are only decoded, and some to augment them if there are cores", async () => {
    await loadAll();
    expect(workerFile.asked).toBe(0);
    const some = availableParallelism() > 2 ? 1 : 0;
    await loadAll({ kernel: "opencv-linear" });
    expect(workerFile.asked).toBe(some);
    await loadAll({ augment });
    expect(workerFile.asked).toBe(2 * some);
  });

  it("has never more batches in work than it is told to", async () => {
    const asked: number[] = [];
    const names = createNames(200, (row) => {
      asked.push(row);
      return paths[row % 9];
    });
    const many = Array.from({ length: 200 }, (_, i) => ({ group: 0, rows: Int32Array.of(i) }));
    for (const order of ["given", "ready"] as const) {
      asked.length = 0;
      const loading = loadBatches(names, many, { sizes, workers: 3, prefetch: 2, order });
      for (let taken = 1; taken <= 20; taken++) {
        await loading.next();
        expect(asked).toHaveLength(taken + 2 + 3 - 1);
      }
      await loading.return();
      expect(asked).toHaveLength(20 + 2 + 3 - 1);
    }
  });

  it("takes back the images of batches that are done with", async () => {
    const kept = await loadAll({ augment, workers: 2, prefetch: 1 });
    const seen: Float32Array[] = [];
    const arrays: Float32Array[] = [];
    const options = { sizes, augment, workers: 2, prefetch: 1, reuseImages: true };
    for await (const { images } of loadBatches(paths, batches, options)) {
      seen.push(images.slice());
      arrays.push(images);
    }
    expect(seen).toEqual(kept.map(({ images }) => images));
    // Batches are cut short by their failures, so that their arrays fit none of the later ones.
    expect(arrays.every(({ length }) => length > 0)).toBe(true);
    const whole = batches.map((_, i) => ({ group: 0, rows: Int32Array.of(i) }));
    const given: Float32Array[] = [];
    for await (const { images } of loadBatches(paths, whole, options)) {
      expect(images).toHaveLength(12 * 8 * 3);
      given.push(images);
    }
    expect(given.filter(({ length }) => length > 0).length).toBeLessThanOrEqual(1 + 1 + 2);
  });

  it("ends its threads when its loop ends early, or it is told to stop", async () => {
    for await (const { position } of loadBatches(paths, batches, { sizes, workers: 2 })) {
      expect(threads.alive).toBe(2);
      if (position === 1) break;
    }
    expect(threads.alive).toBe(0);
    const controller = new AbortController();
    const loading = loadBatches(paths, batches, { sizes, workers: 2, signal: controller.signal });
    await loading.next();
    controller.abort(new RangeError("enough"));
    expect(await rejectionOf(loading.next())).toEqual(new RangeError("enough"));
    expect(threads.alive).toBe(0);
  });

  it("rejects with what ended a thread", async () => {
    workerFile.url = dataUrl("process.exit(7);");
    expect(await rejectionOf(loadAll({ workers: 2 }))).toEqual(
      new RangeError("loadBatches: expected `workers` to go on, got one that ended with code 7"),
    );
    workerFile.url = dataUrl("throw new TypeError('broken');");
    expect(await rejectionOf(loadAll({ workers: 1 }))).toEqual(new TypeError("broken"));
    workerFile.url = dataUrl(`
      import { parentPort } from "node:worker_threads";
      await import(${JSON.stringify(sources.worker)});
      parentPort.on("message", ({ job }) => { if (job?.position === 4) process.exit(3); });
    `);
    expect(await rejectionOf(loadAll({ workers: 1, prefetch: 0 }))).toEqual(
      new RangeError("loadBatches: expected `workers` to go on, got one that ended with code 3"),
    );
  });

  it("passes errors on with their code", async () => {
    const cache = { ...(await openDecodedCache(file("cache"))), folder: 5 as unknown as string };
    for (const workers of [0, 1]) {
      expect(await rejectionOf(loadAll({ workers, cache }))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    }
    const rows = [{ group: 0, rows: Int32Array.of(11) }];
    const missing = loadBatches(paths, rows, { sizes, workers: 1 });
    expect(await rejectionOf(missing.next())).toEqual(
      new RangeError("loadBatches: expected `rows` to be integers from 0 to 10, got 11"),
    );
  });

  it("takes options that have more than it knows", async () => {
    const options = { workers: 1, onBatch: () => undefined };
    expect(await loadAll(options)).toEqual(await loadAll());
  });

  it("loads in a program that is given as a string", async () => {
    const program = `import { loadBatches } from ${JSON.stringify(pathToFileURL(join(sources.folder, "images.js")))};
      const batches = [{ group: 0, rows: Int32Array.of(0) }];
      const options = { sizes: ${JSON.stringify(sizes)}, workers: 1 };
      for await (const { images } of loadBatches(${JSON.stringify(paths)}, batches, options)) console.log(images.length);`;
    expect(await outputOf(["--expose-gc", "--input-type=module", "-e", program])).toEqual(["288\n", 0]);
  });

  it("lets the process end when a loop is dropped before its end", async () => {
    const program = folder.write(
      "program.mjs",
      `import { loadBatches } from ${JSON.stringify(join(sources.folder, "images.js"))};
      let threads = 0;
      process.on("worker", () => { threads += 1; });
      const batches = Array.from({ length: 9 }, () => ({ group: 0, rows: Int32Array.of(0) }));
      const loading = loadBatches(${JSON.stringify(paths)}, batches, { sizes: ${JSON.stringify(sizes)}, workers: 2 });
      await loading.next();
      await loading.next();
      console.log(threads);`,
    );
    expect(await outputOf([program])).toEqual(["2\n", 0]);
  });
});

it("reads sizes without threads", async () => {
  expect((await readImageSizes(paths)).widths[0]).toBe(96);
  expect(threads.started).toBe(0);
});
