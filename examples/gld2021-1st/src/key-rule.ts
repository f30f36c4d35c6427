import type { NetworkConfig } from "./network-config.ts";

/** Which values a key may have, and with which config it does something. */
export interface KeyRule {
  /** In words. */
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
  /** In words, where it is not all configs. */
  readonly needs?: string;
  readonly works?: (config: NetworkConfig) => boolean;
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
/** Whether a value is a whole number. */
export function isWhole(value: unknown): value is number {
  return Number.isInteger(value);
}

/** `True` or `False`. */
export const boolean: KeyRule = { expected: "True or False", fits: (value) => typeof value === "boolean" };
/** Numbers above 0. */
export const above0: KeyRule = {
  expected: "a number above 0",
  fits: (value) => isNumber(value) && value > 0,
};
/** Numbers of at least 0. */
export const from0: KeyRule = {
  expected: "a number of at least 0",
  fits: (value) => isNumber(value) && value >= 0,
};
/** Shares. */
export const below1: KeyRule = {
  expected: "a number from 0 to below 1",
  fits: (value) => isNumber(value) && value >= 0 && value < 1,
};
/** Margins, in radians. */
export const angle: KeyRule = {
  expected: "an angle from 0 to below π",
  fits: (value) => isNumber(value) && value >= 0 && value < Math.PI,
};

/** Whole numbers. */
export function count(least: number): KeyRule {
  return {
    expected: `a whole number of at least ${least}`,
    fits: (value) => isWhole(value) && value >= least,
  };
}

/** Some values alone. */
export function oneOf(...values: readonly unknown[]): KeyRule {
  const known = values.map((value) => JSON.stringify(value));
  const words = values.map((value) => (value === null ? "None" : JSON.stringify(value).replaceAll('"', "")));
  return { expected: words.join(" or "), fits: (value) => known.includes(JSON.stringify(value)) };
}

/** Lists whose values fit. */
export function list(expected: string, fits: (values: readonly unknown[]) => boolean): KeyRule {
  return { expected, fits: (value) => Array.isArray(value) && fits(value) };
}

/** Parts of the names of weights. */
export const words: KeyRule = list('a list of words such as ["patch_embed"]', (values) =>
  values.every((value) => typeof value === "string"),
);
