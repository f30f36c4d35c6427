import { type ShownAnswers, type SupportingImage, usableRows } from "@lmk-example/kit";
import { type Evidence, inliersOf } from "../recognize.ts";

/** What the report shows test images from: the train images that vote, `voters` for each. */
export function shownAnswers(
  prepared: ShownAnswers["prepared"],
  evidence: Evidence,
  voters: number,
): ShownAnswers {
  const train = usableRows(prepared, "train");
  const { neighbors, verified } = evidence;
  return {
    prepared,
    exampleRows: train,
    exampleCount: voters,
    supportOf(place): SupportingImage[] {
      const { ids, scores, k } = listOf(neighbors, place, voters);
      const counts = verified && inliersOf({ ids, scores, rows: 1, k }, listOf(verified, place));
      return [...ids].flatMap((id, rank) => {
        if (id < 0) return [];
        const inliers = counts === undefined ? "" : ` · ${counts[rank]} inliers`;
        return [{ row: train[id]!, caption: `cosine ${scores[rank]!.toFixed(2)}${inliers}` }];
      });
    },
  };
}

/** The first images of a list. */
function listOf(
  { ids, scores, k }: Evidence["neighbors"],
  row: number,
  count: number = k,
): Evidence["neighbors"] {
  const [first, end] = [row * k, row * k + Math.min(count, k)];
  return { ids: ids.subarray(first, end), scores: scores.subarray(first, end), rows: 1, k: end - first };
}
