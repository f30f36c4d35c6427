import type { Connection, Table } from "@lancedb/lancedb";
import type { EmbeddingSource, Embeddings, Metric } from "../matrix.ts";
import { requireMetric } from "../require.ts";
import { requireRows } from "../tables/input.ts";
import { loadPackage } from "../tables/optional-package.ts";
import { appendRows } from "./append-rows.ts";
import { importLance, type LancePackages } from "./import-packages.ts";
import { createSchema, shapeOf } from "./schema.ts";
import { extraColumns, type LanceAddOptions, type LanceTable, lanceTable, restoreVersion } from "./table.ts";

/** What LanceDB needs besides itself, its users install with it. */
const lancePackages = ["@lancedb/lancedb", "apache-arrow"] as const;

/** Options of {@link openLanceTable}. */
export interface OpenLanceTableOptions {
  /**
   * Keys and settings of object storage, as LanceDB names them, such as `aws_access_key_id`, `endpoint` or `timeout`.
   *
   * @defaultValue what LanceDB finds in the environment
   *
   * @see {@link https://docs.lancedb.com/storage/configuration | LanceDB's storage options}
   */
  readonly storageOptions?: Readonly<Record<string, string>>;
}

/** Options of {@link createLanceTable}. */
export interface CreateLanceTableOptions extends LanceAddOptions, OpenLanceTableOptions {
  /**
   * How likeness is scored, kept in the table.
   *
   * @defaultValue "dot", as in `exactSearch`
   */
  readonly metric?: Metric;
  /**
   * Whether a table of this name is replaced.
   *
   * @defaultValue false
   */
  readonly overwrite?: boolean;
}

/**
 * Creates a table of embeddings in a local folder or in object storage, without an index.
 *
 * Rows are written in blocks of 32 MiB, so that a source's are never all in memory. Besides the embeddings, in the
 * column `vector` (float32), the table has each row's number in the column `row`, its id in `id` if ids are given, and
 * the columns of `metadata`. Other programs with LanceDB can read it.
 *
 * If it fails or is ended early, the table is removed, or, with `overwrite`, is what it was before; this happens before
 * the call rejects. While it is written, other processes see the rows so far.
 *
 * @param uri - A folder, which is created, or `s3://bucket/folder`, `gs://…`, `az://…`.
 * @param name - The table: letters, digits, `_`, `-` and `.`.
 * @param embeddings - Rows in memory of any precision, or a source of blocks; at least one row.
 * @param options - Ids, more columns, the metric, and storage.
 * @returns The table, open.
 * @throws RangeError or TypeError if rows or columns do not fit, or a row holds NaN, an infinity or, for cosine, only
 * zeros; LanceDB's errors, also if the name is taken; the signal's reason.
 * @throws PackageUnavailableError if `@lancedb/lancedb` or `apache-arrow` is not installed.
 *
 * @example
 * ```ts
 * import { createLanceTable } from "@lmk/index/lancedb";
 *
 * const rows = { data: Float32Array.of(1, 0, 0, 2, 3, 3), rows: 3, columns: 2 };
 * const table = await createLanceTable("landmarks.lancedb", "gallery", rows, { metadata: { year: [1887, 1960, 2003] } });
 * const query = { data: Float32Array.of(1, 1), rows: 1, columns: 2 };
 * const { ids, scores } = await table.search(query, { k: 2, filter: "year < 2000" });
 * console.log([...ids], [...scores]); // => [ 1, 0 ] [ 2, 1 ]
 * table.close();
 * ```
 *
 * @see {@link https://docs.lancedb.com | LanceDB}
 */
export async function createLanceTable(
  uri: string,
  name: string,
  embeddings: Embeddings | EmbeddingSource,
  options: CreateLanceTableOptions = {},
): Promise<LanceTable> {
  const caller = "createLanceTable";
  const { metric = "dot", overwrite = false } = options;
  const source = requireRows(caller, embeddings);
  requireMetric(caller, metric);
  const extra = extraColumns(caller, options, source.rows);
  options.signal?.throwIfAborted();
  const packages = await loadPackage(caller, lancePackages, importLance);
  const { arrow } = packages;
  const connection = await connect(packages, uri, options);
  try {
    const schema = createSchema(arrow, source.columns, metric, extra);
    const before = overwrite ? await versionOf(connection, name) : undefined;
    const mode = before === undefined ? "create" : "overwrite";
    const table = await connection.createEmptyTable(name, schema, { mode });
    try {
      try {
        await appendRows({ caller, arrow, table, schema, metric, firstRow: 0 }, source, extra, options);
      } catch (error) {
        if (before === undefined) await connection.dropTable(name);
        else await restoreVersion(table, before);
        throw error;
      }
      return await lanceTable({ packages, connection, table, shape: shapeOf(await table.schema())! });
    } catch (error) {
      table.close();
      throw error;
    }
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Opens a table that {@link createLanceTable} wrote.
 *
 * @param uri - Where it was created.
 * @param name - The table.
 * @param options - Storage.
 * @returns The table.
 * @throws RangeError if the table was not written by this package; LanceDB's error if there is none of this name.
 * @throws PackageUnavailableError if `@lancedb/lancedb` or `apache-arrow` is not installed.
 *
 * @example
 * ```ts
 * import { createLanceTable, openLanceTable } from "@lmk/index/lancedb";
 *
 * const rows = { data: Float32Array.of(3, 4), rows: 1, columns: 2 };
 * const created = await createLanceTable("photos.lancedb", "photos", rows, { metric: "l2" });
 * created.close();
 * const table = await openLanceTable("photos.lancedb", "photos");
 * console.log(table.rows, table.columns, table.metric); // => 1 2 l2
 * table.close();
 * ```
 */
export async function openLanceTable(
  uri: string,
  name: string,
  options: OpenLanceTableOptions = {},
): Promise<LanceTable> {
  const packages = await loadPackage("openLanceTable", lancePackages, importLance);
  const connection = await connect(packages, uri, options);
  try {
    const table = await connection.openTable(name);
    try {
      const shape = shapeOf(await table.schema());
      if (shape === undefined) {
        throw new RangeError(
          `openLanceTable: expected \`name\` to be a table that createLanceTable wrote, got ${JSON.stringify(name)}`,
        );
      }
      return await lanceTable({ packages, connection, table, shape });
    } catch (error) {
      table.close();
      throw error;
    }
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function connect(
  packages: LancePackages,
  uri: string,
  options: OpenLanceTableOptions,
): Promise<Connection> {
  const { storageOptions = {} } = options;
  return packages.lancedb.connect(uri, { storageOptions: { ...storageOptions } });
}

/** The newest version of a table, if there is one of this name. */
async function versionOf(connection: Connection, name: string): Promise<number | undefined> {
  if (!(await hasTable(connection, name))) return undefined;
  const table: Table = await connection.openTable(name);
  try {
    return await table.version();
  } finally {
    table.close();
  }
}

async function hasTable(connection: Connection, name: string): Promise<boolean> {
  for (let startAfter = ""; ; ) {
    const names = await connection.tableNames({ startAfter, limit: 1000 });
    if (names.includes(name)) return true;
    const last = names.at(-1);
    if (last === undefined || names.length < 1000) return false;
    startAfter = last;
  }
}
