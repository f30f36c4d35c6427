import type { ImageFailure } from "../sources/image-source.ts";
import type { EmbeddedBatch } from "./embed-images.ts";
import { type EmbeddingRows, emptyRows, type Storage } from "./rows.ts";

/** All embeddings of a list of images. */
export interface EmbeddedImages<S extends Storage = "float32"> {
  /** A row for each image that could be read. */
  readonly embeddings: EmbeddingRows<S>;
  /** For each row of `embeddings` the position of its image in the list, ascending. */
  readonly rows: Int32Array;
  /** Images that could not be read, by their position. */
  readonly failures: readonly ImageFailure[];
}

/** Gathers batches, in the order of their images. */
export async function collectRows<S extends Storage>(
  batches: AsyncIterable<EmbeddedBatch<S>>,
  storage: S,
  dimension: number | undefined,
): Promise<EmbeddedImages<S>> {
  const found: { readonly row: number; readonly batch: EmbeddingRows<S>; readonly at: number }[] = [];
  const failures: ImageFailure[] = [];
  for await (const { rows, embeddings, failures: failed } of batches) {
    rows.forEach((row, at) => {
      found.push({ row, batch: embeddings, at });
    });
    failures.push(...failed);
  }
  found.sort((a, b) => a.row - b.row);
  const columns = found[0]?.batch.columns ?? dimension ?? 0;
  const embeddings = emptyRows(storage, found.length, columns);
  found.forEach(({ batch, at }, i) => {
    embeddings.data.set(batch.data.subarray(at * columns, (at + 1) * columns), i * columns);
  });
  return { embeddings, rows: Int32Array.from(found, ({ row }) => row), failures };
}
