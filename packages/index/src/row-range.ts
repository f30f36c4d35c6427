/** Some consecutive rows, by their numbers. */
export interface RowRange {
  /** The first row; 0 is the first of all. */
  readonly first: number;
  /** The row after the last one. */
  readonly end: number;
}

export function requireRowRange(caller: string, { first, end }: RowRange, rows: number): void {
  const whole = Number.isInteger(first) && Number.isInteger(end);
  if (!whole || first < 0 || end < first || end > rows) {
    throw new RangeError(
      `${caller}: expected \`first\` and \`end\` to be whole numbers with 0 <= first <= end <= ${rows}, got ${first} and ${end}`,
    );
  }
}
