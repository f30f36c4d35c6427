import { IndexFileError } from "../file-error.ts";
import { bytesOf, fromLittleEndian } from "../files/little-endian.ts";
import { startSteps } from "../files/run-steps.ts";
import type { RunOptions } from "../matrix.ts";
import type { RowRange } from "../row-range.ts";
import { readCheckedInto } from "./chunk-reader.ts";
import { hexadecimalIds, textIds } from "./ids.ts";
import type { OpenEmbeddings } from "./rows.ts";

/** Rows whose ids are read at a time. */
const windowRows = 16 * 1024;

/** The ids of consecutive rows. */
export async function readIdRange(
  caller: string,
  file: OpenEmbeddings,
  { first, end }: RowRange,
): Promise<string[]> {
  if (first === end) return [];
  const { content, layout } = file;
  if (content.idKind === "hexadecimal") {
    const size = content.idBytes / content.rows;
    const bytes = new Uint8Array((end - first) * size);
    await readCheckedInto(caller, file, layout.ids + first * size, bytes);
    return hexadecimalIds(bytes, size);
  }
  const ends = await readEnds(caller, file, { first, end });
  const start = ends[0]!;
  const bytes = new Uint8Array(ends.at(-1)! - start);
  await readCheckedInto(caller, file, layout.ids + start, bytes);
  return textIds(
    caller,
    file.path,
    bytes,
    ends.slice(1).map((idEnd) => idEnd - start),
  );
}

/** The ids of any rows, which are read in the order of the file. */
export async function readIdsOf(
  caller: string,
  file: OpenEmbeddings,
  rows: Iterable<number>,
): Promise<ReadonlyMap<number, string>> {
  const sorted = Int32Array.from(new Set(rows)).sort();
  const ids = new Map<number, string>();
  for (let i = 0; i < sorted.length; ) {
    const first = sorted[i]!;
    let next = i;
    while (next < sorted.length && sorted[next]! < first + windowRows) next++;
    const found = await readIdRange(caller, file, { first, end: sorted[next - 1]! + 1 });
    for (; i < next; i++) ids.set(sorted[i]!, found[sorted[i]! - first]!);
  }
  return ids;
}

/** The first row of each id, in one pass over the file's ids. */
export async function findRows(
  caller: string,
  file: OpenEmbeddings,
  ids: readonly string[],
  options: RunOptions,
): Promise<Int32Array> {
  const { rows } = file.content;
  const steps = startSteps(options, rows);
  const rowOf = new Map<string, number>(ids.map((id) => [id, -1]));
  let missing = rowOf.size;
  for (let first = 0; first < rows && missing > 0; first += windowRows) {
    const end = Math.min(first + windowRows, rows);
    for (const [i, id] of (await readIdRange(caller, file, { first, end })).entries()) {
      if (rowOf.get(id) !== -1) continue;
      rowOf.set(id, first + i);
      missing--;
    }
    steps.advance(end - first);
  }
  steps.finish();
  return Int32Array.from(ids, (id) => rowOf.get(id)!);
}

/** Where the ids of consecutive rows start and end: one number more than rows. */
async function readEnds(caller: string, file: OpenEmbeddings, { first, end }: RowRange): Promise<number[]> {
  const { content, layout, path } = file;
  const from = Math.max(first - 1, 0);
  const counts = new BigUint64Array(end - from);
  await readCheckedInto(caller, file, layout.idEnds + from * 8, bytesOf(counts));
  fromLittleEndian(counts);
  const ends = Array.from(counts, Number);
  if (first === 0) ends.unshift(0);
  const isOrdered = ends.every((value, i) => i === 0 || value > ends[i - 1]!);
  if (!isOrdered || ends.at(-1)! > content.idBytes) {
    throw new IndexFileError(
      `${caller}: expected ${path} to hold ids one after another, got other ends in rows ${first} to ${end}`,
      "unsupported-content",
      path,
    );
  }
  return ends;
}
