/** Eigenvalues of a symmetric tridiagonal matrix, and its eigenvectors: row `i` of `vectors` goes with value `i`. */
export interface TridiagonalEigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/**
 * The QL method with implicit shifts.
 *
 * @param diagonal - `n` numbers.
 * @param beside - The `n - 1` numbers next to the diagonal; more are ignored.
 */
export function tridiagonalEigen(diagonal: Float64Array, beside: Float64Array): TridiagonalEigen {
  const n = diagonal.length;
  const values = diagonal.slice();
  const off = new Float64Array(n);
  off.set(beside.subarray(0, Math.max(0, n - 1)));
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let low = 0; low < n; low++) {
    for (let high = splitFrom(low); high > low; high = splitFrom(low)) sweep(low, high);
  }
  return { values, vectors };

  /** The first row from `low` on that hardly hangs together with the next. */
  function splitFrom(low: number): number {
    let high = low;
    while (high + 1 < n) {
      const scale = Math.abs(values[high]!) + Math.abs(values[high + 1]!);
      if (Math.abs(off[high]!) <= Number.EPSILON * scale || Math.abs(off[high]!) < 1e-300) break;
      high += 1;
    }
    return high;
  }

  /** One step: rotations from `high` up to `low`. */
  function sweep(low: number, high: number): void {
    const slope = (values[low + 1]! - values[low]!) / (2 * off[low]!);
    const root = Math.sqrt(slope * slope + 1);
    let g = values[high]! - values[low]! + off[low]! / (slope + (slope < 0 ? -root : root));
    let sine = 1;
    let cosine = 1;
    let shift = 0;
    for (let i = high - 1; i >= low; i--) {
      const f = sine * off[i]!;
      const b = cosine * off[i]!;
      const length = Math.sqrt(f * f + g * g);
      off[i + 1] = length;
      if (length === 0) {
        values[i + 1]! -= shift;
        off[high] = 0;
        return;
      }
      sine = f / length;
      cosine = g / length;
      g = values[i + 1]! - shift;
      const r = (values[i]! - g) * sine + 2 * cosine * b;
      shift = sine * r;
      values[i + 1] = g + shift;
      g = cosine * r - b;
      rotate(i * n, sine, cosine);
    }
    values[low]! -= shift;
    off[low] = g;
    off[high] = 0;
  }

  /** Rotates an eigenvector with the next. */
  function rotate(start: number, sine: number, cosine: number): void {
    for (let at = start; at < start + n; at++) {
      const first = vectors[at]!;
      const second = vectors[at + n]!;
      vectors[at + n] = sine * first + cosine * second;
      vectors[at] = cosine * first - sine * second;
    }
  }
}
