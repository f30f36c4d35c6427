/** Argument checks at the public door; each names the caller, the argument, what it expects and what it got. */

export function requireInteger(
  caller: string,
  argument: string,
  value: number,
  minimum: number,
  maximum: number = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) return;
  const range = maximum === Number.MAX_SAFE_INTEGER ? `>= ${minimum}` : `from ${minimum} to ${maximum}`;
  throw new RangeError(`${caller}: expected \`${argument}\` to be an integer ${range}, got ${value}`);
}

export function requireBetween(
  caller: string,
  argument: string,
  value: number,
  minimum: number,
  maximum: number,
): void {
  if (value >= minimum && value <= maximum) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be a number from ${minimum} to ${maximum}, got ${value}`,
  );
}

export function requireOneOf(
  caller: string,
  argument: string,
  value: string,
  choices: readonly string[],
): void {
  if (choices.includes(value)) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be one of ${choices.join(", ")}, got ${JSON.stringify(value)}`,
  );
}

export function requireLength(caller: string, argument: string, actual: number, expected: number): void {
  if (actual === expected) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to have ${expected} elements, got ${actual}`);
}
