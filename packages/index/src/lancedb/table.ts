import type { Connection, Table } from "@lancedb/lancedb";
import type { EmbeddingSource, Embeddings, Metric, Neighbors, RunOptions } from "../matrix.ts";
import { toFloat32 } from "../precision.ts";
import { requireEmbeddings, requireFiniteRows } from "../require.ts";
import { requireRows } from "../tables/input.ts";
import { type RowIds, requireRowIds } from "../tables/row-ids.ts";
import { appendRows } from "./append-rows.ts";
import type { LancePackages } from "./import-packages.ts";
import { type LanceIndexOptions, toLanceIndex } from "./index-options.ts";
import {
  idColumn,
  type LanceColumns,
  requireColumns,
  requireSameNames,
  rowColumn,
  type TableShape,
  vectorColumn,
} from "./schema.ts";
import { type LanceSearchOptions, requireSearchOptions, searchTable } from "./search.ts";
import { untilAborted } from "./until-aborted.ts";

/** Options of {@link LanceTable.add}. */
export interface LanceAddOptions extends RunOptions {
  /**
   * One id per row, in the column `id`: texts, or whole numbers, kept as int64.
   *
   * @defaultValue no such column
   */
  readonly ids?: RowIds;
  /**
   * More columns, by name, which filters can use.
   *
   * @defaultValue none
   */
  readonly metadata?: LanceColumns;
}

/** Options of {@link LanceTable.createIndex} besides its kind. */
export interface LanceRunOptions {
  /**
   * Rejects with the signal's reason at once. LanceDB cannot be stopped: it goes on, and its index may still appear.
   *
   * @defaultValue nothing ends it early
   */
  readonly signal?: AbortSignal;
}

/**
 * A table of embeddings on disk or in object storage. Calls that change it must not overlap, nor with those of other
 * processes: two that add rows at a time would give them the same numbers.
 */
export interface LanceTable {
  /** Rows, as this table has last seen them. */
  readonly rows: number;
  /** Numbers of a row. */
  readonly columns: number;
  /** How likeness is scored. */
  readonly metric: Metric;
  /**
   * Builds an index, in place of one that is there.
   *
   * @param options - Which kind, and how; an index with product quantisation needs 256 rows or more.
   * @returns Settled when searches use it.
   * @throws RangeError if an option is out of range, LanceDB's errors, and the signal's reason.
   */
  createIndex(options: LanceIndexOptions & LanceRunOptions): Promise<void>;
  /**
   * Finds the rows most like each query. Rows added since the index was built are scored one by one.
   *
   * @param queries - One query per row; of any precision.
   * @param options - How many, and how thoroughly.
   * @returns Row numbers in the order of writing; higher scores are better. Equal scores come by row number, but which
   * of several rows with the score of the last place are among the `k` is LanceDB's choice.
   * @throws RangeError if an option or a query is out of range, LanceDB's errors (of a filter, for instance), and the
   * signal's reason.
   */
  search(queries: Embeddings, options: LanceSearchOptions): Promise<Neighbors>;
  /**
   * Adds rows at the end; {@link LanceTable.optimize} puts them into the index. If it fails, the table is as before.
   *
   * @param embeddings - Rows in memory, or a source of blocks.
   * @param options - The same columns as when the table was created.
   * @returns The number of the first new row: one more than the largest in the table. The numbers of rows that were
   * removed from the end are given again.
   * @throws RangeError or TypeError if rows or columns do not fit, and the signal's reason.
   */
  add(embeddings: Embeddings | EmbeddingSource, options?: LanceAddOptions): Promise<number>;
  /**
   * Removes rows by their numbers; those of the other rows stay. Numbers that are not there are passed over.
   *
   * @param rows - Row numbers.
   * @returns How many rows were removed.
   */
  remove(rows: Iterable<number>): Promise<number>;
  /** Puts rows that were added into the index, and joins small files; worth it after many changes. */
  optimize(): Promise<void>;
  /** Lets go of the table; it can no longer be used. May be called again. */
  close(): void;
  /** {@link LanceTable.close}, for `using`. */
  [Symbol.dispose](): void;
}

/** What a table is made of. */
export interface LanceParts {
  readonly packages: LancePackages;
  readonly connection: Connection;
  readonly table: Table;
  readonly shape: TableShape;
}

/** Row numbers in one condition of a removal. */
const removeCount = 1000;

export async function lanceTable(parts: LanceParts): Promise<LanceTable> {
  const { packages, connection, table, shape } = parts;
  const { columns, metric } = shape;
  let rows = await table.countRows();

  async function createIndex(options: LanceIndexOptions & LanceRunOptions): Promise<void> {
    const { signal, ...settings } = options;
    const config = toLanceIndex(packages.lancedb, settings, metric, columns);
    await untilAborted(signal, () => table.createIndex(vectorColumn, { config, replace: true }));
  }

  async function search(queries: Embeddings, options: LanceSearchOptions): Promise<Neighbors> {
    requireEmbeddings("search", "queries", queries);
    if (queries.columns !== columns) {
      throw new RangeError(
        `search: expected \`queries\` to have ${columns} columns like the table, got ${queries.columns}`,
      );
    }
    requireSearchOptions(options);
    const matrix = toFloat32(queries);
    requireFiniteRows("search", "queries", matrix, metric === "cosine");
    return untilAborted(options.signal, () => searchTable(table, matrix, metric, options));
  }

  async function add(
    embeddings: Embeddings | EmbeddingSource,
    options: LanceAddOptions = {},
  ): Promise<number> {
    const source = requireRows("add", embeddings);
    if (source.columns !== columns) {
      throw new RangeError(
        `add: expected \`embeddings\` to have ${columns} columns like the table, got ${source.columns}`,
      );
    }
    const extra = extraColumns("add", options, source.rows);
    requireSameNames("add", extra, shape.extra);
    const firstRow = (await largestRow(table)) + 1;
    const before = await table.version();
    const schema = await table.schema();
    try {
      const target = { caller: "add", arrow: packages.arrow, table, schema, metric, firstRow };
      await appendRows(target, source, extra, options);
    } catch (error) {
      await restoreVersion(table, before);
      throw error;
    }
    rows = await table.countRows();
    return firstRow;
  }

  async function remove(numbers: Iterable<number>): Promise<number> {
    const wanted = [...new Set(numbers)];
    const wrong = wanted.find((row) => !Number.isInteger(row) || row < 0 || row > 2 ** 31 - 1);
    if (wrong !== undefined) {
      throw new RangeError(`remove: expected \`rows\` to hold row numbers, got ${wrong}`);
    }
    for (let start = 0; start < wanted.length; start += removeCount) {
      await table.delete(`${rowColumn} IN (${wanted.slice(start, start + removeCount).join(", ")})`);
    }
    const before = rows;
    rows = await table.countRows();
    return before - rows;
  }

  const close = (): void => {
    table.close();
    connection.close();
  };
  return {
    get rows() {
      return rows;
    },
    columns,
    metric,
    createIndex,
    search,
    add,
    remove,
    optimize: async () => {
      await table.optimize();
    },
    close,
    [Symbol.dispose]: close,
  };
}

/** The columns besides row and vector; refuses what does not fit. */
export function extraColumns(caller: string, options: LanceAddOptions, rows: number): LanceColumns {
  const { ids, metadata = {} } = options;
  requireColumns(caller, metadata, rows);
  if (ids === undefined) return metadata;
  requireRowIds(caller, "ids", ids, rows);
  if (idColumn in metadata) {
    throw new RangeError(`${caller}: expected \`ids\` or \`metadata.${idColumn}\`, got both`);
  }
  const isText = typeof ids[0] === "string";
  const values = isText
    ? (ids as readonly string[])
    : Array.from(ids as readonly (number | bigint)[], (id) => BigInt(id));
  return { [idColumn]: values, ...metadata };
}

/** Makes a version of a table the newest again. */
export async function restoreVersion(table: Table, version: number): Promise<void> {
  if ((await table.version()) === version) return;
  await table.checkout(version);
  await table.restore();
}

/** The largest row number, or -1 in an empty table. */
async function largestRow(table: Table): Promise<number> {
  let largest = -1;
  for await (const batch of table.query().select([rowColumn])) {
    for (const row of batch.getChild(rowColumn)!.toArray() as Int32Array) largest = Math.max(largest, row);
  }
  return largest;
}
