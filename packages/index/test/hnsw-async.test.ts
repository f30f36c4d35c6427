import { createHnswIndex, type Progress } from "@lmk/index/hnsw";
import { afterEach, expect, it, vi } from "vitest";
import { clusteredMatrix, randomMatrix, slice } from "./fixtures.ts";
import { describeLibraries } from "./hnsw-libraries.ts";

const database = clusteredMatrix(1, 8000, 128, 80);
const narrow = clusteredMatrix(1, 5120, 16, 80);

afterEach(() => {
  vi.restoreAllMocks();
});

/** A clock that goes on by 100 ms each time it is looked at, so that every part is told of, on any machine. */
function hurryTime(): void {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += 100;
    return now;
  });
}

/** The longest time that a timer of 2 ms was kept waiting while something ran, as a share of the time it ran. */
async function longestStall(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let longest = 0;
  let last = started;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 2);
  await run();
  look();
  clearInterval(timer);
  return longest / (performance.now() - started);
}

describeLibraries("other work", (library) => {
  it("goes on while rows are added and searched for", async () => {
    const index = await createHnswIndex({ dimension: 128, library });
    const before = performance.eventLoopUtilization();
    // In the calling thread all of the time would be one stall.
    expect(await longestStall(() => index.add(database))).toBeLessThan(0.5);
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
    const filter = (id: number) => id % 3 === 0;
    const queries = slice(database, 0, 2000);
    const searching = () => index.search(queries, { k: 20, filter, rescore: { vectors: database } });
    expect(await longestStall(searching)).toBeLessThan(0.5);
    await index.dispose();
  });

  it("tells how far it is, in order, and that it is done", async () => {
    const index = await createHnswIndex({ dimension: 16, library, efConstruction: 40 });
    hurryTime();
    const told: Progress[] = [];
    await index.add(narrow, { onProgress: (progress) => told.push(progress) });
    expect(told).toEqual(Array.from({ length: 20 }, (_, i) => ({ done: 256 * (i + 1), total: 5120 })));
    const searched: Progress[] = [];
    await index.search(slice(narrow, 0, 300), { k: 1, onProgress: (progress) => searched.push(progress) });
    expect(searched).toEqual([
      { done: 256, total: 300 },
      { done: 300, total: 300 },
    ]);
    await index.dispose();
  });

  it("sees rows that are in while others are added", async () => {
    const index = await createHnswIndex({ dimension: 16, library });
    hurryTime();
    let searched: Promise<{ readonly ids: Int32Array }> | undefined;
    let isAdding = true;
    let wasAdding = false;
    const onProgress = () => {
      searched ??= index.search(slice(narrow, 0, 1), { k: 1 });
      void searched.then(() => {
        wasAdding ||= isAdding;
      });
    };
    await index.add(narrow, { onProgress });
    isAdding = false;
    expect([...(await searched!).ids]).toEqual([0]);
    expect(wasAdding).toBe(true);
    await index.dispose();
  });

  it("ends an addition early, keeps what is in, and goes on after it", async () => {
    const index = await createHnswIndex({ dimension: 16, library });
    hurryTime();
    const controller = new AbortController();
    const reason = new Error("enough");
    const onProgress = ({ done }: Progress) => {
      if (done >= 512) controller.abort(reason);
    };
    await expect(index.add(narrow, { signal: controller.signal, onProgress })).rejects.toBe(reason);
    const { rows } = index;
    expect(rows).toBe(512);
    const later = randomMatrix(9, 10, 16);
    await index.add(later, { ids: Int32Array.from({ length: 10 }, (_, i) => 8000 + i) });
    expect(index.rows).toBeGreaterThanOrEqual(512 + 10);
    expect(index.rows).toBeLessThanOrEqual(512 + 512 + 10);
    const found = await index.search(later, { k: 1 });
    expect([...found.ids]).toEqual(Array.from({ length: 10 }, (_, i) => 8000 + i));
    const first = await index.search(slice(narrow, 0, 1), { k: 1 });
    expect([...first.ids]).toEqual([0]);
    await index.dispose();
  });

  it("ends searches and compactions early, and does not begin what is ended already", async () => {
    const index = await createHnswIndex({ dimension: 16, library, efConstruction: 40 });
    const part = slice(narrow, 0, 3000);
    await index.add(part);
    hurryTime();
    const reason = new Error("enough");
    const endAfterOnePart = () => {
      const controller = new AbortController();
      return { signal: controller.signal, onProgress: () => controller.abort(reason) };
    };
    await Promise.all([
      expect(index.search(part, { k: 50, ...endAfterOnePart() })).rejects.toBe(reason),
      expect(index.compact({ vectors: part, ...endAfterOnePart() })).rejects.toBe(reason),
      expect(index.add(part, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason),
    ]);
    expect([...(await index.search(slice(part, 7, 8), { k: 1 })).ids]).toEqual([7]);
    expect(index.rows).toBe(3000);
    await index.dispose();
  });
});
