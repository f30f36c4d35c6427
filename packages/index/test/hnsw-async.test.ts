import { createHnswIndex, type Progress } from "@lmk/index/hnsw";
import { expect, it } from "vitest";
import { clusteredMatrix, randomMatrix, slice } from "./fixtures.ts";
import { describeLibraries } from "./hnsw-libraries.ts";

const database = clusteredMatrix(1, 8000, 128, 80);

/** The longest time, in milliseconds, that a timer of 2 ms was kept waiting while something ran. */
async function longestStall(run: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 2);
  await run();
  look();
  clearInterval(timer);
  return longest;
}

describeLibraries("other work", (library) => {
  it("goes on while rows are added and searched for", async () => {
    const index = await createHnswIndex({ dimension: 128, library });
    const started = performance.now();
    // Some milliseconds on an idle machine. In the calling thread all of the time would be one stall.
    const stall = await longestStall(() => index.add(database));
    expect(performance.now() - started).toBeGreaterThan(2 * 200);
    expect(stall).toBeLessThan(200);
    const filter = (id: number) => id % 3 === 0;
    const queries = slice(database, 0, 2000);
    const searching = () => index.search(queries, { k: 20, filter, rescore: { vectors: database } });
    expect(await longestStall(searching)).toBeLessThan(200);
    await index.dispose();
  });

  it("tells how far it is, in order, and that it is done", async () => {
    const index = await createHnswIndex({ dimension: 128, library, efConstruction: 40 });
    const told: Progress[] = [];
    await index.add(database, { onProgress: (progress) => told.push(progress) });
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(-1)).toEqual({ done: 8000, total: 8000 });
    expect(told.every(({ done }, i) => i === 0 || done > told[i - 1]!.done)).toBe(true);
    const searched: Progress[] = [];
    await index.search(slice(database, 0, 10), { k: 1, onProgress: (progress) => searched.push(progress) });
    expect(searched.at(-1)).toEqual({ done: 10, total: 10 });
    await index.dispose();
  });

  it("sees rows that are in while others are added", async () => {
    const index = await createHnswIndex({ dimension: 128, library });
    let searched: Promise<{ readonly ids: Int32Array }> | undefined;
    let isAdding = true;
    let wasAdding = false;
    const onProgress = () => {
      searched ??= index.search(slice(database, 0, 1), { k: 1 });
      void searched.then(() => {
        wasAdding ||= isAdding;
      });
    };
    await index.add(slice(database, 0, 3000), { onProgress });
    isAdding = false;
    expect([...(await searched!).ids]).toEqual([0]);
    expect(wasAdding).toBe(true);
    await index.dispose();
  });

  it("ends an addition early, keeps what is in, and goes on after it", async () => {
    const index = await createHnswIndex({ dimension: 128, library });
    const controller = new AbortController();
    const reason = new Error("enough");
    let aborted = 0;
    const onProgress = ({ done }: Progress) => {
      if (aborted > 0 || done === 0) return;
      aborted = performance.now();
      controller.abort(reason);
    };
    const adding = index.add(database, { signal: controller.signal, onProgress });
    await expect(adding).rejects.toBe(reason);
    expect(performance.now() - aborted).toBeLessThan(100);
    const later = randomMatrix(9, 10, 128);
    await index.add(later, { ids: Int32Array.from({ length: 10 }, (_, i) => 8000 + i) });
    expect(index.rows).toBeGreaterThan(10);
    expect(index.rows).toBeLessThan(8010);
    const found = await index.search(later, { k: 1 });
    expect([...found.ids]).toEqual(Array.from({ length: 10 }, (_, i) => 8000 + i));
    const first = await index.search(slice(database, 0, 1), { k: 1 });
    expect([...first.ids]).toEqual([0]);
    await index.dispose();
  });

  it("ends searches and compactions early, and does not begin what is ended already", async () => {
    const index = await createHnswIndex({ dimension: 128, library, efConstruction: 40 });
    const part = slice(database, 0, 3000);
    await index.add(part);
    const controller = new AbortController();
    const { signal } = controller;
    const searching = index.search(part, { k: 50, ef: 500, signal });
    const compacting = index.compact({ vectors: part, signal });
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 10);
    await Promise.all([
      expect(searching).rejects.toBe(reason),
      expect(compacting).rejects.toBe(reason),
      expect(index.add(part, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason),
    ]);
    expect([...(await index.search(slice(part, 7, 8), { k: 1 })).ids]).toEqual([7]);
    expect(index.rows).toBe(3000);
    await index.dispose();
  });
});
