/** A value of a table; `undefined` where nothing was published or measured. */
export type ReportCell = string | number | undefined;

/** A column of a table. */
export interface ReportColumn {
  readonly title: string;
  /** Neighboring columns of one group stand below one heading, such as "published" beside "ours". */
  readonly group?: string;
  /**
   * Where its cells stand.
   *
   * @defaultValue "left" for the first column, which names the rows; "right" for the others
   */
  readonly align?: "left" | "right";
  /** Digits after the point, with commas between thousands; numbers stand as they are without it. */
  readonly decimals?: number;
}

/** A table for a page (`renderReport`), a terminal (`textTable`) or a read-me (`markdownTable`). */
export interface ReportTable {
  readonly title: string;
  /** What the numbers are, such as "mAP@100, percent"; above the table. */
  readonly caption?: string;
  /** Below the table, a paragraph each: on what data each side was measured. */
  readonly notes?: readonly string[];
  readonly columns: readonly ReportColumn[];
  /** A cell for each column. */
  readonly rows: readonly (readonly ReportCell[])[];
  /** Row and column of cells that stand out, such as the best of each column. */
  readonly emphasis?: readonly (readonly [row: number, column: number])[];
  /** Sets of columns whose cells are tinted by their share of the set's largest number: a heat map. */
  readonly heat?: readonly (readonly number[])[];
}

/** Stands where a value is missing. */
export const missingValue = "–";

/** Explains {@link missingValue}, below tables that have it. */
export const missingNote: string = `${missingValue}: not published, or not measured`;

/** A table's notes, with an explanation of missing values where there are any. */
export function notesOf(table: ReportTable): readonly string[] {
  const isMissing = table.rows.some((row) => row.includes(undefined));
  return [...(table.notes ?? []), ...(isMissing ? [missingNote] : [])];
}

/** The table's cells as text, row by row. */
export function cellsOf({ columns, rows, title }: ReportTable): string[][] {
  return rows.map((row, i) => {
    if (row.length !== columns.length) {
      throw new RangeError(
        `cellsOf: expected row ${i} of \`${title}\` to have ${columns.length} cells, got ${row.length}`,
      );
    }
    return row.map((cell, column) => cellText(cell, columns[column]!));
  });
}

function cellText(cell: ReportCell, { decimals }: ReportColumn): string {
  if (cell === undefined) return missingValue;
  if (typeof cell === "string" || decimals === undefined) return String(cell);
  return cell.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** Where the cells of a column stand. */
export function alignmentOf({ columns }: ReportTable, column: number): "left" | "right" {
  return columns[column]!.align ?? (column === 0 ? "left" : "right");
}

/** Runs of neighboring columns that share a group; `undefined` for columns without one. */
export function columnGroups({ columns }: ReportTable): { group: string | undefined; columns: number[] }[] {
  const runs: { group: string | undefined; columns: number[] }[] = [];
  for (const [column, { group }] of columns.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && group !== undefined && last.group === group) last.columns.push(column);
    else runs.push({ group, columns: [column] });
  }
  return runs;
}

/** Whether a cell stands out. */
export function isEmphasized({ emphasis = [] }: ReportTable, row: number, column: number): boolean {
  return emphasis.some(([r, c]) => r === row && c === column);
}

/** The largest number of each of the columns, for `emphasis`; all of them if it is there several times. */
export function largestIn(
  rows: readonly (readonly ReportCell[])[],
  columns: readonly number[],
): (readonly [row: number, column: number])[] {
  return columns.flatMap((column) => {
    const values = rows
      .map((row) => row[column])
      .map((cell) => (typeof cell === "number" ? cell : -Infinity));
    const largest = Math.max(...values);
    if (!Number.isFinite(largest)) return [];
    return values.flatMap((value, row) => (value === largest ? [[row, column] as const] : []));
  });
}
