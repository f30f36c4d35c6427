import type { EmbeddingBlock, EmbeddingSource, Matrix } from "@lmk/index";
import {
  applyQuantileTransform,
  learnQuantileTransform,
  type QuantileTransform,
} from "@lmk/rerank/recognition";
import { type CompletedStage, type EmbeddingRows, readRows } from "@lmk-example/kit";
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

/** How each number of a descriptor is made normal. */
export interface Quantiles {
  readonly stages: readonly CompletedStage[];
  /** Learns it when it is first asked for. */
  readonly transform: () => Promise<QuantileTransform>;
}

/** Learns from the descriptors of the test images, which are read into memory for it; once, however often it is asked for. */
export function quantilesOf(test: EmbeddingRows): Quantiles {
  let learned: Promise<QuantileTransform> | undefined;
  return {
    stages: test.stages,
    transform: () => {
      learned ??= readRows(test).then((rows) => learnQuantileTransform(rows));
      return learned;
    },
  };
}

/**
 * The same rows with each number made normal by those of the test images, as the first place of 2020 did; whether that of 2021
 * still does, its authors do not say. They are no longer of length 1.
 */
export function quantileRows(base: EmbeddingRows, { stages, transform }: Quantiles): EmbeddingRows {
  return {
    rows: base.rows,
    settings: { quantiles: base.settings },
    stages: [...new Set([...base.stages, ...stages])],
    async open() {
      const learned = await transform();
      const source = await base.open();
      return {
        rows: source.rows,
        columns: source.columns,
        async *blocks(range) {
          for await (const { firstRow, embeddings } of source.blocks(range)) {
            yield { firstRow, embeddings: applyQuantileTransform(learned, embeddings as Matrix) };
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
