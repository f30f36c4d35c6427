import { requireBetween, requireInteger } from "../require.ts";

/** Refuses what is not a smallest and a largest value between `minimum` and `maximum`. */
export function requireRange(
  caller: string,
  argument: string,
  range: readonly [number, number],
  minimum: number,
  maximum: number,
): void {
  requirePair(caller, argument, range);
  requireBetween(caller, `${argument}[1]`, range[1], minimum, maximum);
  requireBetween(caller, `${argument}[0]`, range[0], minimum, range[1]);
}

/** As {@link requireRange}, of integers. */
export function requireIntegerRange(
  caller: string,
  argument: string,
  range: readonly [number, number],
  minimum: number,
  maximum: number,
): void {
  requirePair(caller, argument, range);
  requireInteger(caller, `${argument}[1]`, range[1], minimum, maximum);
  requireInteger(caller, `${argument}[0]`, range[0], minimum, range[1]);
}

/** Plain data may lack what its function would have filled in. */
function requirePair(caller: string, argument: string, range: readonly number[]): void {
  if (Array.isArray(range) && range.length === 2) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be two numbers, got ${JSON.stringify(range)}`);
}
