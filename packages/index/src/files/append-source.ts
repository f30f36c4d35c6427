import type { EmbeddingSource, Embeddings, RunOptions } from "../matrix.ts";
import { requireEmbeddings } from "../require.ts";
import { matrixSource } from "../sources.ts";
import { startSteps } from "./run-steps.ts";

/** Bytes of float32 rows that are converted and written at a time. */
const blockBytes = 4 * 1024 * 1024;

/** Embeddings, in memory or not, as a source. */
export function sourceOf(caller: string, embeddings: Embeddings | EmbeddingSource): EmbeddingSource {
  if ("blocks" in embeddings) return embeddings;
  requireEmbeddings(caller, "embeddings", embeddings);
  return matrixSource(embeddings);
}

/** Hands all rows of a source to `append`, in order, and refuses a source that gives other rows than it says. */
export async function appendSource(
  caller: string,
  source: EmbeddingSource,
  append: (embeddings: Embeddings, firstRow: number) => Promise<void>,
  options: RunOptions,
): Promise<void> {
  const { rows, columns } = source;
  const steps = startSteps(options, rows);
  const blockRows = Math.max(1, Math.floor(blockBytes / (columns * 4)));
  let next = 0;
  for await (const { firstRow, embeddings } of source.blocks({ first: 0, end: rows, blockRows })) {
    requireEmbeddings(caller, "embeddings", embeddings);
    if (firstRow !== next || embeddings.columns !== columns) {
      throw new RangeError(
        `${caller}: expected \`embeddings\` to give row ${next} with ${columns} columns next, got row ${firstRow} with ${embeddings.columns}`,
      );
    }
    await append(embeddings, firstRow);
    steps.advance(embeddings.rows);
    next += embeddings.rows;
  }
  if (next !== rows) {
    throw new RangeError(`${caller}: expected \`embeddings\` to give ${rows} rows, got ${next}`);
  }
}
