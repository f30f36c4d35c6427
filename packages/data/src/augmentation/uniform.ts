import type { Random } from "./transform-rule.ts";

/** A uniform number from `minimum` up to `maximum`. */
export function uniform(random: Random, minimum: number, maximum: number): number {
  return minimum + random() * (maximum - minimum);
}

/** A uniform integer, both ends among them. */
export function uniformInteger(random: Random, minimum: number, maximum: number): number {
  return minimum + Math.floor(random() * (maximum - minimum + 1));
}
