import { checkedBlocks } from "../files/checked-blocks.ts";
import type { EmbeddingSource, Embeddings, Matrix } from "../matrix.ts";
import { toFloat32 } from "../precision.ts";
import { requirePositiveInteger } from "../require.ts";
import { sourceOf } from "../source-of.ts";

/** Some consecutive rows, in float32. */
export interface MatrixBlock {
  readonly firstRow: number;
  /** The next block may use the same memory. */
  readonly matrix: Matrix;
}

/** The argument `embeddings` as a source; at least one row is needed. */
export function requireRows(caller: string, embeddings: Embeddings | EmbeddingSource): EmbeddingSource {
  const source = sourceOf(caller, "embeddings", embeddings);
  requirePositiveInteger(caller, "embeddings.rows", source.rows);
  return source;
}

/**
 * All rows in order, in float32, in blocks of `blockRows`, the last one less, so that what is written does not depend
 * on how long the source's blocks are. Ends with the signal's reason.
 */
export async function* matrixBlocks(
  caller: string,
  source: EmbeddingSource,
  blockRows: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<MatrixBlock> {
  signal?.throwIfAborted();
  const { rows, columns } = source;
  let started = 0;
  let data: Float32Array | undefined;
  for await (const block of checkedBlocks(caller, "embeddings", source, { first: 0, end: rows, blockRows })) {
    signal?.throwIfAborted();
    const { firstRow } = block;
    const matrix = toFloat32(block.embeddings);
    const end = firstRow + matrix.rows;
    for (let next = firstRow; next < end; ) {
      const room = Math.min(blockRows, rows - started);
      if (next === started && next === firstRow && matrix.rows === room) {
        yield { firstRow, matrix };
        next = end;
        started = end;
        continue;
      }
      data ??= new Float32Array(room * columns);
      const stop = Math.min(end, started + room);
      const part = matrix.data.subarray((next - firstRow) * columns, (stop - firstRow) * columns);
      data.set(part, (next - started) * columns);
      next = stop;
      if (next - started < room) continue;
      yield { firstRow: started, matrix: { data, rows: room, columns } };
      started = next;
      data = undefined;
    }
  }
}
