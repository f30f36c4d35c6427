import type { Table } from "@lancedb/lancedb";
import type { Schema } from "apache-arrow";
import { convertRows } from "../files/convert-rows.ts";
import { startSteps } from "../files/run-steps.ts";
import type { EmbeddingSource, Matrix, Metric, RunOptions } from "../matrix.ts";
import { matrixBlocks } from "../tables/input.ts";
import type { LancePackages } from "./import-packages.ts";
import { type LanceColumns, tableOf } from "./schema.ts";

/** Bytes of rows that are written at a time; each time makes a file of the table. */
const blockBytes = 32 * 1024 * 1024;

/** The largest row number that `Neighbors` can hold. */
const lastRow = 2 ** 31 - 1;

/** What rows are appended to. */
export interface AppendTarget {
  readonly caller: string;
  readonly arrow: LancePackages["arrow"];
  readonly table: Table;
  readonly schema: Schema;
  readonly metric: Metric;
  /** The number that the first row gets. */
  readonly firstRow: number;
}

/** Writes rows block by block, each with its number. */
export async function appendRows(
  target: AppendTarget,
  source: EmbeddingSource,
  extra: LanceColumns,
  options: RunOptions,
): Promise<void> {
  const { caller, arrow, table, schema, metric, firstRow: start } = target;
  const { rows, columns } = source;
  if (start + rows - 1 > lastRow) {
    throw new RangeError(`${caller}: expected row numbers up to ${lastRow}, got ${start + rows - 1}`);
  }
  const blockRows = Math.max(1, Math.floor(blockBytes / (columns * 4)));
  const steps = startSteps(options, rows);
  for await (const { firstRow, matrix } of matrixBlocks(caller, source, blockRows, options.signal)) {
    convertRows(matrix, { caller, dtype: "float32", firstRow, finite: true });
    if (metric === "cosine") requireDirections(caller, matrix, firstRow);
    await table.add(tableOf(arrow, schema, matrix, start + firstRow, extra, firstRow));
    steps.advance(matrix.rows);
  }
  steps.finish();
}

function requireDirections(caller: string, { data, rows, columns }: Matrix, firstRow: number): void {
  for (let row = 0; row < rows; row++) {
    if (data.subarray(row * columns, (row + 1) * columns).some((value) => value !== 0)) continue;
    throw new RangeError(
      `${caller}: expected row ${firstRow + row} of \`embeddings\` to have a direction, got a row of zeros`,
    );
  }
}
