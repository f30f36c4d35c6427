import type { Matrix, Neighbors } from "./matrix.ts";

export function requirePositiveInteger(caller: string, argument: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be a positive integer, got ${value}`);
  }
}

export function requireMatrix(caller: string, argument: string, matrix: Matrix): void {
  const { data, rows, columns } = matrix;
  requirePositiveInteger(caller, `${argument}.columns`, columns);
  if (!Number.isInteger(rows) || rows < 0) {
    throw new RangeError(`${caller}: expected \`${argument}.rows\` to be a count, got ${rows}`);
  }
  if (data.length !== rows * columns) {
    throw new RangeError(
      `${caller}: expected \`${argument}.data\` to hold ${rows} x ${columns} = ${rows * columns} numbers, got ${data.length}`,
    );
  }
}

/** Checks that there are `rows` lists of `k` ids and scores. */
export function requireListShape(caller: string, argument: string, lists: Neighbors): void {
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
}

/** Checks shape, ids (each is -1 or a row of a database of `databaseRows` rows) and that no score is NaN. */
export function requireNeighbors(
  caller: string,
  neighbors: Neighbors,
  databaseRows: number,
  argument = "neighbors",
): void {
  const { ids, scores, k } = neighbors;
  requireListShape(caller, argument, neighbors);
  for (let i = 0; i < ids.length; i++) {
    if (ids[i]! < -1 || ids[i]! >= databaseRows) {
      throw new RangeError(
        `${caller}: expected \`${argument}.ids\` to be -1 or a row number below ${databaseRows}, got ${ids[i]} for query ${Math.floor(i / k)}`,
      );
    }
    if (Number.isNaN(scores[i]!)) {
      throw new RangeError(
        `${caller}: expected \`${argument}.scores\` to be numbers, got NaN for query ${Math.floor(i / k)}`,
      );
    }
  }
}

/** Checks that the scores of all ids that are not -1 are finite. */
export function requireFiniteScores(caller: string, argument: string, lists: Neighbors): void {
  const { ids, scores, k } = lists;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i]! < 0 || Number.isFinite(scores[i]!)) continue;
    throw new RangeError(
      `${caller}: expected \`${argument}.scores\` to be finite, got ${scores[i]} in row ${Math.floor(i / k)}`,
    );
  }
}

/** Checks that no list names a row twice; ids are rows of a database of `databaseRows` rows, or -1. */
export function requireDistinctIds(
  caller: string,
  argument: string,
  lists: Neighbors,
  databaseRows: number,
): void {
  const { ids, rows, k } = lists;
  const lastSeen = new Int32Array(databaseRows).fill(-1);
  for (let row = 0; row < rows; row++) {
    for (let at = row * k; at < (row + 1) * k; at++) {
      const id = ids[at]!;
      if (id < 0) continue;
      if (lastSeen[id] === row) {
        throw new RangeError(
          `${caller}: expected \`${argument}.ids\` to differ within a row, got ${id} twice in row ${row}`,
        );
      }
      lastSeen[id] = row;
    }
  }
}

export function requireRows(caller: string, argument: string, got: number, expected: number): void {
  if (got !== expected) {
    throw new RangeError(`${caller}: expected \`${argument}\` to have ${expected} rows, got ${got}`);
  }
}

export function requireAtMost(
  caller: string,
  argument: string,
  value: number,
  limit: number,
  limitName: string,
): void {
  if (value > limit) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to be at most \`${limitName}\` = ${limit}, got ${value}`,
    );
  }
}

export function requireOneOf<Value extends string>(
  caller: string,
  argument: string,
  value: Value,
  allowed: readonly Value[],
): void {
  if (!allowed.includes(value)) {
    const list = allowed.map((name) => JSON.stringify(name)).join(" or ");
    throw new RangeError(`${caller}: expected \`${argument}\` to be ${list}, got ${JSON.stringify(value)}`);
  }
}

export function requireFiniteNumber(caller: string, argument: string, value: number): void {
  if (Number.isFinite(value)) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be a finite number, got ${value}`);
}

/** A finite number above 0. */
export function requirePositiveNumber(caller: string, argument: string, value: number): void {
  if (value > 0 && value < Infinity) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be a finite number above 0, got ${value}`);
}

/** A share of a whole. */
export function requireShare(caller: string, argument: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be from 0 to 1, got ${value}`);
}

/** A number from `least` on, and below `limit`. */
export function requireWithin(
  caller: string,
  argument: string,
  value: number,
  least: number,
  limit: number,
): void {
  if (value >= least && value < limit) return;
  const range = limit === Infinity ? `finite and at least ${least}` : `from ${least} to below ${limit}`;
  throw new RangeError(`${caller}: expected \`${argument}\` to be ${range}, got ${value}`);
}
