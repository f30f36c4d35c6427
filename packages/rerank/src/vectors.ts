/** The inner product of two stretches of numbers, summed in double precision, in order. */
export function dot(
  a: Float32Array | Float64Array,
  aStart: number,
  b: Float32Array | Float64Array,
  bStart: number,
  count: number,
): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += a[aStart + i]! * b[bStart + i]!;
  return sum;
}
