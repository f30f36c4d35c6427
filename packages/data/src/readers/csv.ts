import { createReadStream } from "node:fs";
import { CsvError, parse } from "csv-parse";
import { DataFormatError } from "../data-format-error.ts";

/**
 * Streams the rows of a CSV file through csv-parse. The header must name the wanted columns, in any
 * order and among others; `onRow` gets the fields of a row in the order of `columns`, in an array that
 * is used again for the next row, and the line the row starts on. Blank lines are skipped.
 *
 * @returns The number of rows.
 */
export async function readCsv(
  file: string,
  columns: readonly string[],
  onRow: (fields: readonly string[], line: number) => void,
): Promise<number> {
  const source = createReadStream(file);
  const parser = parse({ bom: true, relax_column_count: true });
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);

  const fields: string[] = columns.map(() => "");
  let header: readonly string[] = [];
  let places: readonly number[] = [];
  let line = 1;
  let rows = 0;
  try {
    for await (const record of parser as AsyncIterable<readonly string[]>) {
      if (record.length === 1 && record[0].trim() === "") {
        line += 1;
        continue;
      }
      if (header.length === 0) {
        header = record.map((name) => name.trim());
        places = findColumns(file, line, header, columns);
      } else {
        requireColumnCount(file, line, header, record.length);
        for (let i = 0; i < places.length; i++) fields[i] = record[places[i]];
        onRow(fields, line);
        rows += 1;
      }
      line += 1 + lineBreaksIn(record);
    }
  } catch (error) {
    throw asFormatError(file, line, error);
  } finally {
    source.destroy();
  }
  if (header.length === 0) {
    throw new DataFormatError(
      "empty-file",
      file,
      1,
      `expected a header with ${columns.join(",")}, got an empty file`,
    );
  }
  if (rows === 0) {
    throw new DataFormatError("empty-file", file, line, "expected rows after the header, got none");
  }
  return rows;
}

/** A value as an error message shows it: quoted, on one line, not too long. */
export function shown(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}

function findColumns(
  file: string,
  line: number,
  header: readonly string[],
  columns: readonly string[],
): readonly number[] {
  return columns.map((column) => {
    const place = header.indexOf(column);
    if (place >= 0) return place;
    throw new DataFormatError(
      "bad-header",
      file,
      line,
      `expected a header with ${columns.join(",")}, got ${shown(header.join(","))}`,
    );
  });
}

function requireColumnCount(file: string, line: number, header: readonly string[], actual: number): void {
  if (actual === header.length) return;
  throw new DataFormatError(
    actual < header.length ? "missing-column" : "extra-column",
    file,
    line,
    `expected ${header.length} columns (${header.join(",")}), got ${actual}`,
  );
}

/** Quoted fields may run over several lines. */
function lineBreaksIn(record: readonly string[]): number {
  let breaks = 0;
  for (const field of record) {
    for (let at = field.indexOf("\n"); at >= 0; at = field.indexOf("\n", at + 1)) breaks += 1;
  }
  return breaks;
}

/**
 * The line with the quote. csv-parse is ahead of the rows that were handed out, and for a quote that is
 * never closed its line is the end of the file, so there the rows before it are counted.
 */
function quoteLine(error: CsvError): number | undefined {
  const counter = error.code === "CSV_QUOTE_NOT_CLOSED" ? "records" : "lines";
  const count: unknown = error[counter];
  if (typeof count !== "number") return undefined;
  return counter === "records" ? count + 1 : count;
}

function asFormatError(file: string, line: number, error: unknown): unknown {
  if (error instanceof CsvError) {
    const detail = "expected balanced double quotes around fields only";
    return new DataFormatError("bad-quote", file, quoteLine(error) ?? line, detail, { cause: error });
  }
  if (error instanceof Error && "syscall" in error && "code" in error) {
    if (error.code === "ENOENT") {
      return new DataFormatError("missing-file", file, 0, "expected a file, got none", { cause: error });
    }
    return new DataFormatError("unreadable-file", file, 0, `expected a readable file, got ${error.code}`, {
      cause: error,
    });
  }
  return error;
}
