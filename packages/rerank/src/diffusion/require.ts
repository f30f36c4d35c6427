import type { Neighbors } from "../matrix.ts";
import { requirePositiveInteger } from "../require.ts";

/** Checks lists of rows: shape, ids that are -1 or rows, none twice in a list, scores that are finite numbers. */
export function requireLists(caller: string, argument: string, lists: Neighbors, databaseRows: number): void {
  const { ids, scores, rows, k } = lists;
  requirePositiveInteger(caller, `${argument}.k`, k);
  if (!Number.isInteger(rows) || rows < 0) {
    throw new RangeError(`${caller}: expected \`${argument}.rows\` to be a count, got ${rows}`);
  }
  if (ids.length !== rows * k || scores.length !== rows * k) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to hold ${rows} x ${k} = ${rows * k} ids and scores, got ${ids.length} and ${scores.length}`,
    );
  }
  const lastSeen = new Int32Array(databaseRows).fill(-1);
  for (let row = 0; row < rows; row++) {
    for (let at = row * k; at < (row + 1) * k; at++) {
      const id = ids[at]!;
      if (id === -1) continue;
      if (!(id >= 0 && id < databaseRows)) {
        throw new RangeError(
          `${caller}: expected \`${argument}.ids\` to be -1 or a row number below ${databaseRows}, got ${id} in row ${row}`,
        );
      }
      if (lastSeen[id] === row) {
        throw new RangeError(
          `${caller}: expected \`${argument}.ids\` to differ within a row, got ${id} twice in row ${row}`,
        );
      }
      lastSeen[id] = row;
      if (!Number.isFinite(scores[at]!)) {
        throw new RangeError(
          `${caller}: expected \`${argument}.scores\` to be finite, got ${scores[at]} in row ${row}`,
        );
      }
    }
  }
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

/** A number from `least` on, and below `limit`. */
export function requireWithin(
  caller: string,
  argument: string,
  value: number,
  least: number,
  limit: number,
): void {
  if (!(value >= least && value < limit)) {
    const range = limit === Infinity ? `finite and at least ${least}` : `from ${least} to below ${limit}`;
    throw new RangeError(`${caller}: expected \`${argument}\` to be ${range}, got ${value}`);
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
