const roundingUnit = 1.5 * 2 ** 52;

/** Rounds to the nearest whole number, halves to the even one, as Python and OpenCV do; for |value| < 2^51. */
export function roundHalfEven(value: number): number {
  return value + roundingUnit - roundingUnit;
}
