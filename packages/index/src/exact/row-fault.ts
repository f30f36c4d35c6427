/** The error for a row that holds NaN or an infinity or, where all are finite, is all zeros. */
export function rowFault(caller: string, argument: string, row: number, cells: Float32Array): RangeError {
  const column = cells.findIndex((value) => !Number.isFinite(value));
  return new RangeError(
    column === -1
      ? `${caller}: expected row ${row} of \`${argument}\` to have a direction, got a row of zeros`
      : `${caller}: expected row ${row} of \`${argument}\` to hold finite numbers, got ${cells[column]} in column ${column}`,
  );
}
