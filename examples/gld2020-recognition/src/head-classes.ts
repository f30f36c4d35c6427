import { type Matrix, mergeNeighbors, type Neighbors } from "@lmk/index";
import { topHeadClasses } from "@lmk/rerank/recognition";
import type { HeadFile } from "./head-file.ts";

/** Cosines of up to `rows` embeddings to up to `classes` classes, with arrays of exactly these sizes. */
export interface BlockCosines {
  readonly rows: number;
  readonly classes: number;
  /**
   * @param embeddings - `rows` rows.
   * @param head - The centers of `classes` classes.
   * @returns Row by row, `classes` numbers each.
   */
  readonly run: (embeddings: Float32Array, head: Float32Array) => Promise<Float32Array>;
}

/** What {@link headClasses} is told. */
export interface HeadClassesOptions {
  /** One for each network. */
  readonly heads: readonly Pick<HeadFile, "dimension" | "read">[];
  /** Classes that count; heads may have more behind them. */
  readonly classes: number;
  /** The classes that a searched image has; all others are lowered by 1. */
  readonly galleryClasses: Int32Array;
  /** Classes that are given for each image; all where there are fewer. */
  readonly classCount: number;
  readonly cosines: BlockCosines;
}

/**
 * The best classes of each image by the mean of the networks' cosines, block by block of images and of classes: besides
 * the embeddings it takes memory for the cosines of all rows to one block of classes.
 *
 * @param embeddings - The networks' rows side by side, in the order of `heads`.
 * @returns Ids are classes; of equal scores the smaller one comes first.
 */
export async function headClasses(
  embeddings: Matrix,
  { heads, classes, galleryClasses, classCount, cosines }: HeadClassesOptions,
): Promise<Neighbors> {
  // Blocks of like sizes, so that none has fewer classes than are kept.
  const blocks = Math.ceil(classes / cosines.classes);
  const size = Math.ceil(classes / blocks);
  const lists: Neighbors[] = [];
  const offsets: number[] = [];
  for (let first = 0; first < classes; first += size) {
    const end = Math.min(first + size, classes);
    const means = await meanCosines(embeddings, heads, first, end, cosines);
    const inBlock = galleryClasses.map((id) => (id >= first && id < end ? id - first : -1));
    lists.push(topHeadClasses(means, inBlock, { classCount: Math.min(classCount, end - first) }));
    offsets.push(first);
  }
  return mergeNeighbors(lists, { offsets });
}

async function meanCosines(
  { data, rows, columns }: Matrix,
  heads: HeadClassesOptions["heads"],
  first: number,
  end: number,
  cosines: BlockCosines,
): Promise<Matrix> {
  const count = end - first;
  const sums = new Float32Array(rows * count);
  let offset = 0;
  for (const { dimension, read } of heads) {
    const centers = await read(first, end);
    const head = new Float32Array((centers.length / count) * cosines.classes);
    head.set(centers);
    const some = new Float32Array(cosines.rows * dimension);
    for (let row = 0; row < rows; row += cosines.rows) {
      const last = Math.min(row + cosines.rows, rows);
      for (let i = row; i < last; i++) {
        const from = i * columns + offset;
        some.set(data.subarray(from, from + dimension), (i - row) * dimension);
      }
      const found = await cosines.run(some, head);
      for (let i = row; i < last; i++) {
        const from = (i - row) * cosines.classes;
        const to = i * count;
        for (let id = 0; id < count; id++) sums[to + id]! += found[from + id]!;
      }
    }
    offset += dimension;
  }
  for (let i = 0; i < sums.length; i++) sums[i]! /= heads.length;
  return { data: sums, rows, columns: count };
}
