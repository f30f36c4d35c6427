import type { EmbeddingBlock, EmbeddingSource } from "../matrix.ts";
import { requireEmbeddings } from "../require.ts";
import type { RowRange } from "../row-range.ts";

/** Blocks of a source, the argument `argument`, which is refused if it gives other rows than those asked for. */
export async function* checkedBlocks(
  caller: string,
  argument: string,
  source: EmbeddingSource,
  asked: RowRange & { readonly blockRows: number },
): AsyncGenerator<EmbeddingBlock> {
  const { columns } = source;
  const { first, end } = asked;
  if (first === end) return;
  let next = first;
  for await (const block of source.blocks(asked)) {
    const { firstRow, embeddings } = block;
    requireEmbeddings(caller, argument, embeddings);
    if (firstRow !== next || embeddings.columns !== columns || next + embeddings.rows > end) {
      throw new RangeError(
        `${caller}: expected \`${argument}\` to give rows ${next} to ${end - 1} with ${columns} columns next, got ${embeddings.rows} from row ${firstRow} with ${embeddings.columns}`,
      );
    }
    next += embeddings.rows;
    yield block;
  }
  if (next < end) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to give rows ${next} to ${end - 1} next, got its end`,
    );
  }
}
