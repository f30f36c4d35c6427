import { fileURLToPath } from "node:url";
import {
  createThreadPool,
  expandQueries,
  expandQueriesAsync,
  rerankBySuperGlobal,
  rerankBySuperGlobalAsync,
  type ThreadPool,
} from "@lmk/rerank";
import { countInliers, countInliersAsync } from "@lmk/rerank/geometry";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { overRows, type RowTask } from "../src/threads/method.ts";
import type { ThreadProgram } from "../src/threads/program.ts";
import { runMethodAsync } from "../src/threads/run-method-async.ts";
import { randomUnitRows, search } from "./fixtures.ts";

const database = randomUnitRows(1, 1200, 24);
const queries = randomUnitRows(2, 40, 24);
const neighbors = search(queries, database, 50);

let threads: ThreadPool;
let program: ThreadProgram;

beforeAll(async () => {
  threads = await createThreadPool({ threads: 2 });
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("failing-worker.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
  });
  const source = outputFiles[0]!.text;
  program = { load: async () => ({ source }) };
});

afterAll(() => threads.dispose());

interface Flagged {
  readonly flag: Int32Array;
}

/** Tasks of failing-worker.ts by their name, as the calling thread knows them. */
function namedTask<Part>(name: string): RowTask<Flagged, Part> {
  return {
    name,
    run: () => {
      throw new Error("not on the calling thread");
    },
  };
}

function* partsOf<Part>(name: string, flag: Int32Array, rows: number) {
  return yield* overRows(namedTask<Part>(name), { flag }, rows);
}

/** Runs a task of failing-worker.ts. */
function run<Part>(
  name: string,
  flag: Int32Array,
  rows: number,
  options: { readonly threads: ThreadPool; readonly signal?: AbortSignal; readonly program?: ThreadProgram },
): Promise<Part[]> {
  return runMethodAsync("run", partsOf<Part>(name, flag, rows), options, options.program ?? program);
}

async function numbersOf(pool: ThreadPool, rows: number): Promise<number[]> {
  const parts = await run<Int32Array>("number rows", Int32Array.of(-1, -1), rows, { threads: pool });
  return parts.flatMap((part) => [...part]);
}

function sharedFlags(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8) as unknown as ArrayBuffer);
}

/** Until that many rows are begun. */
async function begun(flag: Int32Array, rows: number): Promise<void> {
  while (Atomics.load(flag, 0) < rows) await new Promise((resolve) => setTimeout(resolve, 1));
}

function release(flag: Int32Array): void {
  Atomics.store(flag, 1, 1);
  Atomics.notify(flag, 1);
}

describe("createThreadPool", () => {
  it.each([0, -1, 1.5, Number.NaN])("refuses %d threads", async (count) => {
    await expect(createThreadPool({ threads: count })).rejects.toThrow(
      new RangeError(`createThreadPool: expected \`threads\` to be a positive integer, got ${count}`),
    );
  });

  it("has from 1 to 8 threads if it is not told", async () => {
    const pool = await createThreadPool();
    expect(pool.size).toBeGreaterThanOrEqual(1);
    expect(pool.size).toBeLessThanOrEqual(8);
    pool.dispose();
  });

  it("serves calls one after another and at the same time, of either entry", async () => {
    const expanded = expandQueries(queries, database, neighbors);
    const reranked = rerankBySuperGlobal(queries, database, neighbors);
    const features = {
      locations: Float32Array.from({ length: 48 }, (_, i) => (i * 37) % 101),
      descriptors: randomUnitRows(5, 24, 8),
      starts: Uint32Array.of(0, 24),
    };
    const one = { ids: Int32Array.of(0), scores: Float32Array.of(1), rows: 1, k: 1 };
    const counted = countInliers(features, features, one);
    for (let round = 0; round < 2; round++) {
      const calls = Array.from({ length: 3 }, () => [
        expandQueriesAsync(queries, database, neighbors, { threads }),
        rerankBySuperGlobalAsync(queries, database, neighbors, { threads }),
        countInliersAsync(features, features, one, { threads }),
      ]);
      for (const results of await Promise.all(calls.map((call) => Promise.all(call)))) {
        expect(results).toEqual([expanded, reranked, counted]);
      }
    }
  });

  it("gives the parts in the order of rows", async () => {
    for (const rows of [0, 1, 2, 31, 32, 33, 1000]) {
      expect(await numbersOf(threads, rows)).toEqual(Array.from({ length: rows }, (_, i) => i));
    }
  });
});

describe("a pool that is aborted or fails", () => {
  it("rejects an aborted call while its threads work, and goes on with others", async () => {
    const flag = sharedFlags();
    const controller = new AbortController();
    const call = run("wait", flag, 100, { threads, signal: controller.signal });
    // A piece of three rows in each of the two threads.
    await begun(flag, 6);
    const other = numbersOf(threads, 50);
    controller.abort("enough");
    await expect(call).rejects.toBe("enough");
    const rows = Atomics.load(flag, 0);
    release(flag);
    expect(await other).toEqual(Array.from({ length: 50 }, (_, i) => i));
    // No further piece of the aborted call was begun.
    expect(Atomics.load(flag, 0)).toBe(rows);
  });

  it("rejects with what a task throws, and goes on with others", async () => {
    const failing = run("number rows", Int32Array.of(70, -1), 100, { threads });
    const other = numbersOf(threads, 100);
    await expect(failing).rejects.toThrow(new RangeError("row 70 is not to be numbered"));
    expect(await other).toHaveLength(100);
    await expect(run("give a function", sharedFlags(), 3, { threads })).rejects.toThrow(
      "could not be cloned",
    );
    expect(await numbersOf(threads, 10)).toHaveLength(10);
  });

  it("rejects if a thread ends by itself, and starts new ones for the next call", async () => {
    const pool = await createThreadPool({ threads: 2 });
    for (let round = 0; round < 2; round++) {
      const failing = run("number rows", Int32Array.of(-1, 99), 100, { threads: pool });
      await expect(failing).rejects.toThrow(new Error("a worker thread ended with exit code 0"));
      expect(await numbersOf(pool, 100)).toHaveLength(100);
    }
    pool.dispose();
  });

  it("rejects if the program cannot be loaded, and tries again for the next call", async () => {
    const pool = await createThreadPool({ threads: 1 });
    let loads = 0;
    const unreliable: ThreadProgram = {
      load: async () => {
        loads += 1;
        if (loads === 1) throw new Error("offline");
        return program.load();
      },
    };
    const flag = Int32Array.of(-1, -1);
    const options = { threads: pool, program: unreliable };
    await expect(run("number rows", flag, 4, options)).rejects.toThrow(new Error("offline"));
    const parts = await run<Int32Array>("number rows", flag, 4, options);
    expect(parts.flatMap((part) => [...part])).toEqual([0, 1, 2, 3]);
    expect(loads).toBe(2);
    pool.dispose();
  });
});

describe("a pool that is disposed of", () => {
  const over = new Error("the threads were disposed of");

  it("rejects the calls that use it, and those that come later", async () => {
    const pool = await createThreadPool({ threads: 2 });
    const flag = sharedFlags();
    const call = run("wait", flag, 100, { threads: pool });
    await begun(flag, 2);
    pool.dispose();
    await expect(call).rejects.toThrow(over);
    await expect(expandQueriesAsync(queries, database, neighbors, { threads: pool })).rejects.toThrow(over);
    pool.dispose();
  });

  it("rejects a call whose threads are about to start", async () => {
    const pool = await createThreadPool({ threads: 1 });
    const call = numbersOf(pool, 10);
    pool.dispose();
    await expect(call).rejects.toThrow(over);
  });

  it("has nothing to end where the program could not be loaded", async () => {
    const pool = await createThreadPool({ threads: 1 });
    const missing: ThreadProgram = { load: () => Promise.reject(new Error("offline")) };
    const call = run("wait", sharedFlags(), 4, { threads: pool, program: missing });
    pool.dispose();
    await expect(call).rejects.toThrow(new Error("offline"));
  });
});
