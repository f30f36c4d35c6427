import type { EmbeddingDtype } from "../files/convert-rows.ts";
import { bytesOf, fromLittleEndian } from "../files/little-endian.ts";
import { numbersIn } from "../files/read-rows.ts";
import { startSteps } from "../files/run-steps.ts";
import type { EmbeddingBlock, Embeddings, Int8Matrix, RunOptions } from "../matrix.ts";
import type { RowRange } from "../row-range.ts";
import { viewRows } from "../sources.ts";
import { type ChunkedFile, readChecked, readCheckedInto } from "./chunk-reader.ts";
import { type EmbeddingContent, type EmbeddingLayout, rowBytes } from "./layout.ts";

/** An open file of embeddings. */
export interface OpenEmbeddings extends ChunkedFile {
  readonly content: EmbeddingContent;
  readonly layout: EmbeddingLayout;
}

/** Room for some rows, of zeros. */
export function allocateRows(
  rows: number,
  columns: number,
  dtype: EmbeddingDtype,
  shared: boolean,
): Embeddings {
  const length = rows * columns;
  if (dtype === "float32") return { data: numbersIn(Float32Array, length, shared), rows, columns };
  if (dtype === "float16") return { data: numbersIn(Uint16Array, length, shared), rows, columns };
  const scales = numbersIn(Float32Array, rows, shared);
  return { data: numbersIn(Int8Array, length, shared), rows, columns, scales };
}

/** Fills `target` with the rows from `first`. */
export async function readRowsInto(
  caller: string,
  file: OpenEmbeddings,
  first: number,
  target: Embeddings,
  options: RunOptions,
): Promise<void> {
  const { content, layout } = file;
  const steps = startSteps(options, target.rows);
  const bytesPerRow = rowBytes(content);
  const { buffer, byteOffset, byteLength } = target.data;
  const position = layout.numbers + first * bytesPerRow;
  let done = 0;
  let doneRows = 0;
  for await (const piece of readChecked(caller, file, position, position + byteLength)) {
    // Piece by piece, as one array of bytes ends below 2^32 in Node 20.
    new Uint8Array(buffer, byteOffset + done, piece.length).set(piece);
    done += piece.length;
    const rows = Math.floor(done / bytesPerRow);
    steps.advance(rows - doneRows);
    doneRows = rows;
  }
  fromLittleEndian(target.data);
  if (content.dtype === "int8") {
    const { scales } = target as Int8Matrix;
    await readCheckedInto(caller, file, layout.scales + first * 4, bytesOf(scales));
    fromLittleEndian(scales);
  }
  steps.finish();
}

/** Blocks of rows, which share one buffer. */
export async function* readBlocks(
  file: OpenEmbeddings,
  { first, end, blockRows }: RowRange & { readonly blockRows: number },
): AsyncGenerator<EmbeddingBlock> {
  const { columns, dtype } = file.content;
  const buffer = allocateRows(Math.min(blockRows, end - first), columns, dtype, false);
  for (let row = first; row < end; row += blockRows) {
    const embeddings = viewRows(buffer, 0, Math.min(blockRows, end - row));
    await readRowsInto("blocks", file, row, embeddings, {});
    yield { firstRow: row, embeddings };
  }
}
