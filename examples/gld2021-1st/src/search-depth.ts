import type { RetrievalConfig } from "./config.ts";

/** Entries that the lists of all test images hold, as far as they may be shortened for it: 1 GB. */
const mostListed = 2 ** 27;

/**
 * Index images that are listed for each test image. The authors change the scores of the whole index: so lists are long enough
 * for a small one. Of so many test images that a network's lists would not fit into memory they are shorter, down to what each
 * network gives.
 */
export function searchDepth({ depth, kept }: Pick<RetrievalConfig, "depth" | "kept">, tests: number): number {
  return Math.max(kept, Math.min(depth, Math.floor(mostListed / tests)));
}
