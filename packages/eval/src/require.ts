export function requirePositiveInteger(caller: string, argument: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be a positive integer, got ${value}`);
  }
}

/** A whole number of at least 1, or Infinity for "to the end". */
export function requireDepth(caller: string, argument: string, value: number): void {
  if (value !== Infinity) requirePositiveInteger(caller, argument, value);
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

export function requireOneOf<Choice extends string>(
  caller: string,
  argument: string,
  value: Choice,
  choices: readonly Choice[],
): void {
  if (choices.includes(value)) return;
  const names = choices.map((choice) => `"${choice}"`).join(", ");
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be one of ${names}, got ${JSON.stringify(value)}`,
  );
}

/** Above 0 and below 1. */
export function requireShare(caller: string, argument: string, value: number): void {
  if (!(value > 0 && value < 1)) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be between 0 and 1, got ${value}`);
  }
}

export function requireSeed(caller: string, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) {
    throw new RangeError(`${caller}: expected \`seed\` to be a whole number below 4294967296, got ${value}`);
  }
}
