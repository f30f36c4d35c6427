import type { Embeddings } from "../matrix.ts";
import { readRows } from "../read-rows.ts";
import { requireEmbeddings } from "../require.ts";
import { readNumbers } from "./read-numbers.ts";
import type { ShiftTransform } from "./transform.ts";

const blockRows = 1024;

/**
 * Learns the shift that brings the mean of a sample to zero. It reads the sample once and blocks the thread meanwhile:
 * some 4 seconds per billion numbers.
 *
 * ```text
 * y = x - mean
 * ```
 *
 * @param sample - One or more rows in float32, float16 or int8.
 * @returns A shift whose `offset` is minus the mean, in double precision.
 * @throws RangeError if the shape does not fit, there is no row, or a row holds NaN or an infinity.
 *
 * @example
 * ```ts
 * import { learnCentering } from "@lmk/index/transforms";
 *
 * console.log([...learnCentering({ data: Float32Array.of(1, 5, 3, 7), rows: 2, columns: 2 }).offset]); // => [ -2, -6 ]
 * ```
 */
export function learnCentering(sample: Embeddings): ShiftTransform {
  requireEmbeddings("learnCentering", "sample", sample);
  const { rows, columns } = sample;
  if (rows === 0)
    throw new RangeError("learnCentering: expected `sample` to have at least one row, got none");
  const offset = new Float64Array(columns);
  const numbers = new Float64Array(columns);
  for (let first = 0; first < rows; first += blockRows) {
    const block = readRows(sample, first, Math.min(first + blockRows, rows));
    for (let row = 0; row < block.rows; row++) {
      readNumbers("learnCentering", "sample", block, row, first, numbers, 0);
      for (let i = 0; i < columns; i++) offset[i]! -= numbers[i]!;
    }
  }
  return { kind: "shift", offset: offset.map((sum) => sum / rows) };
}
