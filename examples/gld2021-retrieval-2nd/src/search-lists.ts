import type { NetworkName } from "./chains.ts";
import type { ReferenceSet } from "./searched.ts";
import type { Networks, Way } from "./way.ts";

/**
 * A kind of lists of nearest images.
 *
 * - `index`: index images of each query;
 * - `pool`: queries and index images, numbered one after another, of each of them;
 * - `query-full`, `query-index_train`: references of each query;
 * - `index-full`, `index-index_train`: the nearest reference of each index image;
 * - `votes-full`, `votes-index_train`: references of each query by k-reciprocal neighbors.
 */
export type ListKind = "index" | "pool" | `${"query" | "index" | "votes"}-${ReferenceSet}`;

/** Lists by whose embeddings they are of and by what they hold. */
export type ListName = `${Networks}/${ListKind}`;

/**
 * The lists that a way reads.
 *
 * @param networks - Those of the ensemble.
 */
export function neededLists(way: Way, networks: readonly NetworkName[]): readonly ListName[] {
  const { category } = way;
  const members = membersOf(way, networks);
  const merged: Networks = members.length > 1 ? "ensemble" : members[0]!;
  const voting = members.flatMap((member): ListName[] => {
    if (category === undefined) return [];
    const { references } = category;
    const ofQueries: ListName = `${member}/query-${references}`;
    if (category.kind === "voted-references") return [ofQueries];
    const ofIndex: ListName = `${member}/index-${references}`;
    if (category.kind === "tags" && category.votes === "k-reciprocal")
      return [ofQueries, ofIndex, `${member}/votes-${references}`];
    return [ofQueries, ofIndex];
  });
  const ranked = isMergedBefore(way) ? [merged] : members;
  return [
    ...ranked.map((name): ListName => `${name}/index`),
    ...(way.similarity === "k-reciprocal" ? [`${merged}/pool` as const] : []),
    ...voting,
  ];
}

/** The lists that any of the ways reads, each once. */
export function allNeededLists(ways: readonly Way[], networks: readonly NetworkName[]): readonly ListName[] {
  return [...new Set(ways.flatMap((way) => neededLists(way, networks)))];
}

/** The networks of a way. */
export function membersOf({ networks }: Way, all: readonly NetworkName[]): readonly NetworkName[] {
  return networks === "ensemble" ? all : [networks];
}

/** Whether similarities are added up before anything is done about them. */
export function isMergedBefore({ category }: Way): boolean {
  return category === undefined || (category.kind === "tags" && category.merge === "after_merge");
}

/** What a name says. */
export function partsOfName(name: ListName): { readonly networks: Networks; readonly kind: ListKind } {
  const [networks, kind] = name.split("/") as [Networks, ListKind];
  return { networks, kind };
}
