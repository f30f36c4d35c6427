import type { ReportCell, ReportTable } from "./report-table.ts";

/** One quantity over the grid. */
export interface GridGroup {
  readonly title: string;
  /** Values of the setting that changes from column to column. */
  readonly columns: readonly number[];
  /** `undefined` where the pair was not tried. */
  readonly valueAt: (row: number, column: number) => number | undefined;
  /**
   * Digits after the point.
   *
   * @defaultValue 0, as of counts
   */
  readonly decimals?: number;
}

/** A quantity as it depends on two settings. */
export interface ReportGrid {
  readonly title: string;
  readonly caption?: string;
  readonly notes?: readonly string[];
  /** Name of the setting that changes from row to row, and its values. */
  readonly row: { readonly name: string; readonly values: readonly number[] };
  /** Name of the setting that changes from column to column. */
  readonly columnName: string;
  /** Side by side, such as "published" and "ours"; each is tinted on a scale of its own. */
  readonly groups: readonly GridGroup[];
}

/** A heat map: a table with a row for each value of one setting and a column for each of another. */
export function gridTable({ row, columnName, groups, ...texts }: ReportGrid): ReportTable {
  const columns = groups.flatMap(({ title, columns, decimals = 0 }) =>
    columns.map((value) => ({ title: `${columnName} = ${value}`, group: title, decimals })),
  );
  const rows = row.values.map((value): ReportCell[] => [
    `${row.name} = ${value}`,
    ...groups.flatMap((group) => group.columns.map((column) => group.valueAt(value, column))),
  ]);
  let next = 1;
  const heat = groups.map((group) => group.columns.map(() => next++));
  return { ...texts, columns: [{ title: "" }, ...columns], rows, heat };
}
