import type { ReportColumn } from "./report-table.ts";

/**
 * A share from 0 to 1 in percent; `undefined` where a part of the data set has no test images, whose NaN JSON gives back as
 * `null`, and where nothing was measured.
 */
export function percent(share: number | null | undefined): number | undefined {
  return typeof share === "number" && Number.isFinite(share) ? 100 * share : undefined;
}

/** Columns of percentages with two digits after the point, below one heading where `group` is given. */
export function percentColumns(titles: readonly string[], group?: string): ReportColumn[] {
  return titles.map((title) => ({ title, ...(group === undefined ? {} : { group }), decimals: 2 }));
}
