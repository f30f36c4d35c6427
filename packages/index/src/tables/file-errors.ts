import { IndexFileError, type IndexFileErrorCode } from "../file-error.ts";

/** Makes the errors of one call on one file. */
export interface FileErrors {
  file(expected: string, got: string, code: IndexFileErrorCode, options?: ErrorOptions): IndexFileError;
  row(row: number, expected: string, got: string): IndexFileError;
}

export function fileErrors(caller: string, path: string): FileErrors {
  return {
    file: (expected, got, code, options = {}) =>
      new IndexFileError(`${caller}: expected ${path} ${expected}, got ${got}`, code, path, options),
    row: (row, expected, got) =>
      new IndexFileError(
        `${caller}: expected row ${row} of ${path} ${expected}, got ${got}`,
        "unsupported-content",
        path,
      ),
  };
}

/** `"a", "b"`, or `none`. */
export function quotedNames(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map((name) => JSON.stringify(name)).join(", ");
}

/** Copies one row, number by number; a number that is missing, or beyond float32, is refused by its row. */
export function fillRow(
  errors: FileErrors,
  row: number,
  values: ArrayLike<unknown>,
  target: Float32Array,
  offset: number,
): void {
  for (let column = 0; column < values.length; column++) {
    const value = values[column];
    if (typeof value !== "number") {
      throw errors.row(row, "to hold numbers", `null in column ${column}`);
    }
    target[offset + column] = value;
    if (Number.isFinite(value) && !Number.isFinite(target[offset + column]!)) {
      throw errors.row(row, "to hold numbers of float32", `${value} in column ${column}`);
    }
  }
}
