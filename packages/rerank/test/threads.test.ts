import { execFileSync } from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import { fileURLToPath } from "node:url";
import workerThreads, { type Worker } from "node:worker_threads";
import {
  expandQueries,
  expandQueriesAsync,
  type Matrix,
  type Neighbors,
  type Progress,
  rerankByKReciprocal,
  rerankByKReciprocalAsync,
  rerankBySuperGlobal,
  rerankBySuperGlobalAsync,
} from "@lmk/rerank";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { overRows, type RowTask } from "../src/threads/method.ts";
import { runMethodAsync } from "../src/threads/run-method-async.ts";
import { randomUnitRows, search } from "./fixtures.ts";
import { poolOf } from "./pools.ts";
import { createRandom } from "./random.ts";

/** Threads that were started, with what ends when they do. */
const started: { readonly worker: Worker; readonly ended: Promise<unknown> }[] = [];

/** From which thread on starting one fails. */
let limit = Infinity;
const Native = workerThreads.Worker;

beforeEach(() => {
  started.length = 0;
  limit = Infinity;
  workerThreads.Worker = class extends Native {
    constructor(...given: ConstructorParameters<typeof Native>) {
      if (started.length >= limit) throw new Error("no more threads");
      super(...given);
      started.push({ worker: this, ended: new Promise((resolve) => this.once("exit", resolve)) });
    }
  };
  syncBuiltinESMExports();
});

afterEach(() => {
  workerThreads.Worker = Native;
  syncBuiltinESMExports();
});

/** Of more than 64 KB, so that threads share it. */
const database = randomUnitRows(1, 1200, 24);
const queries = randomUnitRows(2, 40, 24);
const neighbors = randomNeighbors(3, queries.rows, database.rows, 50);

function randomNeighbors(seed: number, rows: number, databaseRows: number, k: number): Neighbors {
  const random = createRandom(seed);
  const ids = Int32Array.from({ length: rows * k }, () => Math.floor(random() * databaseRows));
  return { ids, scores: Float32Array.from(ids, (_, i) => 1 - (i % k) / k), rows, k };
}

const pool = poolOf(randomUnitRows(4, 700, 6), 30, { k: 40, depth: 60 });

/** The same rows inside a larger buffer. */
function inLarger({ data, rows, columns }: Matrix): Matrix {
  const larger = new Float32Array(data.length + 100).fill(Number.NaN);
  larger.set(data, 60);
  return { data: larger.subarray(60, 60 + data.length), rows, columns };
}

/** The same rows in shared memory. */
function inShared({ data, rows, columns }: Matrix): Matrix {
  const shared = new Float32Array(new SharedArrayBuffer(data.byteLength) as unknown as ArrayBuffer);
  shared.set(data);
  return { data: shared, rows, columns };
}

describe("calls with threads", () => {
  it.each([0, 1, 2, 3])("give the bits of the calling thread with %i", async (threads) => {
    expect(await expandQueriesAsync(queries, database, neighbors, { threads })).toEqual(
      expandQueries(queries, database, neighbors),
    );
    expect(await rerankBySuperGlobalAsync(queries, database, neighbors, { threads })).toEqual(
      rerankBySuperGlobal(queries, database, neighbors),
    );
    // Five stages, each of which reads what those before it gave, in arrays large enough to be shared.
    const { leastSimilarities, rows: embeddings } = pool;
    const distance = { kind: "squared-euclidean", leastSimilarities } as const;
    expect(pool.graph.ids.byteLength).toBeGreaterThan(100_000);
    expect(
      await rerankByKReciprocalAsync(pool.neighbors, pool.graph, { distance, embeddings, threads }),
    ).toEqual(rerankByKReciprocal(pool.neighbors, pool.graph, { distance, embeddings }));
  });

  it("start as many threads as they are told and end all of them", async () => {
    await expandQueriesAsync(queries, database, neighbors, { threads: 3 });
    expect(started).toHaveLength(3);
    await Promise.all(started.map(({ ended }) => ended));
  });

  it("start at most 8 threads if they are not told, and none for no work or bad arguments", async () => {
    await expandQueriesAsync(queries, database, neighbors);
    expect(started.length).toBeGreaterThan(0);
    expect(started.length).toBeLessThanOrEqual(8);
    started.length = 0;
    await expandQueriesAsync(queries, database, neighbors, { threads: 0 });
    const refused = expandQueriesAsync(queries, database, neighbors, { threads: 2, neighborCount: 0 });
    await expect(refused).rejects.toThrow(
      new RangeError("expandQueriesAsync: expected `neighborCount` to be a positive integer, got 0"),
    );
    expect(started).toHaveLength(0);
  });

  it.each([-1, 1.5, Number.NaN, "2", null, { size: 2, dispose: () => undefined }])(
    "refuse %j threads",
    async (threads) => {
      const call = expandQueriesAsync(queries, database, neighbors, { threads: threads as number });
      await expect(call).rejects.toThrow(
        new RangeError(
          `expandQueriesAsync: expected \`threads\` to be a count or a pool of createThreadPool, got ${threads}`,
        ),
      );
    },
  );

  it.each([0, 1, 2])(
    "read views of larger and of shared memory, and leave all as it is: %i",
    async (threads) => {
      const larger = { queries: inLarger(queries), database: inLarger(database) };
      const shared = { queries: inShared(queries), database: inShared(database) };
      const expected = rerankBySuperGlobal(queries, database, neighbors);
      const before = structuredClone({ queries, database, neighbors });
      for (const given of [{ queries, database }, larger, shared]) {
        expect(await rerankBySuperGlobalAsync(given.queries, given.database, neighbors, { threads })).toEqual(
          expected,
        );
      }
      expect({ queries, database, neighbors }).toEqual(before);
      expect(larger.database.data.buffer.byteLength).toBe(database.data.byteLength + 400);
      expect(larger.queries.data).toEqual(queries.data);
      expect(shared.database.data).toEqual(database.data);
    },
  );

  it.each([0, 2])("take no queries, and fewer than threads: %i", async (threads) => {
    const empty = { data: new Float32Array(0), rows: 0, columns: 24 };
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 50 };
    expect(await expandQueriesAsync(empty, database, none, { threads })).toEqual(empty);
    const one = { data: queries.data.slice(0, 24), rows: 1, columns: 24 };
    const first = search(one, database, 50);
    expect(await expandQueriesAsync(one, database, first, { threads })).toEqual(
      expandQueries(one, database, first),
    );
  });

  it.each([0, 1, 2])("tell of each stage, in order, and of its end: %i", async (threads) => {
    const told: Progress[] = [];
    const onProgress = (progress: Progress) => told.push(progress);
    await expandQueriesAsync(queries, database, neighbors, { threads, onProgress });
    const ends = told.filter(({ done, total }) => done === total);
    expect(ends.map(({ total }) => total)).toEqual([40, 1200, 40]);
    const stages = [...new Set(told.map(({ stage }) => stage))];
    expect(stages).toHaveLength(2);
    for (const [i, progress] of told.entries()) {
      expect(progress.done).toBeLessThanOrEqual(progress.total);
      const next = told[i + 1];
      if (next === undefined || progress.done === progress.total) continue;
      expect(next.stage).toBe(progress.stage);
      expect(next.done).toBeGreaterThan(progress.done);
    }
  });

  it.each([0, 1, 2])("reject with what `onProgress` throws: %i", async (threads) => {
    const error = new Error("of the caller");
    const onProgress = () => {
      throw error;
    };
    await expect(expandQueriesAsync(queries, database, neighbors, { threads, onProgress })).rejects.toBe(
      error,
    );
    await Promise.all(started.map(({ ended }) => ended));
  });
});

describe("aborting", () => {
  it.each([0, 2])("rejects before anything is done: %i", async (threads) => {
    const reason = new Error("changed my mind");
    const call = expandQueriesAsync(queries, database, neighbors, {
      threads,
      signal: AbortSignal.abort(reason),
      // Refused, were it looked at.
      neighborCount: -1,
    });
    await expect(call).rejects.toBe(reason);
    expect(started).toHaveLength(0);
  });

  it("rejects while threads start, and ends them", async () => {
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const told: Progress[] = [];
    const call = expandQueriesAsync(queries, database, neighbors, {
      threads: 2,
      signal: controller.signal,
      onProgress: (progress) => told.push(progress),
    });
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    // What was under way when the call ended comes to its end as well.
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(started.map(({ ended }) => ended));
    expect(told).toEqual([]);
  });

  it.each([0, 1, 2])("rejects between two stages: %i", async (threads) => {
    const controller = new AbortController();
    const told: Progress[] = [];
    const call = expandQueriesAsync(queries, database, neighbors, {
      threads,
      signal: controller.signal,
      onProgress: (progress) => {
        told.push(progress);
        if (progress.done === progress.total) controller.abort("enough");
      },
    });
    await expect(call).rejects.toBe("enough");
    expect(told.filter(({ done, total }) => done === total)).toHaveLength(1);
    await Promise.all(started.map(({ ended }) => ended));
  });

  it.each([0, 1, 2])("rejects after the last stage too: %i", async (threads) => {
    const controller = new AbortController();
    let ends = 0;
    const call = expandQueriesAsync(queries, database, neighbors, {
      threads,
      signal: controller.signal,
      onProgress: ({ done, total }) => {
        if (done === total && ++ends === 3) controller.abort("late");
      },
    });
    await expect(call).rejects.toBe("late");
  });

  it("rejects in the middle of a stage on the calling thread, which lets other work go first", async () => {
    const begun: number[] = [];
    const slow: RowTask<object, number> = {
      name: "be slow",
      run: (_, first) => {
        begun.push(first);
        // Longer than the calling thread is kept from other work.
        const until = performance.now() + 30;
        while (performance.now() < until);
        return first;
      },
    };
    const controller = new AbortController();
    setTimeout(() => controller.abort("enough"));
    const call = runMethodAsync("slow", overRows(slow, {}, 10), { threads: 0, signal: controller.signal });
    await expect(call).rejects.toBe("enough");
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(begun).toEqual([0]);
  });

  it("leaves no listener at the signal", async () => {
    let listeners = 0;
    const { signal } = new AbortController();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...given: Parameters<typeof add>) => {
      listeners += 1;
      add(...given);
    };
    signal.removeEventListener = (...given: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...given);
    };
    for (const threads of [0, 2]) await expandQueriesAsync(queries, database, neighbors, { threads, signal });
    expect(listeners).toBe(0);
  });
});

describe("threads that fail", () => {
  it("reject the call if one cannot be started, and end the others", async () => {
    limit = 1;
    const call = expandQueriesAsync(queries, database, neighbors, { threads: 3 });
    await expect(call).rejects.toThrow(new Error("no more threads"));
    expect(started).toHaveLength(1);
    await started[0]!.ended;
  });

  it("reject the call if one ends by itself, and end the others", async () => {
    const call = expandQueriesAsync(queries, database, neighbors, { threads: 2 });
    while (started.length < 2) await new Promise((resolve) => setImmediate(resolve));
    // Before it can have answered.
    void started[1]!.worker.terminate();
    await expect(call).rejects.toThrow(/^a worker thread ended with exit code \d$/);
    await Promise.all(started.map(({ ended }) => ended));
  });
});

it("lets a process end by itself that has a pool and is done", { timeout: 60_000 }, () => {
  const program = `
    import { createThreadPool, expandQueriesAsync } from "@lmk/rerank";
    const queries = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
    const database = { data: Float32Array.of(0, 1, 0.6, 0.8), rows: 2, columns: 2 };
    const neighbors = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.6, 0), rows: 1, k: 2 };
    const threads = await createThreadPool({ threads: 2 });
    const { data } = await expandQueriesAsync(queries, database, neighbors, { neighborCount: 1, threads });
    console.log([...data].map((value) => value.toFixed(4)).join(" "));
  `;
  const flags = ["--conditions=@lmk/source", "--import", "tsx", "--input-type=module", "--eval", program];
  const printed = execFileSync(process.execPath, flags, {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
    timeout: 50_000,
  });
  const expected = expandQueries(
    { data: Float32Array.of(1, 0), rows: 1, columns: 2 },
    { data: Float32Array.of(0, 1, 0.6, 0.8), rows: 2, columns: 2 },
    { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.6, 0), rows: 1, k: 2 },
    { neighborCount: 1 },
  );
  expect(printed.trim()).toBe([...expected.data].map((value) => value.toFixed(4)).join(" "));
});
