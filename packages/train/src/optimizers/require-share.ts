/** Refuses anything but a number from 0 to below 1. */
export function requireShare(caller: string, argument: string, value: number): void {
  if (value >= 0 && value < 1) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be from 0 to below 1, got ${value}`);
}
