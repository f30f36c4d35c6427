import type { EmbeddingSource, Embeddings, Matrix } from "../matrix.ts";
import { toFloat32 } from "../precision.ts";
import { requireEmbeddings, requirePositiveInteger } from "../require.ts";
import { viewRows } from "../sources.ts";

/** Some consecutive rows, in float32. */
export interface MatrixBlock {
  readonly firstRow: number;
  readonly matrix: Matrix;
}

/** Refuses what is neither rows in memory of a shape that fits, nor a source; at least one row is needed. */
export function requireRows(caller: string, embeddings: Embeddings | EmbeddingSource): void {
  if (!("blocks" in embeddings)) requireEmbeddings(caller, "embeddings", embeddings);
  requirePositiveInteger(caller, "embeddings.rows", embeddings.rows);
  requirePositiveInteger(caller, "embeddings.columns", embeddings.columns);
}

/** All rows in order, in float32, in blocks of `blockRows`, the last one less. Ends with the signal's reason. */
export async function* matrixBlocks(
  caller: string,
  embeddings: Embeddings | EmbeddingSource,
  blockRows: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<MatrixBlock> {
  signal?.throwIfAborted();
  if ("blocks" in embeddings) {
    yield* evenBlocks(caller, embeddings, blockRows, signal);
    return;
  }
  for (let first = 0; first < embeddings.rows; first += blockRows) {
    signal?.throwIfAborted();
    const end = Math.min(first + blockRows, embeddings.rows);
    yield { firstRow: first, matrix: toFloat32(viewRows(embeddings, first, end)) };
  }
}

/** Puts a source's blocks together, so that what is written does not depend on how long they are. */
async function* evenBlocks(
  caller: string,
  source: EmbeddingSource,
  blockRows: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<MatrixBlock> {
  const { rows, columns } = source;
  let next = 0;
  let started = 0;
  let data = new Float32Array(Math.min(blockRows, rows) * columns);
  for await (const { firstRow, embeddings } of source.blocks({ first: 0, end: rows, blockRows })) {
    signal?.throwIfAborted();
    requireEmbeddings(caller, "embeddings", embeddings);
    if (firstRow !== next || embeddings.columns !== columns || next + embeddings.rows > rows) {
      throw new RangeError(
        `${caller}: expected the source to go on with row ${next} of ${rows} x ${columns} numbers, got ${embeddings.rows} x ${embeddings.columns} from row ${firstRow}`,
      );
    }
    const matrix = toFloat32(embeddings);
    const end = next + matrix.rows;
    while (next < end) {
      const stop = Math.min(end, started + data.length / columns);
      const first = next - firstRow;
      data.set(
        matrix.data.subarray(first * columns, (stop - firstRow) * columns),
        (next - started) * columns,
      );
      next = stop;
      if ((next - started) * columns < data.length) continue;
      yield { firstRow: started, matrix: { data, rows: next - started, columns } };
      started = next;
      data = new Float32Array(Math.min(blockRows, rows - started) * columns);
    }
  }
  if (next !== rows) {
    throw new RangeError(`${caller}: expected the source to give ${rows} rows, got ${next}`);
  }
}
