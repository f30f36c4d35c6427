/**
 * How far photos depart from the front view in fair weather: 1 at a difficulty of 0.5, 1/3 at 0 and 3 at 1.
 * Probabilities and deviations are multiplied by it.
 */
export function strainOf(difficulty: number): number {
  return 9 ** (difficulty - 0.5);
}

/** A probability under a strain. */
export function strained(probability: number, strain: number): number {
  return Math.min(0.9, probability * strain);
}
