import type { Data, RecordBatch, Schema } from "apache-arrow";
import { convertRows, requireFloatDtype } from "../files/convert-rows.ts";
import { writeWhenComplete } from "../files/partial-file.ts";
import { startSteps } from "../files/run-steps.ts";
import type { EmbeddingSource, Embeddings, RunOptions } from "../matrix.ts";
import { requirePositiveInteger } from "../require.ts";
import { matrixBlocks, requireRows } from "../tables/input.ts";
import { loadPackage } from "../tables/optional-package.ts";
import { type RowIds, requireRowIds, sliceIds } from "../tables/row-ids.ts";
import { importArrow } from "./import-packages.ts";

/** Options of {@link writeArrow}. */
export interface WriteArrowOptions extends RunOptions {
  /**
   * One id per row: texts, written as utf8, or whole numbers, written as int64.
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
   * Whether an Arrow file is written, whose end says where each batch lies, or a stream.
   *
   * @defaultValue "file", which programs can map into memory
   */
  readonly format?: "file" | "stream";
  /**
   * Rows of a record batch, which readers read at once.
   *
   * @defaultValue 10000, which at 512 columns of float32 is 20 MB
   */
  readonly batchRows?: number;
}

type Arrow = Awaited<ReturnType<typeof importArrow>>;

/**
 * Writes embeddings as an Arrow file (also known as Feather version 2) or an Arrow stream: a column of lists of
 * float32 or float16 of fixed length, and an optional column of ids.
 *
 * Rows are asked for one record batch at a time, so that a source's are never all in memory. The file appears under
 * its name only when it is complete; an existing file is replaced.
 *
 * @param path - The file, usually named `*.arrow`, or `*.arrows` for a stream; its folder must exist.
 * @param embeddings - Rows in memory of any precision, or a source of blocks; at least one row. As float32, NaN and
 * infinities are written as they are.
 * @param options - Ids, names, dtype and format.
 * @returns Settled when the file is in place.
 * @throws RangeError or TypeError if there are no rows, `ids` are not one per row, or a row does not fit float16 (NaN,
 * an infinity, beyond ±65504); the signal's reason; the file system's errors.
 * @throws PackageUnavailableError if `apache-arrow` is not installed.
 *
 * @example
 * ```ts
 * import { readArrow, writeArrow } from "@lmk/index/arrow";
 *
 * const half = { data: Uint16Array.of(0x3c00, 0x4000), rows: 1, columns: 2 };
 * await writeArrow("half.arrow", half, { dtype: "float16" });
 * console.log([...(await readArrow("half.arrow")).embeddings.data]); // => [ 1, 2 ]
 * ```
 */
export async function writeArrow(
  path: string,
  embeddings: Embeddings | EmbeddingSource,
  options: WriteArrowOptions = {},
): Promise<void> {
  const { ids, column = "embedding", idColumn = "id", dtype = "float32" } = options;
  const { format = "file", batchRows = 10_000, signal } = options;
  const source = requireRows("writeArrow", embeddings);
  const { rows } = source;
  requireFloatDtype("writeArrow", dtype);
  requirePositiveInteger("writeArrow", "batchRows", batchRows);
  if (ids !== undefined) requireRowIds("writeArrow", "ids", ids, rows);
  if (ids !== undefined && column === idColumn) {
    throw new RangeError(
      `writeArrow: expected \`idColumn\` to differ from \`column\`, got ${JSON.stringify(column)} twice`,
    );
  }
  const arrow = await loadPackage("writeArrow", ["apache-arrow"], importArrow);
  const steps = startSteps(options, rows);
  const schema = schemaOf(arrow, embeddings.columns, dtype, column, ids && [idColumn, ids]);

  await writeWhenComplete(path, async (file) => {
    const chunks: Uint8Array[] = [];
    const drain = async () => {
      for (const chunk of chunks.splice(0)) await file.write(chunk);
    };
    const writer =
      format === "file" ? new arrow.RecordBatchFileWriter() : new arrow.RecordBatchStreamWriter();
    writer.reset(queueInto(arrow, chunks), schema);
    for await (const { firstRow, matrix } of matrixBlocks("writeArrow", source, batchRows, signal)) {
      const numbers = convertRows(matrix, {
        caller: "writeArrow",
        dtype,
        firstRow,
        finite: false,
      });
      const part = ids && sliceIds(ids, firstRow, firstRow + matrix.rows);
      writer.write(batchOf(arrow, schema, numbers, part));
      await drain();
      steps.advance(matrix.rows);
    }
    writer.finish();
    await drain();
  });
  steps.finish();
}

/** What a writer writes into, which keeps the bytes until they are taken. */
function queueInto(arrow: Arrow, chunks: Uint8Array[]): InstanceType<Arrow["AsyncByteQueue"]> {
  class ChunkQueue extends arrow.AsyncByteQueue {
    override write(chunk: Parameters<InstanceType<Arrow["AsyncByteQueue"]>["write"]>[0]): void {
      chunks.push(chunk as Uint8Array);
    }
  }
  return new ChunkQueue();
}

function schemaOf(
  arrow: Arrow,
  columns: number,
  dtype: "float32" | "float16",
  column: string,
  id: readonly [string, RowIds] | undefined,
): Schema {
  const number = dtype === "float32" ? new arrow.Float32() : new arrow.Float16();
  const list = new arrow.FixedSizeList(columns, new arrow.Field("item", number, false));
  const fields = [new arrow.Field(column, list, false)];
  if (id !== undefined) {
    const type = typeof id[1][0] === "string" ? new arrow.Utf8() : new arrow.Int64();
    fields.push(new arrow.Field(id[0], type, false) as never);
  }
  return new arrow.Schema(fields);
}

function batchOf(arrow: Arrow, schema: Schema, numbers: Embeddings, ids: RowIds | undefined): RecordBatch {
  const list = schema.fields[0]!.type;
  const child = arrow.makeData({
    type: list.children[0]!.type,
    length: numbers.data.length,
    nullCount: 0,
    data: numbers.data,
  } as never) as Data;
  const children: Data[] = [
    arrow.makeData({ type: list, length: numbers.rows, nullCount: 0, child } as never) as Data,
  ];
  if (ids !== undefined) children.push(idData(arrow, ids));
  const data = arrow.makeData({
    type: new arrow.Struct(schema.fields),
    length: numbers.rows,
    nullCount: 0,
    children,
  });
  return new arrow.RecordBatch(schema, data);
}

function idData(arrow: Arrow, ids: RowIds): Data {
  if (typeof ids[0] === "string") {
    return arrow.vectorFromArray(ids as string[], new arrow.Utf8()).data[0] as Data;
  }
  const values = BigInt64Array.from(ids as readonly (number | bigint)[], (id) => BigInt(id));
  return arrow.makeData({ type: new arrow.Int64(), length: ids.length, nullCount: 0, data: values }) as Data;
}
