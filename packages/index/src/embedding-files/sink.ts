import { convertRows, type EmbeddingDtype } from "../files/convert-rows.ts";
import { littleEndianBytes, littleEndianPieces } from "../files/little-endian.ts";
import { createPartialFile } from "../files/partial-file.ts";
import type { Embeddings, Int8Matrix } from "../matrix.ts";
import { checksumOf } from "./checksum.ts";
import { createChunkWriter } from "./chunk-writer.ts";
import { encodeHeader } from "./header.ts";
import { createIdSink } from "./id-sink.ts";
import { requireIdCount, requireIds } from "./ids.ts";
import { headerBytes, mostRows } from "./layout.ts";
import { createSpool } from "./spool.ts";

/** Rows that were checked and converted. */
export interface CheckedRows {
  readonly embeddings: Embeddings;
  readonly ids: readonly string[] | undefined;
}

/** A file that rows flow into. */
export interface EmbeddingSink {
  readonly rows: number;
  /** Refuses what cannot be written; `firstRow` numbers the rows in errors. */
  check(caller: string, rows: CheckedRows, firstRow: number): CheckedRows;
  write(rows: CheckedRows): Promise<void>;
  /** Completes the file, or throws the signal's reason. */
  finish(signal?: AbortSignal): Promise<void>;
  discard(): Promise<void>;
}

export async function createEmbeddingSink(
  path: string,
  columns: number,
  dtype: EmbeddingDtype,
): Promise<EmbeddingSink> {
  const file = await createPartialFile(path);
  const chunks = createChunkWriter(file);
  const scales = createSpool(path);
  const ids = createIdSink(path);
  let rows = 0;
  /** Rows that were checked; the first of them decide whether there are ids. */
  let checked = 0;
  let withIds: boolean | undefined;

  const discard = async (): Promise<void> => {
    await Promise.all([file.discard(), scales.discard(), ids.discard()]);
  };
  try {
    await file.write(new Uint8Array(headerBytes));
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    get rows() {
      return rows;
    },
    check: (caller, given, firstRow) => {
      const { embeddings } = given;
      if (embeddings.columns !== columns) {
        throw new RangeError(
          `${caller}: expected \`embeddings\` to have ${columns} columns as the file, got ${embeddings.columns}`,
        );
      }
      requireRowCount(caller, checked + embeddings.rows);
      if (withIds === true && given.ids === undefined) {
        throw new RangeError(`${caller}: expected \`ids\` to be given as with earlier rows, got none`);
      }
      if (withIds === false && given.ids !== undefined) {
        throw new RangeError(`${caller}: expected no \`ids\` as with earlier rows, got ${given.ids.length}`);
      }
      if (given.ids !== undefined) {
        requireIdCount(caller, given.ids, embeddings.rows);
        requireIds(caller, given.ids, firstRow);
      }
      const converted = convertRows(embeddings, { caller, dtype, firstRow, finite: true });
      withIds = given.ids !== undefined;
      checked += embeddings.rows;
      return { embeddings: converted, ids: given.ids };
    },
    write: async (given) => {
      rows += given.embeddings.rows;
      for (const piece of littleEndianPieces(given.embeddings.data)) await chunks.write(piece);
      if (dtype === "int8") await scales.write(littleEndianBytes((given.embeddings as Int8Matrix).scales));
      if (given.ids !== undefined) await ids.write(given.ids);
    },
    finish: async (signal) => {
      const writePart = async (pieces: AsyncIterable<Uint8Array>): Promise<void> => {
        for await (const piece of pieces) {
          signal?.throwIfAborted();
          await chunks.write(piece);
        }
        await chunks.align();
      };
      await chunks.align();
      await writePart(scales.pieces(4));
      const idKind = withIds === true ? ids.kind : "none";
      await writePart(ids.ends());
      await writePart(ids.bytes());
      const list = await chunks.finish();
      const content = { rows, columns, dtype, idKind, idBytes: withIds === true ? ids.byteCount : 0 };
      await file.overwrite(0, encodeHeader(content, checksumOf(list)));
      signal?.throwIfAborted();
      await Promise.all([scales.discard(), ids.discard()]);
      await file.commit();
    },
    discard,
  };
}

/** Refuses more rows than an `Int32Array` can number. */
function requireRowCount(caller: string, rows: number): void {
  if (rows > mostRows) {
    throw new RangeError(`${caller}: expected a file of at most ${mostRows} rows, got ${rows}`);
  }
}
