import type { EmbeddingBlock, EmbeddingSource } from "@lmk/index";
import type { EmbeddingRows } from "./embedding-rows.ts";
import { hashOf } from "./run-folder.ts";

/**
 * Some rows of others, whose numbers ascend, read block by block as those are.
 *
 * @throws {RangeError} if the numbers do not ascend, or there are no such rows.
 */
export function pickedRows(base: EmbeddingRows, picked: Int32Array): EmbeddingRows {
  const wrong = picked.find((row, i) => row >= base.rows || row <= (picked[i - 1] ?? -1));
  if (wrong !== undefined) {
    throw new RangeError(
      `pickedRows: expected \`picked\` to ascend from 0 to below ${base.rows}, got ${wrong}`,
    );
  }
  return {
    rows: picked.length,
    settings: { picked: hashOf([...picked]), of: base.settings },
    stages: base.stages,
    async open() {
      const source = await base.open();
      return {
        rows: picked.length,
        columns: source.columns,
        blocks: ({ first, end, blockRows }) =>
          picksOf(source, picked.subarray(first, end), { firstRow: first, blockRows }),
        [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
      };
    },
  };
}

/** The blocks of the rows in `wanted`, of which the first has the number `firstRow`. */
async function* picksOf(
  source: EmbeddingSource,
  wanted: Int32Array,
  { firstRow, blockRows }: { readonly firstRow: number; readonly blockRows: number },
): AsyncGenerator<EmbeddingBlock> {
  if (wanted.length === 0) return;
  let at = 0;
  const range = { first: wanted[0]!, end: wanted.at(-1)! + 1, blockRows };
  for await (const { firstRow: start, embeddings } of source.blocks(range)) {
    const { data, rows, columns } = embeddings;
    const from = at;
    while (at < wanted.length && wanted[at]! < start + rows) at += 1;
    if (at === from) continue;
    const block = new Float32Array((at - from) * columns);
    for (let i = from; i < at; i++) {
      const place = (wanted[i]! - start) * columns;
      block.set(data.subarray(place, place + columns), (i - from) * columns);
    }
    yield { firstRow: firstRow + from, embeddings: { data: block, rows: at - from, columns } };
  }
}
