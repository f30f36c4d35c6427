import type { RetrievalConfig } from "./config.ts";

/** What is searched for, and in how many images. */
export interface SearchedImages {
  readonly tests: number;
  readonly index: number;
}

/**
 * Index images that are listed for each test image: all, for the authors change the scores of the whole index. Only where the
 * lists of so many test images would not fit into memory they are shorter, down to what each network gives.
 */
export function searchDepth(
  { mostListed, kept }: Pick<RetrievalConfig, "mostListed" | "kept">,
  { tests, index }: SearchedImages,
): number {
  return Math.min(index, Math.max(kept, Math.floor(mostListed / tests)));
}
