// The official readers take columns by position and never look at the header; here the names decide.
import { countLineBreaks, readCsvBlocks } from "./csv-blocks.ts";
import { FileFormatError, shown } from "./file-format-error.ts";
import { type FileSource, nameOf, type ReadFileOptions, readText } from "./file-source.ts";

/** The columns of a file. */
export interface TableLayout {
  /** Names as published; a file may have them in any order and letter case. */
  readonly columns: readonly string[];
  /** Value of a last column that a file may lack. */
  readonly lastByDefault?: string;
}

/** One row of a file. */
export interface TableRow {
  readonly file: string;
  readonly line: number;
  /** In the order of {@link TableLayout.columns}. */
  readonly fields: readonly string[];
}

/** The rows of a CSV file with a header, in blocks; blank lines are left out. */
export async function* readTable(
  source: FileSource,
  layout: TableLayout,
  options: ReadFileOptions,
): AsyncGenerator<readonly TableRow[]> {
  const file = nameOf(source, options);
  options.signal?.throwIfAborted();
  let order: readonly number[] | undefined;
  let width = 0;
  for await (const { records, line: firstLine, hasQuotes } of readCsvBlocks(readText(source, file), file)) {
    options.signal?.throwIfAborted();
    const rows: TableRow[] = [];
    let line = firstLine;
    for (const record of records) {
      const recordLine = line;
      line += 1;
      if (hasQuotes) for (const field of record) line += countLineBreaks(field, field.length);
      if (record.length === 1 && record[0] === "") continue;
      if (order === undefined) {
        order = orderOf(record, layout, file, recordLine);
        width = record.length;
        continue;
      }
      if (record.length !== width) throw badRow(record, width, file, recordLine);
      rows.push({ file, line: recordLine, fields: pick(record, order, layout) });
    }
    yield rows;
  }
  if (order === undefined) throw badHeader(layout, file, 0, "an empty file");
}

/** For each column its place in the file, or -1. */
function orderOf(
  header: readonly string[],
  layout: TableLayout,
  file: string,
  line: number,
): readonly number[] {
  const names = header.map((name) => name.trim().toLowerCase());
  const order = layout.columns.map((column) => names.indexOf(column.toLowerCase()));
  const isOptional = layout.lastByDefault !== undefined && order.at(-1) === -1;
  const wanted = layout.columns.length - (isOptional ? 1 : 0);
  const found = order.filter((place) => place >= 0).length;
  if (found !== wanted || names.length !== wanted) {
    throw badHeader(layout, file, line, shown(header.join(",")));
  }
  return order;
}

function pick(record: readonly string[], order: readonly number[], layout: TableLayout): readonly string[] {
  return order.map((place) => (place < 0 ? layout.lastByDefault! : record[place]!));
}

function badHeader(layout: TableLayout, file: string, line: number, got: string): FileFormatError {
  const expected = `a header with the columns ${layout.columns.join(",")}`;
  return new FileFormatError({ code: "bad-header", file, line, field: "", expected, got });
}

function badRow(record: readonly string[], width: number, file: string, line: number): FileFormatError {
  const got = `${record.length}: ${shown(record.join(","))}`;
  return new FileFormatError({
    code: "bad-row",
    file,
    line,
    field: "",
    expected: `${width} fields as in the header`,
    got,
  });
}
