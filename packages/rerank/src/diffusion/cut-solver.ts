// Diffusion on the part of a graph that a list of rows cuts out. Only what the right-hand side reaches within the list
// is taken out: elsewhere the solution is 0.

import type { DiffusionMatrix } from "./diffusion-matrix.ts";
import type { Solver } from "./options.ts";

/** The cut graph and the vectors of its solver, as large as the longest list. */
export interface Cut {
  /** For each database row: its place in the cut, -2 if it is in the list but not reached, -1 if it is not in it. */
  readonly places: Int32Array;
  /** The database rows of the cut; their order is that in which they were reached. */
  readonly members: Int32Array;
  count: number;
  readonly starts: Uint32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
  readonly solution: Float64Array;
  readonly residual: Float64Array;
  readonly direction: Float64Array;
  readonly product: Float64Array;
  readonly best: Float64Array;
  iterations: number;
  /** The residual's length in parts of that of the right-hand side. */
  relativeResidual: number;
}

/** Bytes of {@link createCut}. */
export function cutBytes(matrix: DiffusionMatrix, length: number): number {
  return 4 * matrix.degrees.length + 48 * length + 12 * cutCapacity(matrix, length);
}

function cutCapacity({ starts }: DiffusionMatrix, length: number): number {
  let longest = 0;
  for (let row = 0; row + 1 < starts.length; row++) {
    longest = Math.max(longest, starts[row + 1]! - starts[row]!);
  }
  return length * Math.min(length, longest);
}

export function createCut(matrix: DiffusionMatrix, length: number): Cut {
  const capacity = cutCapacity(matrix, length);
  return {
    places: new Int32Array(matrix.degrees.length).fill(-1),
    members: new Int32Array(length),
    count: 0,
    starts: new Uint32Array(length + 1),
    columns: new Int32Array(capacity),
    values: new Float64Array(capacity),
    solution: new Float64Array(length),
    residual: new Float64Array(length),
    direction: new Float64Array(length),
    product: new Float64Array(length),
    best: new Float64Array(length),
    iterations: 0,
    relativeResidual: 0,
  };
}

/** Names the rows of the next cut: those of `ids` from `start` to `end` that are not -1. */
export function listRows(cut: Cut, ids: Int32Array, start: number, end: number): void {
  const { places } = cut;
  for (let i = start; i < end; i++) if (ids[i]! >= 0) places[ids[i]!] = -2;
  cut.count = 0;
}

/** Forgets them. */
export function unlistRows(cut: Cut, ids: Int32Array, start: number, end: number): void {
  const { places } = cut;
  for (let i = start; i < end; i++) if (ids[i]! >= 0) places[ids[i]!] = -1;
}

/** Sets the right-hand side of a listed row that has none yet. */
export function setRightSide(cut: Cut, id: number, value: number): void {
  const place = cut.count;
  cut.places[id] = place;
  cut.members[place] = id;
  cut.residual[place] = value;
  cut.count = place + 1;
}

/** Takes out of the matrix what is listed and can be reached from the right-hand side. */
export function takeOut(cut: Cut, matrix: DiffusionMatrix): void {
  const { places, members, starts, columns, values, residual } = cut;
  const { starts: fromStarts, columns: fromColumns, values: fromValues } = matrix;
  let count = cut.count;
  let entries = 0;
  for (let at = 0; at < count; at++) {
    const row = members[at]!;
    const end = fromStarts[row + 1]!;
    for (let i = fromStarts[row]!; i < end; i++) {
      const column = fromColumns[i]!;
      let place = places[column]!;
      if (place === -1) continue;
      if (place === -2) {
        place = count;
        places[column] = place;
        members[place] = column;
        residual[place] = 0;
        count += 1;
      }
      columns[entries] = place;
      values[entries] = fromValues[i]!;
      entries += 1;
    }
    starts[at + 1] = entries;
  }
  cut.count = count;
}

/** Normalises the cut graph by the degrees that its rows have in it. */
export function renormalize(cut: Cut, { degrees }: DiffusionMatrix): void {
  const { members, count, starts, columns, values, product: scale } = cut;
  for (let at = 0; at < count; at++) scale[at] = Math.sqrt(degrees[members[at]!]!);
  const sums = cut.direction;
  for (let at = 0; at < count; at++) {
    const own = scale[at]!;
    let sum = 0;
    for (let i = starts[at]!; i < starts[at + 1]!; i++) {
      values[i]! *= own * scale[columns[i]!]!;
      sum += values[i]!;
    }
    sums[at] = 1 / Math.sqrt(sum + 1e-12);
  }
  for (let at = 0; at < count; at++) {
    for (let i = starts[at]!; i < starts[at + 1]!; i++) values[i]! *= sums[at]! * sums[columns[i]!]!;
  }
}

/** Solves by conjugate gradient from 0, as SciPy does. */
export function solveCut(cut: Cut, solver: Solver): void {
  const { count, solution, residual, direction, product, best } = cut;
  let square = 0;
  for (let i = 0; i < count; i++) {
    const value = residual[i]!;
    solution[i] = 0;
    direction[i] = value;
    square += value * value;
  }
  const length = Math.sqrt(square);
  let bestSquare = square;
  let iteration = 0;
  if (solver.keepBest) best.fill(0, 0, count);
  for (; iteration < solver.maxIterations; iteration++) {
    if (square === 0 || Math.sqrt(square) < solver.tolerance * length) break;
    const stepLength = square / multiply(cut, solver.alpha);
    let next = 0;
    for (let i = 0; i < count; i++) {
      solution[i]! += stepLength * direction[i]!;
      const value = residual[i]! - stepLength * product[i]!;
      residual[i] = value;
      next += value * value;
    }
    const turn = next / square;
    for (let i = 0; i < count; i++) direction[i] = residual[i]! + turn * direction[i]!;
    square = next;
    if (solver.keepBest && square < bestSquare) {
      bestSquare = square;
      for (let i = 0; i < count; i++) best[i] = solution[i]!;
    }
  }
  if (solver.keepBest) for (let i = 0; i < count; i++) solution[i] = best[i]!;
  cut.iterations = iteration;
  cut.relativeResidual = length === 0 ? 0 : Math.sqrt(solver.keepBest ? bestSquare : square) / length;
}

/** `product = direction - alpha S direction`; gives the inner product of both. */
function multiply(cut: Cut, alpha: number): number {
  const { count, starts, columns, values, direction, product } = cut;
  let curvature = 0;
  let i = 0;
  for (let at = 0; at < count; at++) {
    const end = starts[at + 1]!;
    let even = 0;
    let odd = 0;
    for (; i + 1 < end; i += 2) {
      even += values[i]! * direction[columns[i]!]!;
      odd += values[i + 1]! * direction[columns[i + 1]!]!;
    }
    if (i < end) {
      even += values[i]! * direction[columns[i]!]!;
      i += 1;
    }
    const own = direction[at]!;
    const value = own - alpha * (even + odd);
    product[at] = value;
    curvature += own * value;
  }
  return curvature;
}
