import { matrixIn, type ReadRowsOptions } from "../files/read-rows.ts";
import { startSteps } from "../files/run-steps.ts";
import type { EmbeddingBlock, EmbeddingSource, Matrix } from "../matrix.ts";
import { type RowRange, requireRowRange } from "../row-range.ts";
import { requireBlockRange } from "../sources.ts";
import { joinIds, type RowIds } from "./row-ids.ts";

/** Embeddings in a file, read group by group, and the ids of their rows. */
export interface EmbeddingTable extends EmbeddingSource {
  /** Whether an id column was named when the file was opened. */
  readonly hasIds: boolean;
  /**
   * Reads some rows into memory.
   *
   * @param range - Which rows; they must exist.
   * @returns The rows, newly allocated.
   * @throws RangeError if the range does not fit or the file was closed; IndexFileError as blocks do.
   */
  read(range: RowRange, options?: ReadRowsOptions): Promise<Matrix>;
  /**
   * Reads the ids of consecutive rows; the groups that these lie in are read.
   *
   * @param range - Which rows; they must exist.
   * @returns One id per row.
   * @throws RangeError if the range does not fit, no id column was named, or the file was closed; IndexFileError if an
   * id is missing; the message names the row.
   */
  readIds(range: RowRange): Promise<RowIds>;
  /** Closes the file; what was read stays. Again it does nothing. */
  close(): Promise<void>;
  /** {@link EmbeddingTable.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a file of embeddings held, all in memory. */
export interface EmbeddingTableRows {
  /** One row per row of the file. */
  readonly embeddings: Matrix;
  /** One id per row, if an id column was named. */
  readonly ids?: RowIds;
}

type Ids = readonly (string | number | bigint)[];

/** A group of rows: a row group of Parquet, a record batch of Arrow. What is asked for is read. */
export interface RowGroup {
  numbers(): Float32Array | Promise<Float32Array>;
  ids(): Ids | Promise<Ids>;
}

/** How a format reads its groups. */
export interface GroupReader {
  readonly path: string;
  readonly columns: number;
  readonly hasIds: boolean;
  /** Rows of each group. */
  readonly groupRows: readonly number[];
  /** `firstRow` is the number of the group's first row. */
  readGroup(group: number, firstRow: number): Promise<RowGroup>;
  close(): Promise<void>;
}

/** The part of a range that lies in one group. */
interface GroupSpan {
  readonly group: number;
  /** The group's first row. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** Blocks out of groups. The group that was read last is kept, so that short blocks do not read it again. */
export function groupedSource(reader: GroupReader): EmbeddingTable {
  const { path, columns, hasIds, groupRows } = reader;
  const rows = groupRows.reduce((sum, count) => sum + count, 0);
  let isOpen = true;
  let kept: { readonly group: number; readonly data: Promise<Float32Array> } | undefined;

  const requireOpen = (caller: string): void => {
    if (!isOpen) throw new RangeError(`${caller}: expected a file that is open, got ${path} after close`);
  };
  function numbersOf({ group, start }: GroupSpan): Promise<Float32Array> {
    if (kept?.group === group) return kept.data;
    const reading = { group, data: reader.readGroup(group, start).then((found) => found.numbers()) };
    kept = reading;
    reading.data.catch(() => {
      if (kept === reading) kept = undefined;
    });
    return reading.data;
  }
  async function* blocksOf(range: RowRange & { readonly blockRows: number }): AsyncGenerator<EmbeddingBlock> {
    for (const span of spansOf(groupRows, range)) {
      requireOpen("blocks");
      const data = await numbersOf(span);
      for (let row = span.from; row < span.to; row += range.blockRows) {
        const stop = Math.min(row + range.blockRows, span.to);
        const numbers = data.subarray((row - span.start) * columns, (stop - span.start) * columns);
        yield { firstRow: row, embeddings: { data: numbers, rows: stop - row, columns } };
      }
    }
  }
  const close = async (): Promise<void> => {
    isOpen = false;
    kept = undefined;
    await reader.close();
  };
  return {
    rows,
    columns,
    hasIds,
    blocks: (range) => {
      requireOpen("blocks");
      requireBlockRange(range, rows);
      return blocksOf(range);
    },
    read: async (range, options = {}) => {
      requireOpen("read");
      requireRowRange("read", range, rows);
      const count = range.end - range.first;
      const steps = startSteps(options, count);
      const matrix = matrixIn("read", path, count, columns, options.shared);
      for (const span of spansOf(groupRows, range)) {
        requireOpen("read");
        const { start, from, to } = span;
        const part = (await numbersOf(span)).subarray((from - start) * columns, (to - start) * columns);
        matrix.data.set(part, (from - range.first) * columns);
        steps.advance(to - from);
      }
      steps.finish();
      return matrix;
    },
    readIds: async (range) => {
      requireOpen("readIds");
      if (!hasIds) throw new RangeError(`readIds: expected ${path} to be opened with \`idColumn\`, got none`);
      requireRowRange("readIds", range, rows);
      const parts: Ids[] = [];
      for (const { group, start, from, to } of spansOf(groupRows, range)) {
        requireOpen("readIds");
        const ids = await (await reader.readGroup(group, start)).ids();
        parts.push(ids.slice(from - start, to - start));
      }
      return joinIds(parts);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** All rows and ids in one pass over the groups; the file is closed whatever happens. */
export async function readAllRows(
  caller: string,
  reader: GroupReader,
  options: ReadRowsOptions,
): Promise<EmbeddingTableRows> {
  const { path, columns, hasIds, groupRows } = reader;
  try {
    const rows = groupRows.reduce((sum, count) => sum + count, 0);
    const steps = startSteps(options, rows);
    const embeddings = matrixIn(caller, path, rows, columns, options.shared);
    const parts: Ids[] = [];
    for (const { group, start } of spansOf(groupRows, { first: 0, end: rows })) {
      const found = await reader.readGroup(group, start);
      embeddings.data.set(await found.numbers(), start * columns);
      if (hasIds) parts.push(await found.ids());
      steps.advance(groupRows[group]!);
    }
    steps.finish();
    return hasIds ? { embeddings, ids: joinIds(parts) } : { embeddings };
  } finally {
    await reader.close();
  }
}

function* spansOf(groupRows: readonly number[], { first, end }: RowRange): Generator<GroupSpan> {
  let start = 0;
  for (const [group, count] of groupRows.entries()) {
    const from = Math.max(first, start);
    const to = Math.min(end, start + count);
    if (from < to) yield { group, start, from, to };
    start += count;
  }
}
