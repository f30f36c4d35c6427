/**
 * One name per row, in the order of the rows: texts, or whole numbers. Whole numbers are given as bigints only where
 * one of them lies beyond what a number holds exactly, ±(2^53 - 1).
 */
export type RowIds = readonly string[] | readonly number[] | readonly bigint[];

/** Refuses ids that are not one text, or one whole number, per row. */
export function requireRowIds(caller: string, argument: string, ids: RowIds, rows: number): void {
  if (ids.length !== rows) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to hold ${rows} ids, one per row, got ${ids.length}`,
    );
  }
  const kind = typeof ids[0];
  for (let row = 0; row < rows; row++) {
    const id = ids[row]!;
    const isOfKind = typeof id === kind && (typeof id !== "number" || Number.isSafeInteger(id));
    const isKnown = kind === "string" || kind === "number" || kind === "bigint";
    if (!isKnown || !isOfKind || (typeof id === "bigint" && BigInt.asIntN(64, id) !== id)) {
      throw new TypeError(
        `${caller}: expected \`${argument}\` to hold texts only, or whole numbers only, got ${shown(id)} in row ${row}`,
      );
    }
  }
}

/** Ids of several parts under one another; bigints become numbers if all of them fit. */
export function joinIds(parts: readonly (readonly (string | number | bigint)[])[]): RowIds {
  const ids = parts.flat();
  const isExact = ids.every((id) => typeof id !== "bigint" || isSafe(id));
  if (!isExact) return ids.map((id) => BigInt(id));
  return ids.map((id) => (typeof id === "bigint" ? Number(id) : id)) as string[] | number[];
}

/** Rows `first` to `end`. */
export function sliceIds(ids: RowIds, first: number, end: number): RowIds {
  return ids.slice(first, end) as RowIds;
}

function isSafe(id: bigint): boolean {
  return id <= BigInt(Number.MAX_SAFE_INTEGER) && id >= BigInt(Number.MIN_SAFE_INTEGER);
}

function shown(id: unknown): string {
  return typeof id === "string" ? JSON.stringify(id) : String(id);
}
