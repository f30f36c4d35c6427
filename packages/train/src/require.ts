/** Refuses anything but a whole number of at least `minimum`. */
export function requireInteger(caller: string, argument: string, value: number, minimum: number): void {
  if (Number.isInteger(value) && value >= minimum) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be a whole number of at least ${minimum}, got ${value}`,
  );
}

/** Refuses anything but a finite number of at least `minimum`. */
export function requireAtLeast(caller: string, argument: string, value: number, minimum: number): void {
  if (Number.isFinite(value) && value >= minimum) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be a finite number of at least ${minimum}, got ${value}`,
  );
}

/** Refuses anything but a finite number above 0. */
export function requirePositive(caller: string, argument: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be a finite number above 0, got ${value}`);
}
