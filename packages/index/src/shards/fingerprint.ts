import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { checkedBlocks } from "../files/checked-blocks.ts";
import { numbersOf } from "../files/convert-rows.ts";
import { littleEndianBytes } from "../files/little-endian.ts";
import type { EmbeddingBlock, EmbeddingSource, Embeddings } from "../matrix.ts";
import type { RowRange } from "../row-range.ts";
import { viewRows } from "../sources.ts";

/** Bytes that are hashed before other work of the process gets its turn: a few milliseconds. */
const stepBytes = 4 * 1024 * 1024;

/**
 * A checksum of rows that come in blocks. It depends on their numbers and precision, not on how they are cut into
 * blocks; rows that it has seen already are passed over.
 */
export interface RowsHash {
  /** How many rows have been seen. */
  readonly rows: number;
  /** Adds the rows of a block that follow those already seen; the block's first row has number `firstRow`. */
  add(embeddings: Embeddings, firstRow: number, signal: AbortSignal | undefined): Promise<void>;
  /** SHA-256 as hexadecimal digits. */
  digest(): string;
}

/** @param inspect - Shown each row once, a few at a time; `first` is the number of the first of them. */
export function createRowsHash(
  inspect: (rows: Embeddings, first: number) => void = () => undefined,
): RowsHash {
  const numbers = createHash("sha256");
  const scales = createHash("sha256");
  let precision = "";
  let seen = 0;
  return {
    get rows() {
      return seen;
    },
    add: async (embeddings, firstRow, signal) => {
      const end = firstRow + embeddings.rows;
      // A gap is left to a later pass over the rows.
      if (firstRow > seen || end <= seen) return;
      const name = `${embeddings.columns} ${numbersOf(embeddings)};`;
      const stepRows = Math.max(1, Math.floor(stepBytes / (4 * embeddings.columns)));
      while (seen < end) {
        const first = seen - firstRow;
        const rows = Math.min(stepRows, end - seen);
        if (name !== precision) numbers.update(name);
        precision = name;
        const view = viewRows(embeddings, first, first + rows);
        inspect(view, seen);
        numbers.update(littleEndianBytes(view.data));
        if ("scales" in view) scales.update(littleEndianBytes(view.scales));
        seen += rows;
        await setImmediate();
        signal?.throwIfAborted();
      }
    },
    digest: () => createHash("sha256").update(numbers.digest()).update(scales.digest()).digest("hex"),
  };
}

/** The checksum of a matrix. */
export async function embeddingsHash(
  embeddings: Embeddings,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createRowsHash();
  await hash.add(embeddings, 0, signal);
  return hash.digest();
}

/** The checksum of one row number per query. */
export function rowNumbersHash(numbers: Int32Array): string {
  return createHash("sha256").update(littleEndianBytes(numbers)).digest("hex");
}

/** Adds the rows of a range that the hash, whose row 0 is the first of the range, has not seen yet. */
export async function addSourceRows(
  caller: string,
  hash: RowsHash,
  source: EmbeddingSource,
  range: RowRange,
  signal: AbortSignal | undefined,
): Promise<void> {
  const first = range.first + hash.rows;
  if (first >= range.end) return;
  const blockRows = Math.max(1, Math.floor(stepBytes / (4 * source.columns)));
  for await (const block of checkedBlocks(caller, "database", source, { first, end: range.end, blockRows })) {
    await hash.add(block.embeddings, block.firstRow - range.first, signal);
  }
}

/** Some rows of a source as a source of their own, which adds what is read of them to a hash. */
export function hashedRange(
  caller: string,
  source: EmbeddingSource,
  range: RowRange,
  hash: RowsHash,
  signal: AbortSignal | undefined,
): EmbeddingSource {
  return {
    rows: range.end - range.first,
    columns: source.columns,
    async *blocks({ first, end, blockRows }): AsyncGenerator<EmbeddingBlock> {
      const asked = { first: range.first + first, end: range.first + end, blockRows };
      for await (const { firstRow, embeddings } of checkedBlocks(caller, "database", source, asked)) {
        await hash.add(embeddings, firstRow - range.first, signal);
        yield { firstRow: firstRow - range.first, embeddings };
      }
    },
  };
}
