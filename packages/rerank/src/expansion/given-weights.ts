import type { Matrix, Neighbors } from "../matrix.ts";
import { type Method, overRows, type RowTask } from "../threads/method.ts";
import { dot } from "../vectors.ts";
import { requireFiniteWeights } from "./require-expansion.ts";
import type { TableWeights } from "./weighted-sum.ts";

/** Weighs a row's neighbor by its place in the list, from 0, and its inner product with the row. */
export type WeighNeighbor = (rank: number, similarity: number) => number;

/** Weights of neighbors: one finite number per place in the list, or a function that gives one. */
export type NeighborWeights = readonly number[] | WeighNeighbor;

/** For how many neighbors there are weights. */
export function weightCount(weights: NeighborWeights, k: number): number {
  return typeof weights === "function" ? k : weights.length;
}

/** Checks that there are weights for all neighbors, and that a list of them is finite. */
export function requireGivenWeights(caller: string, weights: NeighborWeights, neighborCount: number): void {
  if (typeof weights === "function") return;
  if (neighborCount > weights.length) {
    throw new RangeError(
      `${caller}: expected \`weights\` to hold at least \`neighborCount\` = ${neighborCount} numbers, got ${weights.length}`,
    );
  }
  requireFiniteWeights(caller, "weights", weights);
}

/** The weights of a row itself and of its first `neighborCount` neighbors, those of missing neighbors 0. */
export function* givenWeights(
  caller: string,
  queries: Matrix,
  database: Matrix,
  { ids, k }: Pick<Neighbors, "ids" | "k">,
  neighborCount: number,
  ownWeight: number,
  weights: NeighborWeights,
): Method<TableWeights> {
  if (typeof weights !== "function") {
    const table = Float64Array.of(ownWeight, ...weights.slice(0, neighborCount));
    return { kind: "table", table, stride: 0 };
  }
  const count = Math.min(neighborCount, k);
  const input = { queries: queries.data, database: database.data, columns: queries.columns, ids, k, count };
  const parts = yield* overRows(neighborSimilaritiesTask, input, queries.rows);
  const stride = 1 + count;
  const table = new Float64Array(queries.rows * stride);
  let row = 0;
  for (const part of parts) {
    for (let start = 0; start < part.length; start += count, row++) {
      table[row * stride] = ownWeight;
      for (let rank = 0; rank < count; rank++) {
        if (ids[row * k + rank]! < 0) continue;
        const weight = weights(rank, part[start + rank]!);
        if (!Number.isFinite(weight)) {
          throw new RangeError(
            `${caller}: expected \`weights\` to give finite numbers, got ${weight} for query ${row}`,
          );
        }
        table[row * stride + 1 + rank] = weight;
      }
    }
  }
  return { kind: "table", table, stride };
}

interface SimilaritiesInput {
  readonly queries: Float32Array;
  readonly database: Float32Array;
  readonly columns: number;
  readonly ids: Int32Array;
  readonly k: number;
  readonly count: number;
}

export const neighborSimilaritiesTask: RowTask<SimilaritiesInput, Float64Array> = {
  name: "compare neighbors",
  run: ({ queries, database, columns, ids, k, count }, first, end) => {
    const part = new Float64Array((end - first) * count);
    for (let row = first; row < end; row++) {
      for (let rank = 0; rank < count; rank++) {
        const id = ids[row * k + rank]!;
        if (id < 0) continue;
        part[(row - first) * count + rank] = dot(queries, row * columns, database, id * columns, columns);
      }
    }
    return part;
  },
};
