import type { EmbeddingSource, Embeddings, RunOptions } from "../matrix.ts";
import { checkedBlocks } from "./checked-blocks.ts";
import { startSteps } from "./run-steps.ts";

/** Bytes of float32 rows that are converted and written at a time. */
const blockBytes = 4 * 1024 * 1024;

/** Hands all rows of a source to `append`, in order. */
export async function appendSource(
  caller: string,
  source: EmbeddingSource,
  append: (embeddings: Embeddings, firstRow: number) => Promise<void>,
  options: RunOptions,
): Promise<void> {
  const { rows, columns } = source;
  const steps = startSteps(options, rows);
  const blockRows = Math.max(1, Math.floor(blockBytes / (columns * 4)));
  const all = { first: 0, end: rows, blockRows };
  for await (const { firstRow, embeddings } of checkedBlocks(caller, "embeddings", source, all)) {
    await append(embeddings, firstRow);
    steps.advance(embeddings.rows);
  }
}
