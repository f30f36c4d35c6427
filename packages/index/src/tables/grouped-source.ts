import { startSteps } from "../files/run-steps.ts";
import type { EmbeddingBlock, EmbeddingSource, Matrix, RunOptions } from "../matrix.ts";
import { requireBlockRange } from "../sources.ts";
import { joinIds, type RowIds } from "./row-ids.ts";

/** Embeddings in a file, read group by group, and the ids of their rows. */
export interface EmbeddingTable extends EmbeddingSource {
  /**
   * Reads the id column.
   *
   * @returns One id per row; `undefined` if no id column was named when the file was opened.
   * @throws IndexFileError if an id is missing; the message names the row.
   */
  ids(): Promise<RowIds | undefined>;
  /** Closes the file; blocks can no longer be read. May be called again. */
  close(): Promise<void>;
}

/** What a file of embeddings held, all in memory. */
export interface EmbeddingTableRows {
  /** One row per row of the file. */
  readonly embeddings: Matrix;
  /** One id per row, if an id column was named. */
  readonly ids?: RowIds;
}

/** How a format reads a group of rows: a row group of Parquet, a record batch of Arrow. */
export interface GroupReader {
  readonly columns: number;
  /** Rows of each group. */
  readonly groupRows: readonly number[];
  readGroup(group: number): Promise<Float32Array>;
  /** Absent if no id column was named. */
  readonly readGroupIds?: (group: number) => Promise<readonly (string | number | bigint)[]>;
  close(): Promise<void>;
}

/** Blocks out of groups. The group that was read last is kept, so that short blocks do not read it again. */
export function groupedSource(reader: GroupReader): EmbeddingTable {
  const { columns, groupRows, readGroupIds } = reader;
  const firstRows = [0];
  for (const count of groupRows) firstRows.push(firstRows.at(-1)! + count);
  const rows = firstRows.at(-1)!;
  let kept: { readonly group: number; readonly data: Promise<Float32Array> } | undefined;

  function group(index: number): Promise<Float32Array> {
    if (kept?.group !== index) kept = { group: index, data: reader.readGroup(index) };
    return kept.data;
  }

  async function* rangeOf(range: {
    readonly first: number;
    readonly end: number;
    readonly blockRows: number;
  }): AsyncGenerator<EmbeddingBlock> {
    const { first, end, blockRows } = range;
    for (let index = 0; index < groupRows.length; index++) {
      const start = firstRows[index]!;
      const from = Math.max(first, start);
      const to = Math.min(end, firstRows[index + 1]!);
      if (from >= to) continue;
      const data = await group(index);
      for (let row = from; row < to; row += blockRows) {
        const stop = Math.min(row + blockRows, to);
        const span = data.subarray((row - start) * columns, (stop - start) * columns);
        yield { firstRow: row, embeddings: { data: span, rows: stop - row, columns } };
      }
    }
  }

  async function ids(): Promise<RowIds | undefined> {
    if (readGroupIds === undefined) return undefined;
    const parts = [];
    for (const index of groupRows.keys()) parts.push(await readGroupIds(index));
    return joinIds(parts);
  }

  return {
    rows,
    columns,
    blocks: (range) => {
      requireBlockRange(range, rows);
      return rangeOf(range);
    },
    ids,
    close: async () => {
      kept = undefined;
      await reader.close();
    },
  };
}

/** All rows and ids of a table, which is closed whatever happens. */
export async function readAllRows(table: EmbeddingTable, options: RunOptions): Promise<EmbeddingTableRows> {
  const { rows, columns } = table;
  try {
    const steps = startSteps(options, rows);
    const data = new Float32Array(rows * columns);
    for await (const { firstRow, embeddings } of table.blocks({ first: 0, end: rows, blockRows: rows })) {
      data.set(embeddings.data, firstRow * columns);
      steps.advance(embeddings.rows);
    }
    const ids = await table.ids();
    options.signal?.throwIfAborted();
    steps.finish();
    const embeddings: Matrix = { data, rows, columns };
    return ids === undefined ? { embeddings } : { embeddings, ids };
  } finally {
    await table.close();
  }
}
