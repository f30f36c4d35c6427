import type { EmbeddingSource, Embeddings, Matrix } from "@lmk/index/shards";
import { randomMatrix } from "./fixtures.ts";

/** What the processes of the tests search, in each of them the same. */
export const queries: Matrix = randomMatrix(1, 17, 24);
export const database: Matrix = randomMatrix(2, 1003, 24);
export const k = 20;

/** Rows as a source that says which it is asked for. */
export function recordedSource(
  matrix: Embeddings,
  onBlock: (first: number, end: number) => Promise<void> | void,
): EmbeddingSource {
  const { rows, columns } = matrix;
  return {
    rows,
    columns,
    async *blocks({ first, end, blockRows }) {
      for (let row = first; row < end; row += blockRows) {
        const stop = Math.min(row + blockRows, end);
        await onBlock(row, stop);
        const data = matrix.data.subarray(row * columns, stop * columns) as Float32Array;
        yield { firstRow: row, embeddings: { data, rows: stop - row, columns } };
      }
    },
  };
}
