/** Sweeps after which Jacobi's method has long converged for nine rows. */
const mostSweeps = 30;

/**
 * The eigenvector of the smallest eigenvalue of a symmetric matrix, by cyclic Jacobi rotations. Overwrites the matrix.
 *
 * @param matrix - `size` x `size` numbers.
 * @param vectors - Scratch of `size` x `size` numbers.
 * @returns Where in `vectors` the eigenvector starts; its length is 1.
 */
export function smallestEigenvector(matrix: Float64Array, vectors: Float64Array, size: number): number {
  vectors.fill(0);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    if (isDiagonal(matrix, size)) break;
    for (let p = 0; p < size - 1; p++) {
      for (let q = p + 1; q < size; q++) rotate(matrix, vectors, size, p, q);
    }
  }
  let smallest = 0;
  for (let i = 1; i < size; i++) {
    if (matrix[i * size + i]! < matrix[smallest * size + smallest]!) smallest = i;
  }
  return smallest * size;
}

/** Whether what is beside the diagonal no longer changes what is on it. */
function isDiagonal(matrix: Float64Array, size: number): boolean {
  let beside = 0;
  let on = 0;
  for (let i = 0; i < size; i++) {
    on += matrix[i * size + i]! * matrix[i * size + i]!;
    for (let j = i + 1; j < size; j++) beside += matrix[i * size + j]! * matrix[i * size + j]!;
  }
  return !(beside > 1e-32 * on);
}

/** Makes the entry at p, q zero; the rows of `vectors` take the same turn. */
function rotate(matrix: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const pRow = p * size;
  const qRow = q * size;
  const off = matrix[pRow + q]!;
  if (off === 0) return;
  const theta = (matrix[qRow + q]! - matrix[pRow + p]!) / (2 * off);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  matrix[pRow + p]! -= tangent * off;
  matrix[qRow + q]! += tangent * off;
  matrix[pRow + q] = 0;
  matrix[qRow + p] = 0;
  for (let i = 0; i < size; i++) {
    const vp = vectors[pRow + i]!;
    const vq = vectors[qRow + i]!;
    vectors[pRow + i] = cosine * vp - sine * vq;
    vectors[qRow + i] = sine * vp + cosine * vq;
    if (i === p || i === q) continue;
    const mp = matrix[pRow + i]!;
    const mq = matrix[qRow + i]!;
    const newP = cosine * mp - sine * mq;
    const newQ = sine * mp + cosine * mq;
    matrix[pRow + i] = newP;
    matrix[i * size + p] = newP;
    matrix[qRow + i] = newQ;
    matrix[i * size + q] = newQ;
  }
}
