import type { Neighbors } from "@lmk/index";

/** The lists with all scores multiplied. */
export function scaled(lists: Neighbors, factor: number): Neighbors {
  return factor === 1 ? lists : { ...lists, scores: lists.scores.map((score) => factor * score) };
}

/** The lists with `1 − rank / k` for scores, as the original gives what it has sorted by anything but similarity. */
export function scoredByRank(lists: Neighbors): Neighbors {
  const { ids, k } = lists;
  return { ...lists, scores: Float32Array.from(ids, (id, at) => (id < 0 ? -Infinity : 1 - (at % k) / k)) };
}

/** The ids that lists name, ascending. */
export function namedIds({ ids }: Pick<Neighbors, "ids">): Int32Array {
  return Int32Array.from(new Set(ids.filter((id) => id >= 0))).sort();
}

/** The lists with the place of each id among `ids`, which ascend, in place of it. */
export function renumbered(lists: Neighbors, ids: Int32Array): Neighbors {
  const places = new Map(Array.from(ids, (id, place) => [id, place]));
  return { ...lists, ids: lists.ids.map((id) => places.get(id) ?? -1) };
}

/** The lists of the rows from `first` to before `end`. */
export function rowsBetween({ ids, scores, k }: Neighbors, first: number, end: number): Neighbors {
  return {
    ids: ids.subarray(first * k, end * k),
    scores: scores.subarray(first * k, end * k),
    rows: end - first,
    k,
  };
}
