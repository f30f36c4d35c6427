import { DataFormatError } from "../data-format-error.ts";
import { countLineBreaks, readCsvBlocks } from "./csv-blocks.ts";

/**
 * Streams the rows of a CSV file. The header must name the wanted columns, in any order and among others;
 * `onRow` gets the fields of a row in the order of `columns`, in an array that is used again for the next
 * row, and the line the row starts on. Blank lines are skipped.
 *
 * @param absent - Columns that the header may lack, with what every row then has there.
 * @returns The number of rows.
 */
export async function readCsv(
  file: string,
  columns: readonly string[],
  onRow: (fields: readonly string[], line: number) => void,
  absent: ReadonlyMap<string, string> = new Map(),
): Promise<number> {
  const table = new CsvTable(file, columns, absent);
  for await (const { records, hasQuotes } of readCsvBlocks(file)) {
    for (const record of records) {
      const fields = table.take(record, hasQuotes);
      if (fields !== undefined) onRow(fields, table.line);
    }
  }
  return table.end();
}

/** As {@link readCsv}, with the rows as a stream of what `toRow` makes of them. */
export async function* streamCsv<Row>(
  file: string,
  columns: readonly string[],
  toRow: (fields: readonly string[], line: number) => Row,
): AsyncGenerator<Row, void> {
  const table = new CsvTable(file, columns, new Map());
  for await (const { records, hasQuotes } of readCsvBlocks(file)) {
    for (const record of records) {
      const fields = table.take(record, hasQuotes);
      if (fields !== undefined) yield toRow(fields, table.line);
    }
  }
  table.end();
}

/** A value as an error message shows it: quoted, on one line, not too long. */
export function shown(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}

/** A copy of a field to keep: a field itself is a view into its block of the file, and keeps that in memory. */
export function detached(field: string): string {
  return Buffer.from(field).toString();
}

/** Turns the records of a file into rows of the wanted columns. */
class CsvTable {
  readonly #file: string;
  readonly #columns: readonly string[];
  readonly #absent: ReadonlyMap<string, string>;
  readonly #fields: string[];
  #header: readonly string[] = [];
  /** Where in a record the fields are; -1 for an absent column. */
  #places: readonly number[] = [];
  #line = 0;
  #nextLine = 1;
  #rows = 0;

  constructor(file: string, columns: readonly string[], absent: ReadonlyMap<string, string>) {
    this.#file = file;
    this.#columns = columns;
    this.#absent = absent;
    this.#fields = columns.map((column) => absent.get(column) ?? "");
  }

  /** The line on which the record taken last starts. */
  get line(): number {
    return this.#line;
  }

  /** The wanted fields of the next record, or `undefined` for the header and blank lines. */
  take(record: readonly string[], hasQuotes: boolean): readonly string[] | undefined {
    this.#line = this.#nextLine;
    this.#nextLine += 1;
    if (hasQuotes) {
      for (const field of record) this.#nextLine += countLineBreaks(field, field.length);
    }
    if (record.length === 1 && record[0].trim() === "") return undefined;
    if (this.#header.length === 0) {
      this.#header = record.map((name) => name.trim());
      this.#places = this.#columns.map((column) => this.#placeOf(column));
      return undefined;
    }
    if (record.length !== this.#header.length) throw this.#wrongColumnCount(record.length);
    for (let i = 0; i < this.#places.length; i++) {
      const place = this.#places[i];
      if (place >= 0) this.#fields[i] = record[place];
    }
    this.#rows += 1;
    return this.#fields;
  }

  /** Checks that there were rows, and counts them. */
  end(): number {
    if (this.#rows > 0) return this.#rows;
    const detail =
      this.#header.length === 0
        ? `expected a header with ${this.#neededColumns()}, got an empty file`
        : "expected rows after the header, got none";
    const line = this.#header.length === 0 ? 1 : this.#nextLine;
    throw new DataFormatError("empty-file", this.#file, line, detail);
  }

  #placeOf(column: string): number {
    const place = this.#header.indexOf(column);
    if (place >= 0 || this.#absent.has(column)) return place;
    const header = shown(this.#header.join(","));
    const detail = `expected a header with ${this.#neededColumns()}, got ${header}`;
    throw new DataFormatError("bad-header", this.#file, this.#line, detail);
  }

  #neededColumns(): string {
    return this.#columns.filter((column) => !this.#absent.has(column)).join(",");
  }

  #wrongColumnCount(actual: number): DataFormatError {
    const code = actual < this.#header.length ? "missing-column" : "extra-column";
    const detail = `expected ${this.#header.length} columns (${this.#header.join(",")}), got ${actual}`;
    return new DataFormatError(code, this.#file, this.#line, detail);
  }
}
