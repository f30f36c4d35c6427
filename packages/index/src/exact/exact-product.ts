/**
 * Inner product of two rows in double precision, in the one order of all exact scores: eight sums, of the columns 0, 8,
 * 16 …, 1, 9, 17 … and so on, added up as `((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))`.
 */
export function exactProduct(
  a: Float32Array,
  aStart: number,
  b: Float32Array,
  bStart: number,
  columns: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  let s5 = 0;
  let s6 = 0;
  let s7 = 0;
  const whole = columns - (columns % 8);
  for (let i = 0; i < whole; i += 8) {
    const x = aStart + i;
    const y = bStart + i;
    s0 += a[x]! * b[y]!;
    s1 += a[x + 1]! * b[y + 1]!;
    s2 += a[x + 2]! * b[y + 2]!;
    s3 += a[x + 3]! * b[y + 3]!;
    s4 += a[x + 4]! * b[y + 4]!;
    s5 += a[x + 5]! * b[y + 5]!;
    s6 += a[x + 6]! * b[y + 6]!;
    s7 += a[x + 7]! * b[y + 7]!;
  }
  const rest = (i: number): number =>
    whole + i < columns ? a[aStart + whole + i]! * b[bStart + whole + i]! : 0;
  s0 += rest(0);
  s1 += rest(1);
  s2 += rest(2);
  s3 += rest(3);
  s4 += rest(4);
  s5 += rest(5);
  s6 += rest(6);
  return s0 + s4 + (s2 + s6) + (s1 + s5 + (s3 + s7));
}

/** A score as every exact search gives it, from its product and, but for `"dot"`, the squared lengths of both rows. */
export function scoreOf(
  metric: "dot" | "cosine" | "l2",
  product: number,
  square: number,
  other: number,
): number {
  if (metric === "dot") return Math.fround(product);
  if (metric === "cosine") return Math.fround(product / (Math.sqrt(square) * Math.sqrt(other)));
  return Math.fround(0 - Math.max(0, square + other - 2 * product));
}
