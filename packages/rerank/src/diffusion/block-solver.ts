// Conjugate gradient as in SciPy, of eight right-hand sides at once: one pass over the matrix serves all. Columns do
// not mix, and rows that a column does not reach add zeros to its sums, so a column gives the same bits in any company.

import { type Block, blockWidth } from "./block.ts";
import { advanceSolutions, measureCurvatures, multiplyBlock, shortenResiduals } from "./block-steps.ts";
import type { DiffusionMatrix } from "./diffusion-matrix.ts";
import type { Solver } from "./options.ts";

/** Solves `(I - alpha S) solution = residual` for all right-hand sides of the block, from 0. */
export function solveBlock(block: Block, matrix: DiffusionMatrix, solver: Solver): void {
  const { residual, direction, iterations, residuals, active, activeCount } = block;
  const squares = new Float64Array(blockWidth);
  for (let a = 0; a < activeCount; a++) {
    const at = active[a]! * blockWidth;
    for (let c = 0; c < blockWidth; c++) {
      const value = residual[at + c]!;
      direction[at + c] = value;
      squares[c]! += value * value;
    }
  }
  const lengths = squares.map(Math.sqrt);
  const bestSquares = squares.slice();
  const curvatures = new Float64Array(blockWidth);
  const steps = new Float64Array(blockWidth);
  const turns = new Float64Array(blockWidth);
  const before = new Float64Array(blockWidth);
  iterations.fill(0);
  for (let iteration = 0; iteration < solver.maxIterations; iteration++) {
    multiplyBlock(block, matrix, solver.alpha);
    measureCurvatures(block, curvatures);
    let running = 0;
    for (let c = 0; c < blockWidth; c++) {
      steps[c] = 0;
      before[c] = squares[c]!;
      if (squares[c] === 0 || Math.sqrt(squares[c]!) < solver.tolerance * lengths[c]!) continue;
      steps[c] = squares[c]! / curvatures[c]!;
      iterations[c] = iteration + 1;
      running += 1;
    }
    if (running === 0) break;
    shortenResiduals(block, steps, squares);
    for (let c = 0; c < blockWidth; c++) turns[c] = steps[c] === 0 ? 0 : squares[c]! / before[c]!;
    advanceSolutions(block, steps, turns);
    if (solver.keepBest) keepBest(block, steps, squares, bestSquares);
  }
  const last = solver.keepBest ? bestSquares : squares;
  for (let c = 0; c < blockWidth; c++)
    residuals[c] = lengths[c] === 0 ? 0 : Math.sqrt(last[c]!) / lengths[c]!;
  if (solver.keepBest) block.solution.set(block.best);
}

/** Copies the iterates whose residuals are the smallest so far. */
function keepBest(block: Block, steps: Float64Array, squares: Float64Array, bestSquares: Float64Array): void {
  const { solution, best, active, activeCount } = block;
  for (let c = 0; c < blockWidth; c++) {
    if (steps[c] === 0 || !(squares[c]! < bestSquares[c]!)) continue;
    bestSquares[c] = squares[c]!;
    for (let a = 0; a < activeCount; a++) {
      const at = active[a]! * blockWidth + c;
      best[at] = solution[at]!;
    }
  }
}
