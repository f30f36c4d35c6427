import { evaluate, monomials, type Polynomial, type PolynomialFit } from "./polynomial.ts";

/** A float32 that depends on the free dimensions: `factor · numerator / denominator`, rounded once. */
export interface ScalarRule {
  readonly factor: number;
  readonly numerator: Polynomial;
  readonly denominator: Polynomial;
}

/** Numerators and denominators of simple fractions stay below this. */
const simpleLimit = 4096;

interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The rule that gives exactly the float32 `values`, one per point of `fit`, or undefined. Tried in this order:
 * integers; `k · m` and `k / m` for products `m` of dimensions and their neighbours, `m ± 1`; and
 * `n / (n - 1)` with `n` a multiple of such a product, the correction of a variance. For this last form the
 * values leave `n` open within their rounding; one of `known`, polynomials met elsewhere, is preferred.
 */
export function fitScalar(
  values: readonly number[],
  fit: PolynomialFit,
  known: readonly Polynomial[],
): ScalarRule | undefined {
  const { points } = fit;
  const basis = monomials(points[0].length);
  const constant = (value: number): Polynomial => basis.map((_, i) => (i === 0 ? value : 0));
  if (values.every(Number.isInteger)) {
    const numerator = fit.fit(values);
    if (numerator !== undefined) return { factor: 1, numerator, denominator: constant(1) };
  }
  const holds = (rule: ScalarRule) =>
    points.every((point, i) => Object.is(applyScalar(rule, point), values[i]));
  const products = basis.slice(1).map((_, i): Polynomial => basis.map((__, j) => (j === i + 1 ? 1 : 0)));
  for (const product of [...products, ...neighbours(basis)]) {
    const sizes = points.map((point) => evaluate(product, point));
    const forms = [
      { interval: intersection(values, (v, i) => v * sizes[i]), over: true },
      { interval: intersection(values, (v, i) => v / sizes[i]), over: false },
    ];
    for (const { interval, over } of forms) {
      if (interval === undefined) continue;
      for (const { factor, divisor } of simpleFactors(interval)) {
        const scaled = (by: number) => product.map((coefficient) => coefficient * by);
        const rule = over
          ? { factor, numerator: constant(1), denominator: scaled(divisor) }
          : { factor, numerator: product, denominator: constant(divisor) };
        if (holds(rule)) return rule;
      }
    }
  }
  const corrections = [...known, ...products.flatMap((product) => multiples(product, values, points))];
  return corrections
    .map((n) => ({ factor: 1, numerator: n, denominator: n.map((c, i) => (i === 0 ? c - 1 : c)) }))
    .find(holds);
}

/** What a rule gives for sizes. */
export function applyScalar(
  { factor, numerator, denominator }: ScalarRule,
  sizes: readonly number[],
): number {
  return Math.fround((factor * evaluate(numerator, sizes)) / evaluate(denominator, sizes));
}

/** `d - 1`, `d + 1` and `d (d - 1)` of each dimension. */
function neighbours(basis: readonly (readonly number[])[]): Polynomial[] {
  return basis.flatMap((factors, at) => {
    if (factors.length !== 1) return [];
    const square = basis.findIndex((other) => other.length === 2 && other.every((i) => i === factors[0]));
    const polynomial = (terms: ReadonlyMap<number, number>) => basis.map((_, i) => terms.get(i) ?? 0);
    return [
      polynomial(
        new Map([
          [at, 1],
          [0, -1],
        ]),
      ),
      polynomial(
        new Map([
          [at, 1],
          [0, 1],
        ]),
      ),
      polynomial(
        new Map([
          [square, 1],
          [at, -1],
        ]),
      ),
    ];
  });
}

/** The factors that bring every value within its rounding, mapped by `scale`, to one number. */
function intersection(
  values: readonly number[],
  scale: (bound: number, i: number) => number,
): Interval | undefined {
  const intervals = values.map((value, i) => {
    const bounds = [neighbour(value, -1), neighbour(value, 1)].map((other) => scale((value + other) / 2, i));
    return { low: Math.min(...bounds), high: Math.max(...bounds) };
  });
  const low = Math.max(...intervals.map((interval) => interval.low));
  const high = Math.min(...intervals.map((interval) => interval.high));
  return low <= high ? { low, high } : undefined;
}

/** Numbers of an interval as `factor / divisor`: a simple fraction, then the float32 in the middle. */
function simpleFactors({ low, high }: Interval): { factor: number; divisor: number }[] {
  const found: { factor: number; divisor: number }[] = [];
  for (let divisor = 1; divisor < simpleLimit && found.length === 0; divisor++) {
    const factor = Math.round(((low + high) / 2) * divisor);
    if (factor !== 0 && factor / divisor >= low && factor / divisor <= high && Math.abs(factor) < 2 ** 24)
      found.push({ factor, divisor });
  }
  const middle = Math.fround((low + high) / 2);
  return middle >= low && middle <= high ? [...found, { factor: middle, divisor: 1 }] : found;
}

/** The multiples `n` of a product for which `n / (n - 1)` may give the values; the middle one of many. */
function multiples(
  product: Polynomial,
  values: readonly number[],
  points: readonly (readonly number[])[],
): Polynomial[] {
  if (values.some((value) => value <= 1)) return [];
  const share = intersection(values, (v, i) => v / Math.max(v - 1, 1e-12) / evaluate(product, points[i]));
  if (share === undefined) return [];
  const middle = Math.round((share.low + share.high) / 2);
  return middle < 1 ? [] : [product.map((coefficient) => coefficient * middle)];
}

/** The next float32 away from zero (`step` 1) or towards it (-1). */
function neighbour(value: number, step: number): number {
  const bits = new Int32Array(Float32Array.of(value).buffer);
  bits[0] += step;
  return new Float32Array(bits.buffer)[0];
}
