import { requireSameLength } from "../require.ts";

/** The values that are not NaN, in their order. */
export function definedValues(caller: string, argument: string, values: ArrayLike<number>): Float64Array {
  requireNotInfinite(caller, argument, values);
  return Float64Array.from(values).filter((value) => !Number.isNaN(value));
}

/** `a - b` of the queries that have a number in both. */
export function definedDifferences(caller: string, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  requireSameLength(caller, ["a", a], ["b", b]);
  requireNotInfinite(caller, "a", a);
  requireNotInfinite(caller, "b", b);
  return Float64Array.from(a, (value, i) => value - b[i]!).filter((value) => !Number.isNaN(value));
}

function requireNotInfinite(caller: string, argument: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]!) === Infinity) {
      throw new RangeError(
        `${caller}: expected \`${argument}\` to be finite numbers or NaN, got ${values[i]} at ${i}`,
      );
    }
  }
}
