import type { EmbeddingBlock, EmbeddingSource, Matrix } from "@lmk/index";
import { applyQuantileTransform, learnQuantileTransform } from "@lmk/rerank/recognition";
import { type EmbeddingRows, readRows } from "@lmk-example/kit";
import { recognitionDescriptors } from "./recognition-descriptor.ts";

/**
 * Descriptors of recognition, made block by block from the networks' embeddings: the mean of each kind, and the means side by
 * side.
 *
 * @param kinds - For each kind the rows of its networks, of the same images.
 */
export function descriptorRows(kinds: readonly (readonly EmbeddingRows[])[]): EmbeddingRows {
  const all = kinds.flat();
  const { rows } = all[0]!;
  return {
    rows,
    settings: { descriptor: kinds.map((members) => members.map(({ settings }) => settings)) },
    stages: all.flatMap(({ stages }) => stages),
    async open() {
      const open = await Promise.all(kinds.map((members) => Promise.all(members.map((one) => one.open()))));
      const columns = open.reduce((sum, [first]) => sum + first!.columns, 0);
      return {
        rows,
        columns,
        async *blocks({ first, end, blockRows }) {
          for (let row = first; row < end; row += blockRows) {
            const range = { first: row, end: Math.min(row + blockRows, end) };
            const read = await Promise.all(
              open.map((members) => Promise.all(members.map((source) => rangeOf(source, range)))),
            );
            yield { firstRow: row, embeddings: recognitionDescriptors(read) } satisfies EmbeddingBlock;
          }
        },
        async [Symbol.asyncDispose]() {
          for (const source of open.flat()) await source[Symbol.asyncDispose]();
        },
      };
    },
  };
}

/** The same rows with each number made normal by those of the test images, which are read into memory for it. */
export function quantileRows(base: EmbeddingRows, test: EmbeddingRows): EmbeddingRows {
  return {
    rows: base.rows,
    settings: { quantiles: base.settings },
    stages: [...new Set([...base.stages, ...test.stages])],
    async open() {
      const transform = learnQuantileTransform(await readRows(test));
      const source = await base.open();
      return {
        rows: source.rows,
        columns: source.columns,
        async *blocks(range) {
          for await (const { firstRow, embeddings } of source.blocks(range)) {
            yield { firstRow, embeddings: applyQuantileTransform(transform, embeddings as Matrix) };
          }
        },
        [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
      };
    },
  };
}

async function rangeOf(
  { blocks, columns }: EmbeddingSource,
  { first, end }: { readonly first: number; readonly end: number },
): Promise<Matrix> {
  const data = new Float32Array((end - first) * columns);
  for await (const { firstRow, embeddings } of blocks({ first, end, blockRows: end - first })) {
    data.set(embeddings.data as Float32Array, (firstRow - first) * columns);
  }
  return { data, rows: end - first, columns };
}
