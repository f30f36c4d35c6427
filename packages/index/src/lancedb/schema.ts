import type { Data, DataType, Field, Schema, Table } from "apache-arrow";
import type { Matrix, Metric } from "../matrix.ts";
import type { LancePackages } from "./import-packages.ts";

type Arrow = LancePackages["arrow"];

/** The column of row numbers. */
export const rowColumn = "row";
/** The column of embeddings. */
export const vectorColumn = "vector";
/** The column of ids. */
export const idColumn = "id";

const metricKey = "lmk:metric";

/** One value per row: texts, numbers (float64), whole numbers as bigints (int64), or truth values. */
export type LanceColumn = readonly string[] | readonly number[] | readonly bigint[] | readonly boolean[];

/** More columns of the rows that are written, by name. */
export type LanceColumns = Readonly<Record<string, LanceColumn>>;

/** What a table of this package is known by. */
export interface TableShape {
  readonly columns: number;
  readonly metric: Metric;
  /** The other columns. */
  readonly extra: readonly Field[];
}

/** Refuses columns that are not one value of one kind per row, or whose names are taken. */
export function requireColumns(caller: string, columns: LanceColumns, rows: number): void {
  for (const [name, values] of Object.entries(columns)) {
    if (name === rowColumn || name === vectorColumn || name.startsWith("_") || name === "") {
      throw new RangeError(
        `${caller}: expected \`metadata\` to have other names than "row", "vector" and those with _ in front, got ${JSON.stringify(name)}`,
      );
    }
    if (values.length !== rows) {
      throw new RangeError(
        `${caller}: expected \`metadata.${name}\` to hold ${rows} values, one per row, got ${values.length}`,
      );
    }
    const kind = typeof values[0];
    const at = (values as readonly unknown[]).findIndex((value) => typeof value !== kind);
    const isKnown = kind === "string" || kind === "number" || kind === "bigint" || kind === "boolean";
    if (at < 0 && isKnown) continue;
    throw new TypeError(
      `${caller}: expected \`metadata.${name}\` to hold values of one kind, got ${String(values[Math.max(at, 0)])} in row ${Math.max(at, 0)}`,
    );
  }
}

/** Refuses columns that are not those of a table that exists. */
export function requireSameNames(caller: string, columns: LanceColumns, extra: readonly Field[]): void {
  const named = (names: readonly string[]) =>
    names
      .toSorted()
      .map((name) => JSON.stringify(name))
      .join(", ");
  const wanted = named(extra.map(({ name }) => name));
  const given = named(Object.keys(columns));
  if (given === wanted) return;
  throw new RangeError(
    `${caller}: expected \`ids\` and \`metadata\` to give the columns ${wanted || "none"}, got ${given || "none"}`,
  );
}

export function createSchema(arrow: Arrow, columns: number, metric: Metric, extra: LanceColumns): Schema {
  const number = new arrow.Field("item", new arrow.Float32(), true);
  const fields: Field[] = [
    new arrow.Field(rowColumn, new arrow.Int32(), false),
    new arrow.Field(vectorColumn, new arrow.FixedSizeList(columns, number), false),
    ...Object.entries(extra).map(([name, values]) => new arrow.Field(name, typeOf(arrow, values), false)),
  ];
  return new arrow.Schema(fields, new Map([[metricKey, metric]]));
}

/** What a table's schema says; nothing if this package did not write it. */
export function shapeOf(schema: Schema): TableShape | undefined {
  const metric = schema.metadata.get(metricKey);
  const vector = schema.fields.find(({ name }) => name === vectorColumn);
  const hasRows = schema.fields.some(({ name }) => name === rowColumn);
  const isMetric = metric === "dot" || metric === "cosine" || metric === "l2";
  const columns = (vector?.type as { readonly listSize?: number } | undefined)?.listSize;
  if (!isMetric || !hasRows || columns === undefined) return undefined;
  const extra = schema.fields.filter(({ name }) => name !== rowColumn && name !== vectorColumn);
  return { columns, metric, extra };
}

/** Rows as a table of Arrow, from row number `first`; `from` is where they start in the other columns. */
export function tableOf(
  arrow: Arrow,
  schema: Schema,
  matrix: Matrix,
  first: number,
  extra: LanceColumns,
  from: number,
): Table {
  const { rows } = matrix;
  const children = schema.fields.map(({ name, type }): Data => {
    if (name === rowColumn) {
      const data = Int32Array.from({ length: rows }, (_, row) => first + row);
      return arrow.makeData({ type: new arrow.Int32(), length: rows, nullCount: 0, data }) as Data;
    }
    if (name === vectorColumn) {
      const child = arrow.makeData({
        type: new arrow.Float32(),
        length: matrix.data.length,
        nullCount: 0,
        data: matrix.data,
      });
      return arrow.makeData({ type, length: rows, nullCount: 0, child } as never) as Data;
    }
    return columnData(arrow, type as DataType, (extra[name] ?? []).slice(from, from + rows));
  });
  const struct = arrow.makeData({
    type: new arrow.Struct(schema.fields),
    length: rows,
    nullCount: 0,
    children,
  });
  return new arrow.Table(schema, [new arrow.RecordBatch(schema, struct)]);
}

function typeOf(arrow: Arrow, values: LanceColumn): DataType {
  const [value] = values;
  if (typeof value === "string") return new arrow.Utf8();
  if (typeof value === "bigint") return new arrow.Int64();
  return typeof value === "number" ? new arrow.Float64() : new arrow.Bool();
}

function columnData(arrow: Arrow, type: DataType, values: readonly unknown[]): Data {
  return arrow.vectorFromArray(values as never, type as never).data[0] as Data;
}
