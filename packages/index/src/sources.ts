import type { EmbeddingBlock, EmbeddingSource, Embeddings } from "./matrix.ts";
import { requireEmbeddings, requirePositiveInteger } from "./require.ts";
import { type RowRange, requireRowRange } from "./row-range.ts";

/** What a source's `blocks` is asked for. */
type BlockRange = RowRange & { readonly blockRows: number };

/**
 * Embeddings in memory as a source, for functions that take sources: blocks are views, nothing is copied.
 *
 * @param embeddings - Rows in float32, float16 or int8.
 * @returns A source of the same rows. Its `blocks` refuses a range outside the rows and a `blockRows` below 1.
 * @throws RangeError or TypeError if the shape does not fit.
 *
 * @example
 * ```ts
 * import { matrixSource } from "@lmk/index";
 *
 * const source = matrixSource({ data: Float32Array.of(1, 2, 3, 4, 5, 6), rows: 3, columns: 2 });
 * for await (const { firstRow, embeddings } of source.blocks({ first: 0, end: 3, blockRows: 2 })) {
 *   console.log(firstRow, [...embeddings.data]);
 * }
 * // => 0 [ 1, 2, 3, 4 ]
 * // => 2 [ 5, 6 ]
 * ```
 */
export function matrixSource(embeddings: Embeddings): EmbeddingSource {
  requireEmbeddings("matrixSource", "embeddings", embeddings);
  const { rows, columns } = embeddings;
  return {
    rows,
    columns,
    blocks: (range) => {
      requireBlockRange(range, rows);
      return viewsOf(embeddings, range);
    },
  };
}

/**
 * Several sources as one, such as the shards of a gallery: the rows of the first, then those of the second, and so on.
 *
 * A block never holds rows of two sources, so blocks at the seams have fewer rows than asked for. The sources may
 * differ in precision; each block has that of its source. Who opened a source closes it.
 *
 * @param sources - One or more sources with the same number of columns; one without rows adds nothing.
 * @returns A source whose row `i` of `sources[1]` has number `sources[0].rows + i`. Its `blocks` refuses a range
 * outside the rows and a `blockRows` below 1.
 * @throws RangeError if there is no source, or if numbers of columns differ.
 *
 * @example
 * ```ts
 * import { joinSources, matrixSource } from "@lmk/index";
 *
 * const joined = joinSources([
 *   matrixSource({ data: Float32Array.of(1, 2), rows: 1, columns: 2 }),
 *   matrixSource({ data: Float32Array.of(3, 4, 5, 6), rows: 2, columns: 2 }),
 * ]);
 * for await (const { firstRow, embeddings } of joined.blocks({ first: 0, end: 3, blockRows: 10 })) {
 *   console.log(firstRow, [...embeddings.data]);
 * }
 * // => 0 [ 1, 2 ]
 * // => 1 [ 3, 4, 5, 6 ]
 * ```
 */
export function joinSources(sources: readonly EmbeddingSource[]): EmbeddingSource {
  const [head] = sources;
  if (head === undefined) {
    throw new RangeError("joinSources: expected `sources` to hold at least one source, got none");
  }
  let rows = 0;
  for (const [i, source] of sources.entries()) {
    if (source.columns !== head.columns) {
      throw new RangeError(
        `joinSources: expected \`sources[${i}]\` to have ${head.columns} columns like \`sources[0]\`, got ${source.columns}`,
      );
    }
    rows += source.rows;
  }
  const parts = [...sources];
  return {
    rows,
    columns: head.columns,
    blocks: (range) => {
      requireBlockRange(range, rows);
      return joinedBlocks(parts, range);
    },
  };
}

/** Refuses what a source's `blocks` cannot give. */
export function requireBlockRange(range: BlockRange, rows: number): void {
  requireRowRange("blocks", range, rows);
  requirePositiveInteger("blocks", "blockRows", range.blockRows);
}

/** Rows from `first` to `end`, as views. */
export function viewRows(embeddings: Embeddings, first: number, end: number): Embeddings {
  const { columns } = embeddings;
  const data = embeddings.data.subarray(first * columns, end * columns);
  const view = { data, rows: end - first, columns };
  if (!("scales" in embeddings)) return view as Embeddings;
  return { ...view, scales: embeddings.scales.subarray(first, end) } as Embeddings;
}

async function* viewsOf(
  embeddings: Embeddings,
  { first, end, blockRows }: BlockRange,
): AsyncGenerator<EmbeddingBlock> {
  for (let row = first; row < end; row += blockRows) {
    yield { firstRow: row, embeddings: viewRows(embeddings, row, Math.min(row + blockRows, end)) };
  }
}

async function* joinedBlocks(
  sources: readonly EmbeddingSource[],
  { first, end, blockRows }: BlockRange,
): AsyncGenerator<EmbeddingBlock> {
  let offset = 0;
  for (const source of sources) {
    const range = {
      first: Math.max(first - offset, 0),
      end: Math.min(end - offset, source.rows),
      blockRows,
    };
    if (range.first < range.end) {
      for await (const { firstRow, embeddings } of source.blocks(range)) {
        yield { firstRow: offset + firstRow, embeddings };
      }
    }
    offset += source.rows;
  }
}
