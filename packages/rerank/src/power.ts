/** `base ** exponent`; whole exponents by multiplying, which gives the same bits in every engine. */
export function power(base: number, exponent: number): number {
  if (!Number.isInteger(exponent) || exponent > 16) return base ** exponent;
  let product = 1;
  for (let i = 0; i < exponent; i++) product *= base;
  return product;
}
