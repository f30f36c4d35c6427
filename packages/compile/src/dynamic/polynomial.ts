/**
 * An integer that depends on the free dimensions: coefficients, whole or half, of the products of at most two
 * of them, in the order of {@link monomials}.
 */
export type Polynomial = readonly number[];

/** The products of at most two of `count` free dimensions: `[]` (one), `[0]`, `[1]`, …, `[0, 0]`, `[0, 1]`, … */
export function monomials(count: number): (readonly number[])[] {
  const single = Array.from({ length: count }, (_, i) => i);
  const pairs = single.flatMap((i) => single.slice(i).map((j) => [i, j]));
  return [[], ...single.map((i) => [i]), ...pairs];
}

/** The value of each monomial for given sizes. */
function powers(sizes: readonly number[]): number[] {
  return monomials(sizes.length).map((factors) => factors.reduce((product, i) => product * sizes[i], 1));
}

/** The number that a polynomial gives for sizes. */
export function evaluate(polynomial: Polynomial, sizes: readonly number[]): number {
  return powers(sizes).reduce((sum, power, i) => sum + power * polynomial[i], 0);
}

/**
 * Whether the number is an integer for all sizes, as that of `n(n - 1)/2` is and that of `(n - 1)/2` is not. With
 * whole or half coefficients that depends on which sizes are even.
 */
export function isWhole(polynomial: Polynomial, count: number): boolean {
  if (polynomial.every(Number.isInteger)) return true;
  return Array.from({ length: 2 ** count }, (_, bits) =>
    evaluate(
      polynomial,
      Array.from({ length: count }, (__, i) => (bits >> i) % 2),
    ),
  ).every(Number.isInteger);
}

/** Whether the number is the same for all sizes. */
export function isConstant(polynomial: Polynomial): boolean {
  return polynomial.every((coefficient, i) => i === 0 || coefficient === 0);
}

/** A polynomial in words: the name of a dimension alone, else a sum such as `2*batch*batch - batch + 1`. */
export function describePolynomial(polynomial: Polynomial, names: readonly string[]): string {
  const terms = monomials(names.length).flatMap((factors, i) => {
    const coefficient = polynomial[i];
    if (coefficient === 0) return [];
    const size = Math.abs(coefficient);
    const parts = factors.map((factor) => names[factor]);
    if (size !== 1 || parts.length === 0) parts.unshift(String(size));
    return [{ sign: coefficient < 0 ? "-" : "+", text: parts.join("*") }];
  });
  const ordered = [...terms.slice(polynomial[0] === 0 ? 0 : 1), ...(polynomial[0] === 0 ? [] : [terms[0]])];
  return (
    ordered.map(({ sign, text }, i) => (i === 0 && sign === "+" ? text : `${sign}${text}`)).join("") || "0"
  );
}

/** Finds the polynomial through numbers observed at fixed points, one more than a polynomial has coefficients. */
export class PolynomialFit {
  readonly points: readonly (readonly number[])[];
  readonly #inverse: readonly (readonly number[])[];

  constructor(points: readonly (readonly number[])[]) {
    this.points = points;
    this.#inverse = inverted(points.slice(0, -1).map(powers));
  }

  /** The polynomial that gives exactly `values`, one per point, and an integer for any sizes, or undefined. */
  fit(values: readonly number[]): Polynomial | undefined {
    const coefficients = this.#inverse.map((row) => {
      const exact = row.reduce((sum, weight, i) => sum + weight * values[i], 0);
      return Math.round(exact * 2) / 2 + 0;
    });
    const hits = this.points.every((point, i) => evaluate(coefficients, point) === values[i]);
    return hits && isWhole(coefficients, this.points[0].length) ? coefficients : undefined;
  }
}

/** The inverse of a square matrix, by Gauss–Jordan elimination with pivoting. */
function inverted(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column; i < size; i++) {
      if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) pivot = i;
    }
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    const scale = rows[column][column];
    rows[column] = rows[column].map((entry) => entry / scale);
    for (let i = 0; i < size; i++) {
      const factor = rows[i][column];
      if (i !== column) rows[i] = rows[i].map((entry, j) => entry - factor * rows[column][j]);
    }
  }
  return rows.map((row) => row.slice(size));
}
