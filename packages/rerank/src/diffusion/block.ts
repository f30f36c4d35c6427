import type { SparseRows } from "../sparse-rows.ts";
import type { Components } from "./components.ts";

/** Right-hand sides that are solved together. */
export const blockWidth = 8;

/** What a block needs: numbers of row `i` and right-hand side `c` stand at `8 i + c`, zeros where nothing was done. */
export interface Block {
  /** The right-hand sides before, the residuals after. */
  readonly residual: Float64Array;
  /** The solutions. */
  readonly solution: Float64Array;
  readonly direction: Float64Array;
  readonly product: Float64Array;
  /** The iterates with the smallest residuals; of no length where they are not kept. */
  readonly best: Float64Array;
  /** The rows that the right-hand sides reach, ascending, and how many. */
  readonly active: Int32Array;
  activeCount: number;
  /** For each right-hand side. */
  readonly iterations: Int32Array;
  /** For each right-hand side, the residual's length in parts of that of the right-hand side. */
  readonly residuals: Float64Array;
}

export function createBlock(rows: number, keepBest: boolean): Block {
  const size = rows * blockWidth;
  return {
    residual: new Float64Array(size),
    solution: new Float64Array(size),
    direction: new Float64Array(size),
    product: new Float64Array(size),
    best: new Float64Array(keepBest ? size : 0),
    active: new Int32Array(rows),
    activeCount: 0,
    iterations: new Int32Array(blockWidth),
    residuals: new Float64Array(blockWidth),
  };
}

/** Writes `width` right-hand sides from row `row` on, and lists the rows of all components that they touch. */
export function fillBlock(
  block: Block,
  starts: SparseRows,
  components: Components,
  row: number,
  width: number,
  reached: Uint8Array,
): void {
  reached.fill(0);
  for (let c = 0; c < width; c++) {
    for (let i = starts.starts[row + c]!; i < starts.starts[row + c + 1]!; i++) {
      if (starts.values[i] === 0) continue;
      const id = starts.columns[i]!;
      block.residual[id * blockWidth + c] = starts.values[i]!;
      reached[components.labels[id]!] = 1;
    }
  }
  let count = 0;
  for (let id = 0; id < components.labels.length; id++) {
    if (reached[components.labels[id]!] === 0) continue;
    block.active[count] = id;
    count += 1;
  }
  block.activeCount = count;
}

/** Makes the block as new. */
export function clearBlock(block: Block): void {
  const { active, activeCount } = block;
  for (let a = 0; a < activeCount; a++) {
    const at = active[a]! * blockWidth;
    block.residual.fill(0, at, at + blockWidth);
    block.solution.fill(0, at, at + blockWidth);
    block.direction.fill(0, at, at + blockWidth);
    block.product.fill(0, at, at + blockWidth);
    if (block.best.length > 0) block.best.fill(0, at, at + blockWidth);
  }
  block.activeCount = 0;
}
