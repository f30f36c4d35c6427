import { DataFormatError } from "../data-format-error.ts";
import { readCsv, shown } from "../readers/csv.ts";
import { parseWholeNumber } from "../readers/fields.ts";
import { Int32List } from "../readers/int32-list.ts";
import { writeFileWhole } from "../write-file.ts";
import { requireVerifiedPairs, type VerifiedPairs } from "./verified-pairs.ts";

const columns = ["row", "neighbor", "inliers"] as const;
const linesAtOnce = 4096;

/**
 * Writes verified pairs as a CSV file (`row,neighbor,inliers`), such as those of a shard. The file appears under its
 * name once it is complete.
 *
 * @param file - The file to write; its folder must exist.
 * @throws RangeError if the columns of `pairs` differ in length or its rows do not ascend. The errors of the file system
 * pass as they are.
 *
 * @example
 * ```ts
 * import { readVerifiedPairsCsv, writeVerifiedPairsCsv } from "@lmk/data";
 *
 * const pairs = { rows: Int32Array.of(0, 1), neighbors: Int32Array.of(1, 0), inliers: Int32Array.of(44, 38) };
 * await writeVerifiedPairsCsv("pairs-0.csv", pairs);
 * console.log([...(await readVerifiedPairsCsv("pairs-0.csv")).inliers]); // => [ 44, 38 ]
 * ```
 */
export async function writeVerifiedPairsCsv(file: string, pairs: VerifiedPairs): Promise<void> {
  requireVerifiedPairs("writeVerifiedPairsCsv", pairs);
  await writeFileWhole(file, csvOf(pairs));
}

/**
 * Reads what {@link writeVerifiedPairsCsv} wrote. No pairs are a header alone.
 *
 * @throws DataFormatError if the file is missing, lacks its header, holds something else than whole numbers from 0 to
 * 2147483647, or its rows do not ascend.
 */
export async function readVerifiedPairsCsv(file: string): Promise<VerifiedPairs> {
  const lists = columns.map(() => new Int32List());
  let last = 0;
  const onRow = (fields: readonly string[], line: number): void => {
    for (const [i, column] of columns.entries()) {
      const value = parseWholeNumber(fields[i], 0x7fffffff);
      if (value < 0 || (i === 0 && value < last)) {
        const least = i === 0 ? last : 0;
        const detail = `expected \`${column}\` to be an integer from ${least} to 2147483647, got ${shown(fields[i])}`;
        throw new DataFormatError("bad-value", file, line, detail);
      }
      if (i === 0) last = value;
      lists[i].push(value);
    }
  };
  try {
    await readCsv(file, columns, onRow);
  } catch (error) {
    if (!isHeaderAlone(error)) throw error;
  }
  const [rows, neighbors, inliers] = lists.map((list) => list.toArray());
  return { rows, neighbors, inliers };
}

function isHeaderAlone(error: unknown): boolean {
  return DataFormatError.isInstance(error) && error.code === "empty-file" && error.line > 1;
}

function* csvOf({ rows, neighbors, inliers }: VerifiedPairs): Generator<string> {
  yield `${columns.join(",")}\n`;
  for (let first = 0; first < rows.length; first += linesAtOnce) {
    let lines = "";
    for (let i = first; i < Math.min(first + linesAtOnce, rows.length); i++) {
      lines += `${rows[i]},${neighbors[i]},${inliers[i]}\n`;
    }
    yield lines;
  }
}
