import "@tensorflow/tfjs-backend-cpu";
import { setTimeout as pause } from "node:timers/promises";
import { createEmbedder, type Embedder, type EmbedderOptions, type ImageSource } from "@lmk/models/embedder";
import { squash } from "@lmk/models/images";
import * as tf from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { colors, fakeCompile, ownSize, painted, plain } from "./embedder-models.ts";

const weights = colors.initialize({ seed: 0 });
const red = painted([255, 0, 0]);
const never = new Promise<never>(() => undefined);
const unhandled: unknown[] = [];
const remember = (reason: unknown) => unhandled.push(reason);

beforeAll(async () => {
  await tf.setBackend("cpu");
  process.on("unhandledRejection", remember);
});
afterEach(async () => {
  await pause(5);
  expect(unhandled.splice(0)).toEqual([]);
});
afterAll(() => {
  process.off("unhandledRejection", remember);
});

function create(options: Partial<EmbedderOptions> = {}): Promise<Embedder> {
  return createEmbedder({ model: colors, weights, preprocessing: plain(2), normalize: false, ...options });
}

async function rowsOfBatches(embedder: Embedder, images: Iterable<ImageSource>): Promise<number[][]> {
  const rows: number[][] = [];
  for await (const batch of embedder.embed(images)) rows.push([...batch.rows]);
  return rows;
}

/** How long until a promise is rejected with a reason, in milliseconds. */
async function timeToReject(promise: Promise<unknown>, reason: unknown): Promise<number> {
  const start = performance.now();
  await expect(promise).rejects.toBe(reason);
  return performance.now() - start;
}

describe("embed", () => {
  it("gives full batches and a short last one", async () => {
    const embedder = await create({ batchSize: 3 });
    expect(await rowsOfBatches(embedder, new Array(7).fill(red))).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  });

  it("puts images of one size together, and tells progress and failures", async () => {
    const embedder = await create({ batchSize: 2, preprocessing: ownSize });
    const wide = painted([0, 0, 255], 7, 1);
    const seen: (number | number[])[] = [];
    const onProgress = (done: number) => seen.push(done);
    for await (const { rows, failures } of embedder.embed([red, wide, "no.jpg", red, red, wide], {
      onProgress,
    })) {
      seen.push([...rows], failures.length);
    }
    expect(seen).toEqual([3, [0, 3], 1, 5, [1, 5], 0, 6, [4], 0]);
  });

  it("lets the oldest size go when many wait", async () => {
    const embedder = await create({ batchSize: 2, preprocessing: ownSize });
    const sizes = Array.from({ length: 18 }, (_, i) => painted([255, 0, 0], i + 1, 1));
    const batches = await rowsOfBatches(embedder, sizes);
    expect(batches.slice(0, 3)).toEqual([[0], [1], [2]]);
    const { rows } = await embedder.embedAll(sizes);
    expect([...rows]).toEqual(sizes.map((_, i) => i));
  });

  it("takes streams, and ends them", async () => {
    const embedder = await create({ batchSize: 2 });
    const steps: string[] = [];
    async function* stream(): AsyncGenerator<ImageSource> {
      try {
        for (let i = 0; i < 5; i++) {
          await pause(1);
          yield red;
        }
      } finally {
        steps.push("ended");
      }
    }
    expect((await embedder.embedAll(stream())).embeddings.rows).toBe(5);
    expect(steps).toEqual(["ended"]);
    for await (const { rows } of embedder.embed(stream())) {
      expect([...rows]).toEqual([0, 1]);
      break;
    }
    await pause(20);
    expect(steps).toEqual(["ended", "ended"]);
  });

  it("gives a batch as soon as it is full, though the stream pauses", async () => {
    const embedder = await create({ batchSize: 2 });
    async function* stream(): AsyncGenerator<ImageSource> {
      yield red;
      yield red;
      await never;
    }
    const batches = embedder.embed(stream());
    const { value } = await batches.next();
    expect([...value!.rows]).toEqual([0, 1]);
  });

  it("throws what the stream throws", async () => {
    const embedder = await create({ batchSize: 4 });
    const failure = new Error("the disk is gone");
    async function* stream(): AsyncGenerator<ImageSource> {
      yield red;
      yield "missing.jpg";
      throw failure;
    }
    await expect(embedder.embedAll(stream())).rejects.toBe(failure);
    function* list(): Generator<ImageSource> {
      yield red;
      throw failure;
    }
    await expect(embedder.embedAll(list())).rejects.toBe(failure);
    expect((await embedder.embedAll([red])).embeddings.rows).toBe(1);
  });

  it("reads no further ahead than it is told, and not while nobody takes batches", async () => {
    const embedder = await create({ batchSize: 2, concurrency: 4 });
    let pulled = 0;
    function* list(): Generator<ImageSource> {
      for (;;) {
        pulled++;
        yield red;
      }
    }
    const batches = embedder.embed(list());
    for (let batch = 1; batch <= 50; batch++) {
      await batches.next();
      await pause(1);
      expect(pulled).toBeLessThanOrEqual(2 * batch + 5);
    }
    await batches.return();
    const last = pulled;
    await pause(5);
    expect(pulled).toBe(last);
  });

  it("works in constant memory", async () => {
    const embedder = await create({ preprocessing: plain(128), batchSize: 4 });
    const photo = painted([10, 20, 30], 300, 200);
    const used = () => process.memoryUsage().arrayBuffers;
    const before = used();
    let largest = 0;
    for await (const _ of embedder.embed(new Array(1000).fill(photo))) {
      largest = Math.max(largest, used() - before);
      expect(tf.memory().numTensors).toBeLessThan(20);
    }
    // All inputs together would be 1000 × 128 × 128 × 3 × 4 bytes, 197 MB.
    expect(largest).toBeLessThan(100e6);
  });

  it("runs several lists at once", async () => {
    const embedder = await create({ batchSize: 2, compile: fakeCompile({ events: [] }) });
    const lists = [1, 2, 3].map((blue) => new Array<ImageSource>(5).fill(painted([0, 0, 51 * blue])));
    const results = await Promise.all(lists.map((list) => embedder.embedAll(list)));
    results.forEach(({ embeddings }, i) => {
      expect(embeddings.rows).toBe(5);
      expect(embeddings.data[14]).toBeCloseTo(0.2 * (i + 1), 6);
    });
  });

  it("throws what the network throws", async () => {
    const failure = new Error("out of memory");
    const embedder = await create({ compile: () => Promise.reject(failure) });
    await expect(embedder.embedAll([red, red])).rejects.toBe(failure);
    await embedder.dispose();
  });
});

describe("signal", () => {
  const reason = new Error("enough");

  it("that is aborted already lets nothing begin", async () => {
    const embedder = await create();
    let pulled = 0;
    function* list(): Generator<ImageSource> {
      pulled++;
      yield red;
    }
    await expect(embedder.embedAll(list(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(pulled).toBe(0);
  });

  it("ends the wait for a stream", async () => {
    const embedder = await create();
    const controller = new AbortController();
    async function* stream(): AsyncGenerator<ImageSource> {
      yield red;
      await never;
    }
    const running = embedder.embedAll(stream(), { signal: controller.signal });
    await pause(10);
    controller.abort(reason);
    expect(await timeToReject(running, reason)).toBeLessThan(100);
  });

  it("ends the wait for the network", async () => {
    const compile = async () => ({ run: () => pause(300, {}), dispose: async () => undefined });
    const embedder = await create({ compile });
    const controller = new AbortController();
    const running = embedder.embedAll([red], { signal: controller.signal });
    await pause(20);
    controller.abort(reason);
    expect(await timeToReject(running, reason)).toBeLessThan(100);
    await pause(350);
  });

  it("ends an endless list of pixels", async () => {
    const embedder = await create({ batchSize: 2 });
    function* list(): Generator<ImageSource> {
      for (;;) yield red;
    }
    const start = performance.now();
    await expect(embedder.embedAll(list(), { signal: AbortSignal.timeout(50) })).rejects.toThrow(
      "The operation was aborted due to timeout",
    );
    expect(performance.now() - start).toBeLessThan(150);
  });

  it("ends a run of files, and leaves the embedder in use", async () => {
    const create600 = { width: 600, height: 400, channels: 3, background: "red" } as const;
    const photo = await sharp({ create: create600 }).jpeg().toBuffer();
    const embedder = await create({
      preprocessing: { ...plain(8), geometry: squash({ width: 8, height: 8 }) },
    });
    const controller = new AbortController();
    const batches = embedder.embed(new Array(200).fill(photo), { signal: controller.signal });
    await batches.next();
    controller.abort(reason);
    expect(await timeToReject(batches.next(), reason)).toBeLessThan(100);
    expect(await batches.next()).toEqual({ value: undefined, done: true });
    expect((await embedder.embedAll([photo])).embeddings.rows).toBe(1);
  });

  it("keeps no listener", async () => {
    const embedder = await create({ batchSize: 2 });
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    await embedder.embedAll(new Array(20).fill(red), { signal });
    expect(listeners).toBe(0);
  });
});
