import { addTileProduct, createTiles, fillTiles } from "./tiles.ts";
import {
  type LinearTransform,
  requireTransform,
  stepsOf,
  type Transform,
  type TransformChain,
  type TransformStep,
} from "./transform.ts";

/**
 * Joins transforms into one that does them one after the other.
 *
 * Linear steps, shifts and truncations that follow one another become one linear step where that is less work per row:
 * PCA then rotation costs as much as PCA alone. Folding changes results by rounding only, before the one rounding to
 * float32: some 1e-15 of the products that are summed. Where these cancel, as they do behind a whitening
 * whose last variances are small, that is as many times more of the result.
 *
 * Folding two linear steps blocks the thread for their product, `inputColumns` times the columns between times
 * `outputColumns` multiplications: half a second for 1024 columns each.
 *
 * @param transforms - Any steps and chains, in order; none is the chain that leaves rows as they are.
 * @returns One step, or a chain where several remain.
 * @throws RangeError or TypeError if a step is not valid or does not fit the one before.
 *
 * @example
 * ```ts
 * import { applyTransform, composeTransforms } from "@lmk/index/transforms";
 *
 * const cut = composeTransforms([{ kind: "truncate", columns: 2 }, { kind: "normalize" }]);
 * const rows = { data: Float32Array.of(3, 4, 12), rows: 1, columns: 3 };
 * console.log(applyTransform(cut, rows).data); // => Float32Array(2) [ 0.6000000238418579, 0.800000011920929 ]
 * ```
 */
export function composeTransforms(transforms: readonly Transform[]): Transform {
  let width: number | undefined;
  for (const [i, transform] of transforms.entries()) {
    width = requireTransform("composeTransforms", `transforms[${i}]`, transform, width);
  }
  const steps: TransformStep[] = [];
  for (const step of transforms.flatMap(stepsOf)) {
    let last = step;
    for (let before = steps.at(-1); before !== undefined; before = steps.at(-1)) {
      const folded = fold(before, last);
      if (folded === undefined) break;
      steps.pop();
      last = folded;
    }
    steps.push(last);
  }
  const chain: TransformChain = { kind: "chain", steps };
  return steps.length === 1 ? steps[0]! : chain;
}

/** One step for two, or undefined where there is none or it would be more work. */
function fold(first: TransformStep, second: TransformStep): TransformStep | undefined {
  if (second.kind === "truncate") return truncated(first, second.columns);
  if (first.kind === "shift" && second.kind === "shift") {
    return { kind: "shift", offset: first.offset.map((value, i) => value + second.offset[i]!) };
  }
  if (first.kind === "linear" && second.kind === "shift") {
    return { ...first, offset: first.offset.map((value, i) => value + second.offset[i]!) };
  }
  if (first.kind === "shift" && second.kind === "linear") {
    return { ...second, offset: transformedOffset(second, first.offset) };
  }
  if (first.kind === "linear" && second.kind === "linear") return product(first, second);
  return undefined;
}

function truncated(step: TransformStep, columns: number): TransformStep | undefined {
  switch (step.kind) {
    case "truncate":
      return { kind: "truncate", columns };
    case "linear":
      return {
        ...step,
        outputColumns: columns,
        matrix: step.matrix.slice(0, columns * step.inputColumns),
        offset: step.offset.slice(0, columns),
      };
    default:
      return undefined;
  }
}

function transformedOffset(
  { matrix, offset, inputColumns }: LinearTransform,
  input: Float64Array,
): Float64Array {
  return offset.map((value, row) => {
    let sum = value;
    for (let i = 0; i < inputColumns; i++) sum += matrix[row * inputColumns + i]! * input[i]!;
    return sum;
  });
}

function product(first: LinearTransform, second: LinearTransform): LinearTransform | undefined {
  const { inputColumns } = first;
  const { outputColumns } = second;
  const apart = first.outputColumns * (inputColumns + outputColumns);
  if (outputColumns * inputColumns > apart) return undefined;

  const length = first.outputColumns;
  const left = createTiles(outputColumns, length);
  fillTiles(left, second.matrix, outputColumns);
  const right = createTiles(inputColumns, length);
  fillTiles(right, transpose(first.matrix, length, inputColumns), inputColumns);
  const stride = right.count * 4;
  const wide = new Float64Array(left.count * 4 * stride);
  for (let i = 0; i < left.count; i++) {
    for (let j = 0; j < right.count; j++) {
      addTileProduct(left, i, right, j, wide, i * 4 * stride + j * 4, stride);
    }
  }
  const matrix = new Float64Array(outputColumns * inputColumns);
  for (let row = 0; row < outputColumns; row++) {
    matrix.set(wide.subarray(row * stride, row * stride + inputColumns), row * inputColumns);
  }
  return {
    kind: "linear",
    inputColumns,
    outputColumns,
    matrix,
    offset: transformedOffset(second, first.offset),
  };
}

function transpose(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const turned = new Float64Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = matrix[row * columns + column]!;
    }
  }
  return turned;
}
