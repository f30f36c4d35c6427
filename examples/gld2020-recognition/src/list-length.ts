import type { RecognitionConfig } from "./config.ts";

/** Neighbors that the lists of all test images hold, as far as the shortlist may be shortened for it: 128 MB. */
const mostListed = 2 ** 24;

/**
 * Searched images that are listed for each test image. The first place ranks its whole gallery by A − B: so lists are long
 * enough to hold a small one whole. Of so many test images that the lists of nine networks do not fit into memory together,
 * they are shorter, down to the least shortlist.
 */
export function listLength(
  { fusion, nonLandmarkRanking }: Pick<RecognitionConfig, "fusion" | "nonLandmarkRanking">,
  testImages: number,
): number {
  const { neighborCount, shortlist } = nonLandmarkRanking;
  const fitting = Math.min(shortlist.most, Math.floor(mostListed / testImages));
  return Math.max(fusion.neighborCount, neighborCount, shortlist.least, fitting);
}
