import type { EmbeddingBlock, EmbeddingSource } from "@lmk/index";
import type { EmbeddingRows } from "@lmk-example/kit";

/** Rows of several stages side by side as they are: unlike `weightedRows`, no length changes. */
export function sideBySide(parts: readonly EmbeddingRows[]): EmbeddingRows {
  return {
    rows: parts[0]!.rows,
    settings: parts.map(({ settings }) => settings),
    stages: parts.flatMap(({ stages }) => stages),
    async open() {
      const sources = await Promise.all(parts.map(({ open }) => open()));
      const columns = sources.reduce((sum, source) => sum + source.columns, 0);
      return {
        rows: parts[0]!.rows,
        columns,
        blocks: (range) => joined(sources, columns, range),
        async [Symbol.asyncDispose]() {
          for (const source of sources) await source[Symbol.asyncDispose]();
        },
      };
    },
  };
}

async function* joined(
  sources: readonly EmbeddingSource[],
  columns: number,
  { first, end, blockRows }: Parameters<EmbeddingSource["blocks"]>[0],
): AsyncGenerator<EmbeddingBlock> {
  for (let row = first; row < end; row += blockRows) {
    const last = Math.min(row + blockRows, end);
    const data = new Float32Array((last - row) * columns);
    let offset = 0;
    for (const source of sources) {
      for await (const { firstRow, embeddings } of source.blocks({ first: row, end: last, blockRows })) {
        for (let i = 0; i < embeddings.rows; i++) {
          const from = i * source.columns;
          const to = (firstRow + i - row) * columns + offset;
          data.set(embeddings.data.subarray(from, from + source.columns), to);
        }
      }
      offset += source.columns;
    }
    yield { firstRow: row, embeddings: { data, rows: last - row, columns } };
  }
}
