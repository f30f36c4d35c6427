// The loops of the conjugate gradient on blocks. Unrolled by hand; shifts and ors need no overflow checks.

import type { Block } from "./block.ts";
import type { DiffusionMatrix } from "./diffusion-matrix.ts";

/** `product = direction - alpha S direction`. */
export function multiplyBlock(block: Block, matrix: DiffusionMatrix, alpha: number): void {
  const { direction: x, product, active, activeCount } = block;
  const { starts, columns, values } = matrix;
  for (let a = 0; a < activeCount; a++) {
    const row = active[a]!;
    const end = starts[row + 1]!;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let s4 = 0;
    let s5 = 0;
    let s6 = 0;
    let s7 = 0;
    for (let i = starts[row]!; i < end; i++) {
      const from = columns[i]! << 3;
      const value = values[i]!;
      s0 += value * x[from]!;
      s1 += value * x[from | 1]!;
      s2 += value * x[from | 2]!;
      s3 += value * x[from | 3]!;
      s4 += value * x[from | 4]!;
      s5 += value * x[from | 5]!;
      s6 += value * x[from | 6]!;
      s7 += value * x[from | 7]!;
    }
    const at = row << 3;
    product[at] = x[at]! - alpha * s0;
    product[at | 1] = x[at | 1]! - alpha * s1;
    product[at | 2] = x[at | 2]! - alpha * s2;
    product[at | 3] = x[at | 3]! - alpha * s3;
    product[at | 4] = x[at | 4]! - alpha * s4;
    product[at | 5] = x[at | 5]! - alpha * s5;
    product[at | 6] = x[at | 6]! - alpha * s6;
    product[at | 7] = x[at | 7]! - alpha * s7;
  }
}

/** The inner products of directions and products. Not summed above, where the processor's registers are full. */
export function measureCurvatures(block: Block, curvatures: Float64Array): void {
  const { direction, product, active, activeCount } = block;
  let t0 = 0;
  let t1 = 0;
  let t2 = 0;
  let t3 = 0;
  let t4 = 0;
  let t5 = 0;
  let t6 = 0;
  let t7 = 0;
  for (let a = 0; a < activeCount; a++) {
    const at = active[a]! << 3;
    t0 += direction[at]! * product[at]!;
    t1 += direction[at | 1]! * product[at | 1]!;
    t2 += direction[at | 2]! * product[at | 2]!;
    t3 += direction[at | 3]! * product[at | 3]!;
    t4 += direction[at | 4]! * product[at | 4]!;
    t5 += direction[at | 5]! * product[at | 5]!;
    t6 += direction[at | 6]! * product[at | 6]!;
    t7 += direction[at | 7]! * product[at | 7]!;
  }
  curvatures[0] = t0;
  curvatures[1] = t1;
  curvatures[2] = t2;
  curvatures[3] = t3;
  curvatures[4] = t4;
  curvatures[5] = t5;
  curvatures[6] = t6;
  curvatures[7] = t7;
}

/** Takes the residuals along; gives their squared lengths. A step of 0 changes nothing. */
export function shortenResiduals(block: Block, steps: Float64Array, squares: Float64Array): void {
  const { residual, product, active, activeCount } = block;
  const step0 = steps[0]!;
  const step1 = steps[1]!;
  const step2 = steps[2]!;
  const step3 = steps[3]!;
  const step4 = steps[4]!;
  const step5 = steps[5]!;
  const step6 = steps[6]!;
  const step7 = steps[7]!;
  let t0 = 0;
  let t1 = 0;
  let t2 = 0;
  let t3 = 0;
  let t4 = 0;
  let t5 = 0;
  let t6 = 0;
  let t7 = 0;
  for (let a = 0; a < activeCount; a++) {
    const at = active[a]! << 3;
    const r0 = residual[at]! - step0 * product[at]!;
    const r1 = residual[at | 1]! - step1 * product[at | 1]!;
    const r2 = residual[at | 2]! - step2 * product[at | 2]!;
    const r3 = residual[at | 3]! - step3 * product[at | 3]!;
    const r4 = residual[at | 4]! - step4 * product[at | 4]!;
    const r5 = residual[at | 5]! - step5 * product[at | 5]!;
    const r6 = residual[at | 6]! - step6 * product[at | 6]!;
    const r7 = residual[at | 7]! - step7 * product[at | 7]!;
    residual[at] = r0;
    residual[at | 1] = r1;
    residual[at | 2] = r2;
    residual[at | 3] = r3;
    residual[at | 4] = r4;
    residual[at | 5] = r5;
    residual[at | 6] = r6;
    residual[at | 7] = r7;
    t0 += r0 * r0;
    t1 += r1 * r1;
    t2 += r2 * r2;
    t3 += r3 * r3;
    t4 += r4 * r4;
    t5 += r5 * r5;
    t6 += r6 * r6;
    t7 += r7 * r7;
  }
  squares[0] = t0;
  squares[1] = t1;
  squares[2] = t2;
  squares[3] = t3;
  squares[4] = t4;
  squares[5] = t5;
  squares[6] = t6;
  squares[7] = t7;
}

/** Goes along the directions, and turns them. */
export function advanceSolutions(block: Block, steps: Float64Array, turns: Float64Array): void {
  const { solution, residual, direction, active, activeCount } = block;
  const step0 = steps[0]!;
  const step1 = steps[1]!;
  const step2 = steps[2]!;
  const step3 = steps[3]!;
  const step4 = steps[4]!;
  const step5 = steps[5]!;
  const step6 = steps[6]!;
  const step7 = steps[7]!;
  const turn0 = turns[0]!;
  const turn1 = turns[1]!;
  const turn2 = turns[2]!;
  const turn3 = turns[3]!;
  const turn4 = turns[4]!;
  const turn5 = turns[5]!;
  const turn6 = turns[6]!;
  const turn7 = turns[7]!;
  for (let a = 0; a < activeCount; a++) {
    const at = active[a]! << 3;
    const d0 = direction[at]!;
    const d1 = direction[at | 1]!;
    const d2 = direction[at | 2]!;
    const d3 = direction[at | 3]!;
    const d4 = direction[at | 4]!;
    const d5 = direction[at | 5]!;
    const d6 = direction[at | 6]!;
    const d7 = direction[at | 7]!;
    solution[at]! += step0 * d0;
    solution[at | 1]! += step1 * d1;
    solution[at | 2]! += step2 * d2;
    solution[at | 3]! += step3 * d3;
    solution[at | 4]! += step4 * d4;
    solution[at | 5]! += step5 * d5;
    solution[at | 6]! += step6 * d6;
    solution[at | 7]! += step7 * d7;
    direction[at] = residual[at]! + turn0 * d0;
    direction[at | 1] = residual[at | 1]! + turn1 * d1;
    direction[at | 2] = residual[at | 2]! + turn2 * d2;
    direction[at | 3] = residual[at | 3]! + turn3 * d3;
    direction[at | 4] = residual[at | 4]! + turn4 * d4;
    direction[at | 5] = residual[at | 5]! + turn5 * d5;
    direction[at | 6] = residual[at | 6]! + turn6 * d6;
    direction[at | 7] = residual[at | 7]! + turn7 * d7;
  }
}
