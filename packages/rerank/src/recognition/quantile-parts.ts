import type { Matrix } from "../matrix.ts";

/** Even steps from 0 to 1; 0 where there is but one. */
export function probabilityOf(i: number, count: number): number {
  if (i === 0) return 0;
  return i === count - 1 ? 1 : i * (1 / (count - 1));
}

/** Checks that all numbers of a matrix are finite. */
export function requireFiniteMatrix(caller: string, { data, columns }: Matrix): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i]!)) continue;
    throw new RangeError(
      `${caller}: expected \`matrix\` to be finite, got ${data[i]} in row ${Math.floor(i / columns)}`,
    );
  }
}
