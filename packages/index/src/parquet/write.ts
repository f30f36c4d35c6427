import type { SchemaElement } from "hyparquet-writer";
import { convertRows, requireFloatDtype } from "../files/convert-rows.ts";
import { type PartialFile, writeWhenComplete } from "../files/partial-file.ts";
import { startSteps } from "../files/run-steps.ts";
import type { EmbeddingSource, Embeddings, Matrix, RunOptions } from "../matrix.ts";
import { requirePositiveInteger } from "../require.ts";
import { matrixBlocks, requireRows } from "../tables/input.ts";
import { loadPackage } from "../tables/optional-package.ts";
import { type RowIds, requireRowIds, sliceIds } from "../tables/row-ids.ts";
import { importWriter } from "./import-packages.ts";

/** Options of {@link writeParquet}. */
export interface WriteParquetOptions extends RunOptions {
  /**
   * One id per row: texts, written as such, or whole numbers, written as int64.
   *
   * @defaultValue no id column
   */
  readonly ids?: RowIds;
  /**
   * The name of the column of embeddings.
   *
   * @defaultValue "embedding"
   */
  readonly column?: string;
  /**
   * The name of the column of ids.
   *
   * @defaultValue "id"
   */
  readonly idColumn?: string;
  /**
   * The numbers of the file. `"float16"` takes half the space; each number goes to the nearest float16.
   *
   * @defaultValue "float32": nothing is lost
   */
  readonly dtype?: "float32" | "float16";
  /**
   * Rows of a row group, which readers read at once.
   *
   * @defaultValue 10000, which at 512 columns of float32 is 20 MB
   */
  readonly rowGroupRows?: number;
}

/**
 * Writes embeddings as a Parquet file: a column of lists of float32 or float16, and an optional column of ids. pandas,
 * pyarrow, DuckDB, Spark and Hugging Face datasets read it.
 *
 * Rows are asked for one row group at a time, so that a source's are never all in memory; about 40 bytes a number of
 * one row group are needed. Numbers are not compressed, since embeddings hardly become smaller. The file appears under
 * its name only when it is complete; an existing file is replaced.
 *
 * @param path - The file, usually named `*.parquet`; its folder must exist.
 * @param embeddings - Rows in memory of any precision, or a source of blocks; at least one row. As float32, NaN
 * and infinities are written as they are.
 * @param options - Ids, names, dtype and size of the groups.
 * @returns Settled when the file is in place.
 * @throws RangeError or TypeError if there are no rows, `ids` are not one per row, or a row does not
 * fit float16 (NaN, an infinity, beyond ±65504); the signal's reason; the file
 * system's errors.
 * @throws PackageUnavailableError if `hyparquet-writer` is not installed.
 *
 * @example
 * ```ts
 * import { readParquet, writeParquet } from "@lmk/index/parquet";
 *
 * const half = { data: Uint16Array.of(0x3c00, 0x4000), rows: 1, columns: 2 };
 * await writeParquet("half.parquet", half, { dtype: "float16" });
 * console.log([...(await readParquet("half.parquet")).embeddings.data]); // => [ 1, 2 ]
 * ```
 */
export async function writeParquet(
  path: string,
  embeddings: Embeddings | EmbeddingSource,
  options: WriteParquetOptions = {},
): Promise<void> {
  const { ids, column = "embedding", idColumn = "id", dtype = "float32" } = options;
  const { rowGroupRows = 10_000, signal } = options;
  const source = requireRows("writeParquet", embeddings);
  const { rows } = source;
  requireFloatDtype("writeParquet", dtype);
  requirePositiveInteger("writeParquet", "rowGroupRows", rowGroupRows);
  if (ids !== undefined) requireRowIds("writeParquet", "ids", ids, rows);
  if (ids !== undefined && column === idColumn) {
    throw new RangeError(
      `writeParquet: expected \`idColumn\` to differ from \`column\`, got ${JSON.stringify(column)} twice`,
    );
  }
  const { ByteWriter, ParquetWriter } = await loadPackage("writeParquet", ["hyparquet-writer"], importWriter);
  const steps = startSteps(options, rows);

  await writeWhenComplete(path, async (file) => {
    const writer = new ByteWriter();
    const schema = schemaOf(column, dtype, ids === undefined ? undefined : idElement(idColumn, ids));
    const parquet = new ParquetWriter({
      writer,
      schema,
      codec: "UNCOMPRESSED",
      createdBy: "@lmk/index",
    });
    for await (const block of matrixBlocks("writeParquet", source, rowGroupRows, signal)) {
      const { firstRow, matrix } = block;
      // The library rounds to float16 as this package does, but writes what is too large as infinity.
      convertRows(matrix, { caller: "writeParquet", dtype, firstRow, finite: false });
      const end = firstRow + matrix.rows;
      const columnData: Parameters<typeof parquet.write>[0]["columnData"] = [
        { name: column, data: listsOf(matrix), encoding: "PLAIN", statistics: false, offsetIndex: false },
      ];
      if (ids !== undefined)
        columnData.push({ name: idColumn, data: idValues(sliceIds(ids, firstRow, end)) });
      await parquet.write({ columnData, rowGroupSize: matrix.rows });
      await flush(file, writer);
      steps.advance(matrix.rows);
    }
    await parquet.finish();
    await flush(file, writer);
  });
  steps.finish();
}

/** Writes out what the library has put into its buffer, and empties that. */
async function flush(
  file: Pick<PartialFile, "write">,
  writer: InstanceType<Awaited<ReturnType<typeof importWriter>>["ByteWriter"]>,
): Promise<void> {
  await file.write(writer.getBytes());
  writer.index = 0;
}

function schemaOf(
  column: string,
  dtype: "float32" | "float16",
  id: SchemaElement | undefined,
): SchemaElement[] {
  const number: SchemaElement =
    dtype === "float32"
      ? { name: "element", type: "FLOAT", repetition_type: "REQUIRED" }
      : {
          name: "element",
          type: "FIXED_LEN_BYTE_ARRAY",
          type_length: 2,
          logical_type: { type: "FLOAT16" },
          repetition_type: "REQUIRED",
        };
  return [
    { name: "root", num_children: id === undefined ? 1 : 2 },
    { name: column, repetition_type: "REQUIRED", num_children: 1, converted_type: "LIST" },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    number,
    ...(id === undefined ? [] : [id]),
  ];
}

function idElement(name: string, ids: RowIds): SchemaElement {
  return typeof ids[0] === "string"
    ? { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" }
    : { name, type: "INT64", repetition_type: "REQUIRED" };
}

function idValues(ids: RowIds): (string | bigint)[] {
  return Array.from(ids as readonly (string | number | bigint)[], (id) =>
    typeof id === "number" ? BigInt(id) : id,
  );
}

function listsOf({ data, rows, columns }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from(data.subarray(row * columns, (row + 1) * columns)),
  );
}
