import type { FileHandle } from "node:fs/promises";
import type { AsyncBuffer, Compressors, FileMetaData } from "hyparquet";
import { type FileErrors, fillRow } from "../tables/file-errors.ts";
import type { GroupReader } from "../tables/grouped-source.ts";
import type { importReader } from "./import-packages.ts";

export type Reader = Awaited<ReturnType<typeof importReader>>;

/** What is known of an open file. */
export interface OpenFile {
  readonly path: string;
  readonly reader: Reader;
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly errors: FileErrors;
  readonly compressors: Compressors;
}

/** How the row groups of an open file are read; the first one is read at once, for the length of its lists. */
export async function groupsOf(
  handle: FileHandle,
  file: OpenFile,
  groupRows: readonly number[],
  column: string,
  idColumn: string | undefined,
): Promise<GroupReader> {
  const { errors } = file;
  const readColumn = (group: number, firstRow: number, name: string) =>
    readGroup(file, firstRow, groupRows[group]!, name);
  const firstGroup = groupRows.findIndex((rows) => rows > 0);
  let first: readonly unknown[] | undefined = await readColumn(firstGroup, 0, column);
  const columns = widthOf(errors, first[0]);
  return {
    path: file.path,
    columns,
    hasIds: idColumn !== undefined,
    groupRows,
    readGroup: async (group, firstRow) => ({
      numbers: async () => {
        const known = group === firstGroup ? first : undefined;
        first = undefined;
        return toRows(errors, known ?? (await readColumn(group, firstRow, column)), firstRow, columns);
      },
      ids: async () => toIds(errors, await readColumn(group, firstRow, idColumn!), firstRow),
    }),
    close: () => handle.close(),
  };
}

/** The values of one column in the rows of one group. */
async function readGroup(
  file: OpenFile,
  start: number,
  rows: number,
  name: string,
): Promise<readonly unknown[]> {
  const { reader, buffer, metadata, errors, compressors } = file;
  const values: unknown[] = [];
  try {
    await reader.parquetRead({
      file: buffer,
      metadata,
      columns: [name],
      rowStart: start,
      rowEnd: start + rows,
      compressors,
      onChunk: ({ columnData }) => {
        for (const value of columnData as ArrayLike<unknown> & Iterable<unknown>) values.push(value);
      },
    });
  } catch (cause) {
    if (isOfFileSystem(cause)) throw cause;
    const text = cause instanceof Error ? cause.message : String(cause);
    const expected = `to have a readable column ${JSON.stringify(name)} from row ${start}`;
    throw errors.file(expected, JSON.stringify(text), "unsupported-content", { cause });
  }
  if (values.length !== rows) {
    const expected = `to have ${rows} values in the column ${JSON.stringify(name)} from row ${start}`;
    throw errors.file(expected, `${values.length}`, "wrong-size");
  }
  return values;
}

function widthOf(errors: FileErrors, row: unknown): number {
  if (!Array.isArray(row) || row.length === 0) {
    throw errors.row(0, "to hold numbers", Array.isArray(row) ? "an empty list" : "null");
  }
  return row.length;
}

function toRows(
  errors: FileErrors,
  values: readonly unknown[],
  start: number,
  columns: number,
): Float32Array {
  const data = new Float32Array(values.length * columns);
  for (const [i, row] of values.entries()) {
    if (!Array.isArray(row)) throw errors.row(start + i, `to hold ${columns} numbers`, "null");
    if (row.length !== columns) {
      throw errors.row(start + i, `to hold ${columns} numbers like the first row`, `${row.length}`);
    }
    fillRow(errors, start + i, row, data, i * columns);
  }
  return data;
}

function toIds(
  errors: FileErrors,
  values: readonly unknown[],
  start: number,
): readonly (string | number | bigint)[] {
  const missing = values.findIndex((id) => id === null || id === undefined);
  if (missing >= 0) throw errors.row(start + missing, "to have an id", "null");
  return values as readonly (string | number | bigint)[];
}

/** Whether reading failed, and not what was read. */
export function isOfFileSystem(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
