import type { Embeddings, Matrix } from "../matrix.ts";
import { readRows } from "../read-rows.ts";
import { requireEmbeddings, requireFiniteRows } from "../require.ts";
import type { IdRange, IdTable } from "./id-table.ts";
import { createPause } from "./run-parts.ts";
import type { HnswSettings } from "./settings.ts";

/** Numbers looked at before other work gets its turn: about a millisecond. */
const numbersPerBlock = 2 ** 19;

/** Rows longer than this have squared distances that float32 does not hold. */
const longestRow = 2 ** 62;

const largestHalf = 65504;

const largestId = 2 ** 31 - 2;

/**
 * Bytes for each id up to the largest that are kept per given id before a set is kept instead. A set holds 2^24 ids at
 * most, and ids are below 2^31.
 */
const bytesPerId = 128;

export function requireShape(
  caller: string,
  argument: string,
  embeddings: Embeddings,
  dimension: number,
): void {
  requireEmbeddings(caller, argument, embeddings);
  if (embeddings.columns !== dimension) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to have ${dimension} columns like the index, got ${embeddings.columns}`,
    );
  }
}

/** Refuses rows that a graph cannot hold, by their number, and lets other work run in between. */
export async function requireUsableRows(
  caller: string,
  argument: string,
  embeddings: Embeddings,
  settings: HnswSettings,
  signal: AbortSignal | undefined,
  ranges: readonly IdRange[] = [[0, embeddings.rows]],
): Promise<void> {
  const pause = createPause();
  const blockRows = Math.max(1, Math.floor(numbersPerBlock / embeddings.columns));
  for (const [start, end] of ranges) {
    for (let first = start; first < end; first += blockRows) {
      signal?.throwIfAborted();
      const block = readRows(embeddings, first, Math.min(first + blockRows, end));
      requireUsableBlock(caller, argument, block, settings, first);
      await pause();
    }
  }
}

function requireUsableBlock(
  caller: string,
  argument: string,
  block: Matrix,
  { metric, dtype }: HnswSettings,
  first: number,
): void {
  const { data, columns } = block;
  const isCosine = metric === "cosine";
  const squares = requireFiniteRows(caller, argument, block, isCosine, first);
  // What only has a direction is scaled to length 1 before it is kept.
  if (isCosine) return;
  for (const [i, square] of squares.entries()) {
    if (square > longestRow ** 2) {
      throw new RangeError(
        `${caller}: expected row ${first + i} of \`${argument}\` to be shorter than 2^62, got a length of ${Math.sqrt(square)}`,
      );
    }
  }
  if (dtype !== "float16") return;
  for (let i = 0; i < data.length; i++) {
    if (Math.abs(data[i]!) <= largestHalf) continue;
    throw new RangeError(
      `${caller}: expected row ${first + Math.floor(i / columns)} of \`${argument}\` to hold numbers of float16, up to ${largestHalf}, got ${data[i]} in column ${i % columns}`,
    );
  }
}

/** The ids of rows to be added: those given, or the next ones. */
export function idsToAdd(
  caller: string,
  given: Int32Array | undefined,
  rows: number,
  table: IdTable,
): Int32Array {
  if (given !== undefined) {
    requireNewIds(caller, given, table);
    return given;
  }
  if (table.end + rows - 1 > largestId) {
    throw new RangeError(`${caller}: expected ids up to ${largestId}, got ${table.end + rows - 1}`);
  }
  const ids = new Int32Array(rows);
  for (let row = 0; row < rows; row++) ids[row] = table.end + row;
  return ids;
}

function requireNewIds(caller: string, ids: Int32Array, table: IdTable): void {
  let largest = -1;
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]!;
    if (id < 0 || id > largestId) {
      throw new RangeError(`${caller}: expected \`ids[${row}]\` to be from 0 to ${largestId}, got ${id}`);
    }
    if (table.has(id)) {
      throw new RangeError(
        `${caller}: expected \`ids[${row}]\` to be new, got ${id}, which is in the index; remove it first`,
      );
    }
    largest = Math.max(largest, id);
  }
  const repeated = firstRepeated(ids, largest);
  if (repeated === -1) return;
  throw new RangeError(
    `${caller}: expected \`ids[${repeated}]\` to be new, got ${ids[repeated]} a second time`,
  );
}

/** Where an id is that came before, or -1. */
function firstRepeated(ids: Int32Array, largest: number): number {
  if (largest >= bytesPerId * ids.length) {
    const seen = new Set<number>();
    return ids.findIndex((id) => {
      const isRepeated = seen.has(id);
      seen.add(id);
      return isRepeated;
    });
  }
  const seen = new Uint8Array(largest + 1);
  for (let i = 0; i < ids.length; i++) {
    if (seen[ids[i]!] === 1) return i;
    seen[ids[i]!] = 1;
  }
  return -1;
}

/** Copies ids that a caller gave, so that they do not change while they wait. */
export function copyIds(
  caller: string,
  ids: Int32Array | undefined,
  rows: number | undefined,
): Int32Array | undefined {
  if (ids === undefined) return undefined;
  if (!(ids instanceof Int32Array)) {
    throw new TypeError(`${caller}: expected \`ids\` to be an Int32Array, got ${typeof ids}`);
  }
  if (rows !== undefined && ids.length !== rows) {
    throw new RangeError(
      `${caller}: expected \`ids\` to hold one id for each of ${rows} rows, got ${ids.length}`,
    );
  }
  return ids.slice();
}

/** Refuses ids that are not in the index, and ids given twice. */
export function requirePresentIds(caller: string, ids: Int32Array, table: IdTable): void {
  for (let i = 0; i < ids.length; i++) {
    if (table.has(ids[i]!)) continue;
    throw new RangeError(`${caller}: expected \`ids[${i}]\` to be in the index, got ${ids[i]}`);
  }
  const repeated = firstRepeated(ids, table.end - 1);
  if (repeated === -1) return;
  throw new RangeError(
    `${caller}: expected \`ids[${repeated}]\` to be another id, got ${ids[repeated]} a second time`,
  );
}
