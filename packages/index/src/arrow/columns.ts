import type { Data, DataType, RecordBatch, Schema } from "apache-arrow";
import { halfToFloat } from "../precision.ts";
import { type FileErrors, fillRow, quotedNames } from "../tables/file-errors.ts";
import type { importArrow } from "./import-packages.ts";

type Arrow = Awaited<ReturnType<typeof importArrow>>;

/** How long the lists of a column of floats are, if its type says so; refuses a column of another type. */
export function floatListWidth(
  arrow: Arrow,
  errors: FileErrors,
  schema: Schema,
  name: string,
): number | undefined {
  const type = typeOf(errors, schema, name);
  const { DataType } = arrow;
  const isFixed = DataType.isFixedSizeList(type) && type.listSize > 0;
  if (!(isFixed || DataType.isList(type)) || !DataType.isFloat(type.children[0]?.type)) {
    const expected = `to have lists of floats in the column ${JSON.stringify(name)}`;
    throw errors.file(expected, describe(type), "unsupported-content");
  }
  return isFixed ? type.listSize : undefined;
}

/** Refuses a column that is neither text nor whole numbers. */
export function requireIdColumn(arrow: Arrow, errors: FileErrors, schema: Schema, name: string): void {
  const type = typeOf(errors, schema, name);
  const { DataType } = arrow;
  const plain: DataType = DataType.isDictionary(type) ? type.dictionary : type;
  if (!(DataType.isUtf8(plain) || DataType.isLargeUtf8(plain) || DataType.isInt(plain))) {
    const expected = `to have texts or whole numbers in the column ${JSON.stringify(name)}`;
    throw errors.file(expected, describe(type), "unsupported-content");
  }
}

/** The rows of a column of lists of floats, `columns` numbers each, or as many as the first has. */
export function readRows(
  errors: FileErrors,
  batch: RecordBatch,
  name: string,
  firstRow: number,
  columns: number | undefined,
): { readonly data: Float32Array; readonly columns: number } {
  const list = dataOf(batch, name);
  requireLength(errors, batch, name, list.length, firstRow);
  const numbers = list.children[0] as Data;
  const offsets = offsetsOf(list, columns ?? 0);
  const width = columns ?? offsets[1]! - offsets[0]!;
  if (!(width > 0)) {
    throw errors.row(firstRow, "to hold numbers", list.getValid(0) ? "an empty list" : "null");
  }
  const values = floatsOf(numbers);
  if (columns === undefined && width > values.length) {
    throw errors.row(firstRow, `to hold ${width} numbers`, `a batch with ${values.length}`);
  }
  const data = new Float32Array(list.length * width);
  for (let row = 0; row < list.length; row++) {
    if (!list.getValid(row)) throw errors.row(firstRow + row, `to hold ${width} numbers`, "null");
    const [start, end] = [offsets[row]!, offsets[row + 1]!];
    if (end - start !== width) {
      throw errors.row(firstRow + row, `to hold ${width} numbers like the first row`, `${end - start}`);
    }
    // Nothing in the format keeps a list from pointing beyond the numbers.
    if (start < 0 || end > values.length) {
      const got = `numbers ${start} to ${end} of ${values.length}`;
      throw errors.row(firstRow + row, `to hold ${width} numbers of its batch`, got);
    }
    requireNoNulls(errors, numbers, start, end, firstRow + row);
    fillRow(errors, firstRow + row, values.subarray(start, end), data, row * width);
  }
  return { data, columns: width };
}

/** The ids of the rows; refuses a null. */
export function readIds(
  errors: FileErrors,
  batch: RecordBatch,
  name: string,
  firstRow: number,
): (string | number | bigint)[] {
  const column = batch.getChild(name)!;
  requireLength(errors, batch, name, column.length, firstRow);
  return Array.from({ length: column.length }, (_, row) => {
    const id = column.get(row) as string | number | bigint | null;
    if (id === null) throw errors.row(firstRow + row, "to have an id", "null");
    return id;
  });
}

function requireLength(
  errors: FileErrors,
  batch: RecordBatch,
  name: string,
  length: number,
  firstRow: number,
): void {
  if (length === batch.numRows) return;
  const expected = `to have ${batch.numRows} values in the column ${JSON.stringify(name)} from row ${firstRow}`;
  throw errors.file(expected, `${length}`, "wrong-size");
}

function typeOf(errors: FileErrors, schema: Schema, name: string): DataType {
  const field = schema.fields.find((other) => other.name === name);
  if (field === undefined) {
    const names = quotedNames(schema.fields.map((other) => other.name));
    throw errors.file(`to have a column ${JSON.stringify(name)}`, names, "unsupported-content");
  }
  return field.type as DataType;
}

function dataOf(batch: RecordBatch, name: string): Data {
  const index = batch.schema.fields.findIndex((field) => field.name === name);
  return batch.data.children[index] as Data;
}

/** Where each row's numbers start, and where the last ones end. */
function offsetsOf(list: Data, columns: number): Int32Array {
  if (columns === 0) return list.valueOffsets as Int32Array;
  const offsets = list.valueOffsets as Int32Array | undefined;
  if (offsets !== undefined && offsets.length > 0) return offsets;
  return Int32Array.from({ length: list.length + 1 }, (_, row) => row * columns);
}

function floatsOf(numbers: Data): Float32Array | Float64Array {
  const values = numbers.values as Uint16Array | Float32Array | Float64Array;
  return values instanceof Uint16Array ? Float32Array.from(values, halfToFloat) : values;
}

function requireNoNulls(errors: FileErrors, numbers: Data, start: number, end: number, row: number): void {
  if (numbers.nullCount === 0) return;
  for (let i = start; i < end; i++) {
    if (!numbers.getValid(i)) throw errors.row(row, "to hold numbers", `null in column ${i - start}`);
  }
}

function describe(type: DataType): string {
  // The names of nested types fail where a part of them is missing.
  try {
    return String(type);
  } catch {
    return "a type without its parts";
  }
}
