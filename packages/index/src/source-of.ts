import type { EmbeddingSource, Embeddings } from "./matrix.ts";
import { requireEmbeddings, requirePositiveInteger } from "./require.ts";
import { matrixSource } from "./sources.ts";

/** An argument as a source, whether its rows are in memory or not. */
export function sourceOf(
  caller: string,
  argument: string,
  embeddings: Embeddings | EmbeddingSource,
): EmbeddingSource {
  if (!("blocks" in embeddings)) {
    requireEmbeddings(caller, argument, embeddings);
    return matrixSource(embeddings);
  }
  const { rows, columns } = embeddings;
  requirePositiveInteger(caller, `${argument}.columns`, columns);
  if (!Number.isInteger(rows) || rows < 0 || rows >= 2 ** 31) {
    throw new RangeError(`${caller}: expected \`${argument}.rows\` to be a count below 2^31, got ${rows}`);
  }
  return embeddings;
}
