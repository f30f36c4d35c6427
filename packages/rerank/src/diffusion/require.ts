import type { Neighbors } from "../matrix.ts";
import { requireDistinctIds, requireFiniteScores, requireListShape } from "../require.ts";

/** Checks lists of rows: shape, ids that are -1 or rows, none twice in a list, scores that are finite numbers. */
export function requireLists(caller: string, argument: string, lists: Neighbors, databaseRows: number): void {
  requireListShape(caller, argument, lists);
  const { ids, k } = lists;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i]! >= -1 && ids[i]! < databaseRows) continue;
    throw new RangeError(
      `${caller}: expected \`${argument}.ids\` to be -1 or a row number below ${databaseRows}, got ${ids[i]} in row ${Math.floor(i / k)}`,
    );
  }
  requireDistinctIds(caller, argument, lists, databaseRows);
  requireFiniteScores(caller, argument, lists);
}

/** What {@link requireSparse} checks. */
interface Sparse {
  readonly starts: Uint32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array | Float64Array;
}

/** Checks the shape, the columns and the values of a square matrix. */
export function requireSparse(caller: string, argument: string, matrix: Sparse, rows: number): void {
  const { starts, columns, values } = matrix;
  const count = columns.length;
  if (starts.length !== rows + 1 || starts[0] !== 0 || starts[rows] !== count || values.length !== count) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to have ${rows + 1} starts from 0 to ${count} and ${count} values, got ${starts.length} starts from ${starts[0]} to ${starts.at(-1)} and ${values.length} values`,
    );
  }
  for (let row = 0; row < rows; row++) {
    if (starts[row]! > starts[row + 1]!) {
      throw new RangeError(
        `${caller}: expected \`${argument}.starts\` to ascend, got ${starts[row + 1]} behind ${starts[row]}`,
      );
    }
  }
  for (let i = 0; i < count; i++) {
    if (!(columns[i]! >= 0 && columns[i]! < rows)) {
      throw new RangeError(
        `${caller}: expected \`${argument}.columns\` to be row numbers below ${rows}, got ${columns[i]}`,
      );
    }
    if (!Number.isFinite(values[i]!)) {
      throw new RangeError(`${caller}: expected \`${argument}.values\` to be finite, got ${values[i]}`);
    }
  }
}

/** One count from 0 for each of `rows` regions. */
export function requireImages(caller: string, argument: string, images: Int32Array, rows: number): void {
  if (images.length !== rows) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be ${rows} numbers, got ${images.length}`);
  }
  for (let row = 0; row < rows; row++) {
    if (images[row]! < 0) {
      throw new RangeError(
        `${caller}: expected \`${argument}\` to be counts from 0, got ${images[row]} in row ${row}`,
      );
    }
  }
}

/** One more than the largest number. */
export function countImages(images: Int32Array): number {
  let count = 0;
  for (let i = 0; i < images.length; i++) count = Math.max(count, images[i]! + 1);
  return count;
}
