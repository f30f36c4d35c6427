import { type ExpansionBatch, expandQueriesWithModel, expandQueriesWithWeights } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { matrixFrom, neighborsFrom, product, randomUnitRows, search } from "./fixtures.ts";

const queries = matrixFrom([[1, 0]]);
const database = matrixFrom([[0, 1]]);
const neighbors = neighborsFrom([[0]]);

/** A small attention: the weight of a vector is its squared similarity to the first. */
function attend({ vectors, rows, length, columns }: ExpansionBatch): Float64Array {
  return Float64Array.from({ length: rows * length }, (_, slot) => {
    const own = Math.floor(slot / length) * length * columns;
    const query = [...vectors.subarray(own, own + columns)];
    return product(query, [...vectors.subarray(slot * columns, (slot + 1) * columns)]) ** 2;
  });
}

describe("expandQueriesWithModel", () => {
  it("applies the weights of a model, in the example of its documentation", async () => {
    const weigh = async ({ rows }: ExpansionBatch) => new Float32Array(rows * 2).fill(0.5);
    const { data } = await expandQueriesWithModel(queries, database, neighbors, weigh);
    expect(data[0]).toBeCloseTo(Math.SQRT1_2, 6);
    expect(data[1]).toBeCloseTo(Math.SQRT1_2, 6);
  });

  it("shows the model each query with its neighbors, and where there are none", async () => {
    const seen: ExpansionBatch[] = [];
    const two = matrixFrom([
      [1, 0],
      [0, 1],
    ]);
    const lists = neighborsFrom([
      [1, 0],
      [0, -1],
    ]);
    const weigh = (batch: ExpansionBatch) => {
      seen.push(batch);
      return new Float32Array(6).fill(1);
    };
    await expandQueriesWithModel(two, two, lists, weigh);
    expect(seen).toEqual([
      {
        vectors: Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0),
        present: Uint8Array.of(1, 1, 1, 1, 1, 0),
        rows: 2,
        length: 3,
        columns: 2,
        first: 0,
      },
    ]);
  });

  it("gives the same with any size of batches", async () => {
    const q = randomUnitRows(1, 10, 8);
    const x = randomUnitRows(2, 40, 8);
    const found = search(q, x, 6);
    const sizes: number[] = [];
    const firsts: number[] = [];
    const weigh = (batch: ExpansionBatch) => {
      sizes.push(batch.rows);
      firsts.push(batch.first);
      return attend(batch);
    };
    const expanded = await expandQueriesWithModel(q, x, found, weigh, { batchSize: 4 });
    expect(sizes).toEqual([4, 4, 2]);
    expect(firsts).toEqual([0, 4, 8]);
    expect(await expandQueriesWithModel(q, x, found, attend)).toEqual(expanded);
    const weights = (_: number, similarity: number): number => similarity ** 2;
    const expected = expandQueriesWithWeights(q, x, found, { weights });
    for (const [i, value] of expanded.data.entries()) expect(value).toBeCloseTo(expected.data[i]!, 6);
  });

  it("shows all neighbors, 32 queries at a time, unless told otherwise", async () => {
    const q = randomUnitRows(3, 40, 4);
    const x = randomUnitRows(4, 20, 4);
    const shapes: number[][] = [];
    const weigh = (batch: ExpansionBatch) => {
      shapes.push([batch.rows, batch.length]);
      return attend(batch);
    };
    await expandQueriesWithModel(q, x, search(q, x, 5), weigh);
    await expandQueriesWithModel(q, x, search(q, x, 5), weigh, { neighborCount: 3 });
    expect(shapes).toEqual([
      [32, 6],
      [8, 6],
      [32, 4],
      [8, 4],
    ]);
  });

  it("does not read weights of missing vectors, keeps cancelled queries, and takes none", async () => {
    const gone = neighborsFrom([[-1]]);
    const weigh = () => [0.5, Number.NaN];
    expect([...(await expandQueriesWithModel(queries, database, gone, weigh)).data]).toEqual([1, 0]);
    const zero = () => [0, 0];
    expect([...(await expandQueriesWithModel(queries, database, neighbors, zero)).data]).toEqual([1, 0]);
    const none = { data: new Float32Array(), rows: 0, columns: 2 };
    const lists = { ids: new Int32Array(), scores: new Float32Array(), rows: 0, k: 1 };
    const never = () => {
      throw new Error("called");
    };
    expect(await expandQueriesWithModel(none, database, lists, never)).toEqual(none);
  });

  it("pads lists that are shorter than asked for like lists that end early", async () => {
    const q = randomUnitRows(7, 3, 4);
    const x = randomUnitRows(8, 20, 4);
    const found = search(q, x, 2);
    const padded = neighborsFrom(
      [0, 1, 2].map((row) => [...found.ids.subarray(row * 2, row * 2 + 2), -1, -1]),
    );
    const shown: ExpansionBatch[] = [];
    const weigh = (batch: ExpansionBatch) => {
      shown.push(structuredClone(batch));
      return attend(batch);
    };
    const options = { neighborCount: 4, batchSize: 2 };
    const expanded = await expandQueriesWithModel(q, x, found, weigh, options);
    expect(expanded).toEqual(await expandQueriesWithModel(q, x, padded, weigh, options));
    expect(shown.slice(0, 2)).toEqual(shown.slice(2));
    expect([...shown[1]!.present]).toEqual([1, 1, 1, 0, 0]);
  });

  it("counts queries, ends between batches and passes on what the model throws", async () => {
    const q = randomUnitRows(5, 10, 4);
    const x = randomUnitRows(6, 20, 4);
    const found = search(q, x, 5);
    const told: string[] = [];
    const controller = new AbortController();
    const reason = new Error("enough");
    const running = expandQueriesWithModel(q, x, found, attend, {
      batchSize: 4,
      signal: controller.signal,
      onProgress: ({ stage, done, total }) => {
        told.push(`${stage} ${done}/${total}`);
        if (done === 8) controller.abort(reason);
      },
    });
    await expect(running).rejects.toBe(reason);
    expect(told).toEqual(["weigh neighbors 4/10", "weigh neighbors 8/10"]);
    let calls = 0;
    const counting = (batch: ExpansionBatch) => {
      calls += 1;
      return attend(batch);
    };
    const signal = AbortSignal.abort(reason);
    await expect(expandQueriesWithModel(q, x, found, counting, { signal })).rejects.toBe(reason);
    expect(calls).toBe(0);
    const failing = async () => {
      throw reason;
    };
    await expect(expandQueriesWithModel(q, x, found, failing)).rejects.toBe(reason);
  });

  it("refuses what does not fit", async () => {
    const refusal = (message: string) => new RangeError(`expandQueriesWithModel: ${message}`);
    await expect(expandQueriesWithModel(queries, database, neighbors, () => [1])).rejects.toThrow(
      refusal("expected `weigh` to give 1 x 2 = 2 weights, got 1"),
    );
    await expect(expandQueriesWithModel(queries, database, neighbors, () => [1, Number.NaN])).rejects.toThrow(
      refusal("expected `weigh` to give finite weights, got NaN for query 0"),
    );
    await expect(
      expandQueriesWithModel(queries, database, neighbors, () => [1, 1], { batchSize: 0 }),
    ).rejects.toThrow(refusal("expected `batchSize` to be a positive integer, got 0"));
  });
});
