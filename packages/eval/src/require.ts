export function requirePositiveInteger(caller: string, argument: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be a positive integer, got ${value}`);
  }
}

export function requireSameLength(
  caller: string,
  first: readonly [string, { readonly length: number }],
  second: readonly [string, { readonly length: number }],
): void {
  if (first[1].length !== second[1].length) {
    throw new RangeError(
      `${caller}: expected \`${first[0]}\` and \`${second[0]}\` to have the same length, got ${first[1].length} and ${second[1].length}`,
    );
  }
}
