import type { RetrievalConfig } from "./config.ts";

/** What is searched for, and in how many images. */
export interface SearchedImages {
  readonly tests: number;
  readonly index: number;
}

/**
 * Index images that are listed for each test image: all if `mostListed` allows it, for the authors change the scores of the
 * whole index; else fewer, but as many as each network gives. What is too far to be listed and shows the query's landmark is then
 * added when the index is ranked.
 */
export function searchDepth(
  { mostListed, kept }: Pick<RetrievalConfig, "mostListed" | "kept">,
  { tests, index }: SearchedImages,
): number {
  return Math.min(index, Math.max(kept, Math.floor(mostListed / tests)));
}
