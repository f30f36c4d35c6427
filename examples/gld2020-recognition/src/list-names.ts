import type { MemberName } from "./train-run.ts";
import type { Networks, Way } from "./way.ts";

/** Whose embeddings are compared: as they are, or with each number made normal by its rank among those of the test images. */
export type Space = Networks | `${Networks}-quantiles`;

/**
 * Nearest images: searched ones of each test image, images without a landmark of each test image, and images without a
 * landmark of each searched one.
 */
export type SearchName = `${Space}/${"test-gallery" | "test-non-landmarks" | "gallery-non-landmarks"}`;

/** The best classes of the heads for each test image. */
export type HeadName = `${Networks}/test-classes`;

/** A list of lists that a way to recognize reads. */
export type ListName = SearchName | HeadName;

/** Whether lists are of the heads, not of a search. */
export function isHeadName(name: ListName): name is HeadName {
  return name.endsWith("/test-classes");
}

/** The lists that a way to recognize reads. */
export function neededLists(way: Way, members: readonly MemberName[]): readonly ListName[] {
  switch (way.kind) {
    case "head":
      return [`${way.networks}/test-classes`];
    case "neighbors":
      return [`${way.networks}/test-gallery`];
    case "fusion": {
      const { networks, ranking, rules } = way;
      return [
        `${networks}/test-gallery`,
        `${networks}/test-classes`,
        ...(ranking ? [`${networks}/gallery-non-landmarks` as const] : []),
        ...(ranking || rules ? [`${networks}/test-non-landmarks` as const] : []),
      ];
    }
    case "summed":
      return [
        ...members.map((member) => `${spaceOf(member, way)}/test-gallery` as const),
        ...(way.terms === "A"
          ? []
          : members.map((member) => `${spaceOf(member, way)}/gallery-non-landmarks` as const)),
        ...(way.terms === "A-B-C" ? [`${spaceOf("ensemble", way)}/test-non-landmarks` as const] : []),
      ];
  }
}

/** The embeddings of some networks that a way of the kind `summed` compares. */
export function spaceOf(networks: Networks, { quantiles }: { readonly quantiles: boolean }): Space {
  return quantiles ? `${networks}-quantiles` : networks;
}

/** The lists that any of several ways reads, each once. */
export function allNeededLists(
  ways: readonly { readonly way: Way }[],
  members: readonly MemberName[],
): readonly ListName[] {
  return [...new Set(ways.flatMap(({ way }) => neededLists(way, members)))];
}
