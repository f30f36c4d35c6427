const size = 8;
const normal = new Float64Array(size * size);
const step = new Float64Array(size);
const derivative = new Float64Array(2 * size);
const proposal = new Float64Array(9);

const mostSteps = 10;

/** Gauss-Newton steps to the least sum of squared one-way errors, while the sum falls; the last number stays as it is. */
export function refineHomography(
  points: Float64Array,
  selected: Int32Array,
  count: number,
  model: Float64Array,
): void {
  if (count <= 4 || !(model[8]! > 0)) return;
  const last = model[8]!;
  for (let i = 0; i < 9; i++) model[i]! /= last;
  let sum = addUp(points, selected, count, model);
  for (let round = 0; round < mostSteps; round++) {
    if (!(sum > 0) || !solveInPlace()) return;
    for (let i = 0; i < size; i++) proposal[i] = model[i]! - step[i]!;
    proposal[8] = 1;
    const next = addUp(points, selected, count, proposal);
    if (!(next < sum)) return;
    model.set(proposal);
    if (next > sum * (1 - 1e-12)) return;
    sum = next;
  }
}

/** Sums up the normal equations in `normal` and `step`; gives the sum of squares, NaN where a point is behind the horizon. */
function addUp(points: Float64Array, selected: Int32Array, count: number, h: Float64Array): number {
  normal.fill(0);
  step.fill(0);
  derivative.fill(0);
  let sum = 0;
  for (let s = 0; s < count; s++) {
    const i = 4 * selected[s]!;
    const x = points[i]!;
    const y = points[i + 1]!;
    const w = h[6]! * x + h[7]! * y + 1;
    if (!(w > 0)) return Number.NaN;
    const u = (h[0]! * x + h[1]! * y + h[2]!) / w;
    const v = (h[3]! * x + h[4]! * y + h[5]!) / w;
    const du = u - points[i + 2]!;
    const dv = v - points[i + 3]!;
    sum += du * du + dv * dv;
    const dx = x / w;
    const dy = y / w;
    derivative[0] = dx;
    derivative[1] = dy;
    derivative[2] = 1 / w;
    derivative[6] = -u * dx;
    derivative[7] = -u * dy;
    derivative[size + 3] = dx;
    derivative[size + 4] = dy;
    derivative[size + 5] = 1 / w;
    derivative[size + 6] = -v * dx;
    derivative[size + 7] = -v * dy;
    for (let a = 0; a < size; a++) {
      const ua = derivative[a]!;
      const va = derivative[size + a]!;
      step[a]! += ua * du + va * dv;
      for (let b = 0; b <= a; b++) {
        normal[a * size + b]! += ua * derivative[b]! + va * derivative[size + b]!;
      }
    }
  }
  return sum;
}

/** Cholesky's method on the lower triangle of `normal`; `step` becomes the solution. */
function solveInPlace(): boolean {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = normal[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= normal[i * size + k]! * normal[j * size + k]!;
      if (i !== j) normal[i * size + j] = sum / normal[j * size + j]!;
      else if (sum > 1e-14 * normal[i * size + i]!) normal[i * size + i] = Math.sqrt(sum);
      else return false;
    }
  }
  for (let i = 0; i < size; i++) {
    let sum = step[i]!;
    for (let k = 0; k < i; k++) sum -= normal[i * size + k]! * step[k]!;
    step[i] = sum / normal[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = step[i]!;
    for (let k = i + 1; k < size; k++) sum -= normal[k * size + i]! * step[k]!;
    step[i] = sum / normal[i * size + i]!;
  }
  return true;
}
