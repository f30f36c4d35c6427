import { expandQueries, expandQueriesRepeatedly, expandQueriesWithDecay, type Matrix } from "@lmk/rerank";
import { describe, expect, it, vi } from "vitest";
import { matrixFrom, neighborsFrom, randomUnitRows, search } from "./fixtures.ts";

describe("expandQueriesRepeatedly", () => {
  const q = randomUnitRows(1, 4, 8);
  const x = randomUnitRows(2, 40, 8);
  const find = (queries: Matrix) => search(queries, x, 10);

  it("expands what it expanded, in the example of its documentation", async () => {
    const found = neighborsFrom([[0]]);
    const { data } = await expandQueriesRepeatedly(matrixFrom([[1, 0]]), matrixFrom([[0, 1]]), () => found, {
      passes: 2,
      expand: (queries, database, lists) =>
        expandQueriesWithDecay(queries, database, lists, { neighborCount: 1 }),
    });
    const once = [2 / Math.sqrt(5), 1 / Math.sqrt(5) + 0.5];
    expect(data[0]).toBeCloseTo(once[0]! / Math.hypot(...once), 6);
    expect(data[1]).toBeCloseTo(once[1]! / Math.hypot(...once), 6);
  });

  it("searches with the expanded queries, and expands these or the first ones", async () => {
    const expand = (queries: Matrix) => expandQueries(queries, x, find(queries), { neighborCount: 4 });
    const options = {
      passes: 3,
      expand: (queries: Matrix, database: Matrix, lists: ReturnType<typeof find>) =>
        expandQueries(queries, database, lists, { neighborCount: 4 }),
    };
    const iterated = await expandQueriesRepeatedly(q, x, find, options);
    expect(iterated).toEqual(expand(expand(expand(q))));
    expect(await expandQueriesRepeatedly(q, x, find, { ...options, base: "previous" })).toEqual(iterated);
    const twice = await expandQueriesRepeatedly(q, x, find, { ...options, passes: 2, base: "first" });
    expect(twice).toEqual(expandQueries(q, x, find(expand(q)), { neighborCount: 4 }));
  });

  it("expands as expandQueries does unless told otherwise, with any search", async () => {
    const expected = expandQueries(q, x, find(q));
    expect(await expandQueriesRepeatedly(q, x, find, { passes: 1 })).toEqual(expected);
    const later = async (queries: Matrix) => find(queries);
    expect(await expandQueriesRepeatedly(q, x, later, { passes: 1 })).toEqual(expected);
  });

  it("does not search in the first pass where its neighbors are given", async () => {
    const searching = vi.fn(find);
    for (const base of ["previous", "first"] as const) {
      searching.mockClear();
      const given = await expandQueriesRepeatedly(q, x, searching, { passes: 3, base, neighbors: find(q) });
      expect(searching).toHaveBeenCalledTimes(2);
      expect(given).toEqual(await expandQueriesRepeatedly(q, x, find, { passes: 3, base }));
    }
    searching.mockClear();
    const other = search(randomUnitRows(3, 4, 8), x, 10);
    const once = await expandQueriesRepeatedly(q, x, searching, { passes: 1, neighbors: other });
    expect(searching).not.toHaveBeenCalled();
    expect(once).toEqual(expandQueries(q, x, other));
  });

  it("counts passes and ends between two of them", async () => {
    const controller = new AbortController();
    const told: string[] = [];
    const reason = new Error("enough");
    const running = expandQueriesRepeatedly(q, x, find, {
      passes: 5,
      signal: controller.signal,
      onProgress: ({ stage, done, total }) => {
        told.push(`${stage} ${done}/${total}`);
        if (done === 2) controller.abort(reason);
      },
    });
    await expect(running).rejects.toBe(reason);
    expect(told).toEqual(["expand repeatedly 1/5", "expand repeatedly 2/5"]);
  });

  it("hands the signal to the expansion that it takes by itself", async () => {
    const { signal } = new AbortController();
    const listen = vi.spyOn(signal, "addEventListener");
    const expected = expandQueries(q, x, find(q));
    expect(await expandQueriesRepeatedly(q, x, find, { passes: 1, signal })).toEqual(expected);
    expect(listen.mock.calls.some(([event]) => event === "abort")).toBe(true);
  });

  it("refuses what does not fit", async () => {
    await expect(expandQueriesRepeatedly(q, x, find, { passes: 0 })).rejects.toThrow(
      new RangeError("expandQueriesRepeatedly: expected `passes` to be a positive integer, got 0"),
    );
    await expect(expandQueriesRepeatedly(q, x, find, { passes: 1, base: "last" as "first" })).rejects.toThrow(
      new RangeError('expandQueriesRepeatedly: expected `base` to be "previous" or "first", got "last"'),
    );
  });
});
