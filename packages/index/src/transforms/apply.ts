import type { EmbeddingSource, Embeddings, Matrix, RunOptions } from "../matrix.ts";
import { readRows } from "../read-rows.ts";
import { requireEmbeddings } from "../require.ts";
import { sourceOf } from "../source-of.ts";
import { createPacer, type Pacer, runSteps, type Steps } from "../steps.ts";
import { createRowProgram, type RowProgram } from "./row-program.ts";
import { requireTransform, type Transform } from "./transform.ts";

/** Rows that are made float32 at a time. */
const blockRows = 1024;

/**
 * Transforms rows: PCA, whitening, rotation, centring, powers, truncation, normalization, or a chain of them.
 *
 * All steps are computed in double precision and rounded once, to float32, at the end. A row's result does not depend
 * on the rows around it.
 *
 * @param transform - One step or a chain.
 * @param embeddings - Rows in float32, float16 or int8; left as they are.
 * @returns A new matrix.
 * @throws RangeError if shapes do not fit, a row holds NaN or an infinity, or a row to be normalized is all zeros; the
 * message names the row.
 *
 * @example
 * ```ts
 * import { applyTransform } from "@lmk/index/transforms";
 *
 * const rows = { data: Float32Array.of(4, -9, 1, 0), rows: 2, columns: 2 };
 * console.log([...applyTransform({ kind: "power", exponent: 0.5 }, rows).data]); // => [ 2, -3, 1, 0 ]
 * console.log([...applyTransform({ kind: "truncate", columns: 1 }, rows).data]); // => [ 4, 1 ]
 * ```
 */
export function applyTransform(transform: Transform, embeddings: Embeddings): Matrix {
  requireEmbeddings("applyTransform", "embeddings", embeddings);
  requireTransform("applyTransform", "transform", transform, embeddings.columns);
  const program = createRowProgram("applyTransform", "embeddings", transform, embeddings.columns);
  return runSteps(transformRows(program, embeddings, 0));
}

/**
 * As {@link applyTransform}, without blocking the thread for more than some 50 ms. Progress counts rows.
 *
 * @throws RangeError as {@link applyTransform}; the signal's reason where it ends the call.
 *
 * @example
 * ```ts
 * import { applyTransformAsync } from "@lmk/index/transforms";
 *
 * const rows = { data: Float32Array.of(3, 4), rows: 1, columns: 2 };
 * console.log((await applyTransformAsync({ kind: "truncate", columns: 1 }, rows)).data[0]); // => 3
 * ```
 */
export async function applyTransformAsync(
  transform: Transform,
  embeddings: Embeddings,
  options: RunOptions = {},
): Promise<Matrix> {
  requireEmbeddings("applyTransformAsync", "embeddings", embeddings);
  requireTransform("applyTransformAsync", "transform", transform, embeddings.columns);
  const program = createRowProgram("applyTransformAsync", "embeddings", transform, embeddings.columns);
  const pacer = createPacer(options, embeddings.rows);
  const transformed = await pacer.run(transformRows(program, embeddings, 0));
  pacer.finish();
  return transformed;
}

/**
 * Rows that are transformed when they are asked for, block by block.
 *
 * @param source - Rows in memory or not.
 * @param transform - One step or a chain.
 * @returns A source of float32 rows. Its blocks are its own: they are not overwritten. Reading it rejects where
 * {@link applyTransform} would throw.
 * @throws RangeError if shapes do not fit.
 *
 * @example
 * ```ts
 * import { transformSource } from "@lmk/index/transforms";
 *
 * const rows = { data: Float32Array.of(3, 4, 0, 2), rows: 2, columns: 2 };
 * const unit = transformSource(rows, { kind: "normalize" });
 * for await (const { firstRow, embeddings } of unit.blocks({ first: 1, end: 2, blockRows: 100 })) {
 *   console.log(firstRow, [...embeddings.data]); // => 1 [ 0, 1 ]
 * }
 * ```
 */
export function transformSource(source: Embeddings | EmbeddingSource, transform: Transform): EmbeddingSource {
  const input = sourceOf("transformSource", "source", source);
  const { rows, columns } = input;
  const outputColumns = requireTransform("transformSource", "transform", transform, columns) ?? columns;
  return {
    rows,
    columns: outputColumns,
    async *blocks(range) {
      // Each reading has buffers of its own, so that several may go on at the same time.
      const program = createRowProgram("transformSource", "source", transform, columns);
      const pacer: Pacer = createPacer({}, 0);
      for await (const { firstRow, embeddings } of input.blocks(range)) {
        yield { firstRow, embeddings: await pacer.run(transformRows(program, embeddings, firstRow)) };
      }
    },
  };
}

function* transformRows(program: RowProgram, embeddings: Embeddings, firstRow: number): Steps<Matrix> {
  const { rows } = embeddings;
  const columns = program.outputColumns;
  const data = new Float32Array(rows * columns);
  for (let first = 0; first < rows; first += blockRows) {
    const end = Math.min(first + blockRows, rows);
    const target = data.subarray(first * columns, end * columns);
    yield* program.run(readRows(embeddings, first, end), firstRow + first, target);
  }
  return { data, rows, columns };
}
