/** Entries of a network's lists, 8 bytes each: 1 GiB for each network that is ranked; `searchRows` bounds what a search adds. */
const mostListed = 2 ** 27;

/**
 * Index images of each query whose scores are changed: all, as in the original, for 1129 queries and 78,959 images as well.
 * Where lists of all would have more than 2^27 entries they are cut to so many, but not below `depth`; what is cut off adds
 * nothing to the sum of the networks, whatever its landmark.
 */
export function searchDepth(depth: number, queries: number, images: number): number {
  if (queries * images <= mostListed) return images;
  return Math.min(images, Math.max(depth, Math.floor(mostListed / queries)));
}
