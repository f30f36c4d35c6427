/** Copies rows as doubles; refuses a row that holds NaN or an infinity by its number in the whole, `firstRow + row`. */
export function readNumbers(
  caller: string,
  argument: string,
  source: { readonly data: Float32Array; readonly columns: number },
  row: number,
  firstRow: number,
  target: Float64Array,
  start: number,
): void {
  const { data, columns } = source;
  const from = row * columns;
  let check = 0;
  for (let i = 0; i < columns; i++) {
    const value = data[from + i]!;
    target[start + i] = value;
    check += value * 0;
  }
  if (check === 0) return;
  const column = data.subarray(from, from + columns).findIndex((value) => !Number.isFinite(value));
  throw new RangeError(
    `${caller}: expected row ${firstRow + row} of \`${argument}\` to hold finite numbers, got ${data[from + column]} in column ${column}`,
  );
}
