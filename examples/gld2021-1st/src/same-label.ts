import type { Matrix } from "@lmk/index";
import type { Neighbors } from "@lmk/rerank";
import type { RetrievalEvidence } from "./retrieval-ranking.ts";

/** The images of each landmark, ascending. */
export function imagesByLabel(labels: Int32Array): ReadonlyMap<number, readonly number[]> {
  const images = new Map<number, number[]>();
  labels.forEach((label, image) => {
    if (label < 0) return;
    const known = images.get(label);
    if (known === undefined) images.set(label, [image]);
    else known.push(image);
  });
  return images;
}

/** What {@link withSameLabel} adds to lists of nearest index images. */
export interface SameLabelOptions {
  /** What each query shows. */
  readonly queryLabels: Int32Array;
  /** Index images by what they show. */
  readonly images: ReadonlyMap<number, readonly number[]>;
  /** The queries' embeddings, of length 1. */
  readonly queries: Matrix;
  /** Reads embeddings of index images, which ascend, of length 1. */
  readonly readIndex: (images: Int32Array) => Promise<Matrix>;
}

/** Lists with all index images behind them that show what the query does and are too far from it to be listed. */
export async function withSameLabel(
  lists: Neighbors,
  { queryLabels, images, queries, readIndex }: SameLabelOptions,
): Promise<Neighbors> {
  const { rows, k } = lists;
  const missing = Array.from({ length: rows }, (_, row) => {
    const listed = new Set(lists.ids.subarray(row * k, (row + 1) * k));
    return (images.get(queryLabels[row]!) ?? []).filter((image) => !listed.has(image));
  });
  const most = missing.reduce((largest, { length }) => Math.max(largest, length), 0);
  if (most === 0) return lists;
  const read = Int32Array.from(new Set(missing.flat())).sort();
  const placeOf = new Map([...read].map((image, place) => [image, place]));
  const embeddings = await readIndex(read);
  const cosine = (row: number, image: number): number => {
    const [query, other] = [row * queries.columns, placeOf.get(image)! * queries.columns];
    let sum = 0;
    for (let i = 0; i < queries.columns; i++) sum += queries.data[query + i]! * embeddings.data[other + i]!;
    return sum;
  };
  const length = k + most;
  const ids = new Int32Array(rows * length).fill(-1);
  const scores = new Float32Array(rows * length).fill(Number.NEGATIVE_INFINITY);
  missing.forEach((added, row) => {
    ids.set(lists.ids.subarray(row * k, (row + 1) * k), row * length);
    scores.set(lists.scores.subarray(row * k, (row + 1) * k), row * length);
    const scored = added.map((image): [number, number] => [image, cosine(row, image)]);
    scored
      .sort(([a, first], [b, second]) => second - first || a - b)
      .forEach(([image, score], i) => {
        ids[row * length + k + i] = image;
        scores[row * length + k + i] = score;
      });
  });
  return { ids, scores, rows, k: length };
}

/**
 * Queries for which it is not proven that lists of the whole index would be ranked the same: an image that is neither listed nor
 * shows what the query does might come in.
 *
 * @param evidence - The lists of nearest images as they were found.
 * @param ranked - What was made of them and of all images that show what the query does.
 * @param down - Share of the confidence that is taken from images that do not.
 */
export function unprovenQueries(
  { queryIndex, queryLabels, indexLabels }: RetrievalEvidence,
  ranked: Neighbors,
  down: number,
): number {
  const { labels, scores } = indexLabels;
  if (queryIndex.k >= labels.length) return 0;
  // What an image that is not listed may gain at most.
  let gain = Number.NEGATIVE_INFINITY;
  labels.forEach((label, image) => {
    gain = Math.max(gain, label < 0 ? 0 : -down * scores[image]!);
  });
  let count = 0;
  for (let row = 0; row < ranked.rows; row++) {
    const farthest = queryIndex.scores[(row + 1) * queryIndex.k - 1]!;
    const last = ranked.scores[(row + 1) * ranked.k - 1]!;
    if (queryLabels.labels[row]! >= 0 && last <= farthest + gain) count += 1;
  }
  return count;
}
