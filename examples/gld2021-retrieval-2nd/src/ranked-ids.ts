import type { Neighbors } from "@lmk/index";
import type { Searched } from "./searched.ts";

/** What was found for each query, best first, by ids. */
export function rankedIdsOf(
  { prepared, queries, images }: Pick<Searched, "prepared" | "queries" | "images">,
  ranking: Pick<Neighbors, "ids" | "k">,
): Map<string, string[]> {
  const { test, index } = prepared.data;
  const found = rankedRowsOf(images, ranking);
  return new Map(
    Array.from(queries, (row, place) => [
      test.ids.at(row),
      Array.from(found(place), (image) => index.ids.at(image)),
    ]),
  );
}

/** What was found for the query at a place, best first, by rows of `index`. */
export function rankedRowsOf(
  images: Int32Array,
  { ids, k }: Pick<Neighbors, "ids" | "k">,
): (place: number) => Int32Array {
  return (place) =>
    ids
      .subarray(place * k, (place + 1) * k)
      .filter((id) => id >= 0)
      .map((id) => images[id]!);
}
