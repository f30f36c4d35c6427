/** Refuses anything but a whole number above 0. */
export function requirePositiveInteger(caller: string, argument: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be a whole number above 0, got ${value}`);
}

/** Refuses anything but an even whole number above 0. */
export function requireEven(caller: string, argument: string, value: number): void {
  if (Number.isInteger(value) && value > 0 && value % 2 === 0) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be an even whole number above 0, got ${value}`,
  );
}

/** Refuses anything but a whole number above 0 for each stage. */
export function requireDepths(
  caller: string,
  argument: string,
  depths: readonly number[],
  stages: number,
): void {
  if (depths.length === stages && depths.every((depth) => Number.isInteger(depth) && depth > 0)) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be ${stages} whole numbers above 0, got [${depths.join(", ")}]`,
  );
}

/** Refuses anything but a finite number above 0. */
export function requireAbove(caller: string, argument: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be a finite number above 0, got ${value}`);
}

/** Refuses anything but a number from 0 to below 1. */
export function requireRate(caller: string, argument: string, value: number): void {
  if (value >= 0 && value < 1) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be from 0 to below 1, got ${value}`);
}

/** Refuses a name that a table does not hold. */
export function requireName(caller: string, argument: string, value: string, table: object): void {
  if (Object.hasOwn(table, value)) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be one of ${Object.keys(table).join(", ")}, got ${value}`,
  );
}

/** Refuses another rank or other sizes; a letter stands for any size. */
export function requireShape(
  caller: string,
  argument: string,
  actual: readonly number[],
  expected: readonly (number | string)[],
): void {
  const fits =
    actual.length === expected.length &&
    expected.every((side, i) => typeof side === "string" || side === actual[i]);
  if (fits) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to have shape [${expected.join(", ")}], got [${actual}]`,
  );
}
