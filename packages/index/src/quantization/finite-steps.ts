/** Whether all numbers that codes stand for are finite in float32. The last lies half a step above the range. */
export function stepsAreFinite(bits: number, minimum: number, range: number): boolean {
  const steps = 2 ** bits - 1;
  return Number.isFinite(range) && Number.isFinite(Math.fround(minimum + ((steps + 1) / steps) * range));
}
