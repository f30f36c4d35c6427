import { createSizeTemplate, type SizeTemplate } from "@lmk/data";

/** Images of one size, as `embedSplit` takes them. */
export interface SameSize {
  readonly template: SizeTemplate;
  /** 0 for the images, −1 for rows that are left out. */
  readonly groups: Int32Array;
}

/** The images of some rows of a table of so many, all of one size in pixels. */
export function sameSize(
  rows: Int32Array,
  tableRows: number,
  size: { readonly width: number; readonly height: number },
): SameSize {
  const groups = new Int32Array(tableRows).fill(-1);
  for (const row of rows) groups[row] = 0;
  return { template: createSizeTemplate([], [size]), groups };
}
