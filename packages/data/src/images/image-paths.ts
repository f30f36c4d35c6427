import { availableParallelism } from "node:os";

/** Files by row: an array of paths, or the `paths` of a table, which computes them. */
export interface ImagePaths {
  readonly length: number;
  at(row: number): string | undefined;
}

/** The path of a row that exists. */
export function pathAt(caller: string, paths: ImagePaths, row: number): string {
  const path = Number.isInteger(row) && row >= 0 ? paths.at(row) : undefined;
  if (path !== undefined) return path;
  throw new RangeError(
    `${caller}: expected \`rows\` to be integers from 0 to ${paths.length - 1}, got ${row}`,
  );
}

/**
 * Files in work at the same time: more than the threads there are, so that none of them waits for the
 * event loop to hand it the next file.
 */
export function defaultConcurrency(): number {
  return Math.max(8, 2 * availableParallelism());
}
