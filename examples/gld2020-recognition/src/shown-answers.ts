import type { Neighbors } from "@lmk/index";
import type { ShownAnswers, SupportingImage } from "@lmk-example/kit";
import type { SystemData } from "./system.ts";

/** What the submitted method looked at, for each usable test image. */
export interface ShownLists {
  /** The nearest searched images, with cosines. */
  readonly neighbors: Neighbors;
  /** The heads' best landmarks, with their mean cosines. */
  readonly classes: Neighbors;
}

/** What the report shows test images from: the searched images that vote, and what the heads say. */
export function shownAnswers(
  { prepared, gallery }: Pick<SystemData, "prepared" | "gallery">,
  { neighbors, classes }: ShownLists,
  neighborCount: number,
): ShownAnswers {
  return {
    prepared,
    exampleRows: gallery.rows,
    exampleCount: neighborCount,
    supportOf: (place): SupportingImage[] =>
      listOf(neighbors, place)
        .slice(0, neighborCount)
        .map(({ id, score }) => ({ row: gallery.rows[id]!, caption: `cosine ${score.toFixed(2)}` })),
    remarkOf(place) {
      const best = listOf(classes, place).map(({ id, score }) => `${id} ${score.toFixed(2)}`);
      return best.length === 0 ? undefined : `heads: ${best.join(", ")}`;
    },
  };
}

function listOf({ ids, scores, k }: Neighbors, row: number): { id: number; score: number }[] {
  return [...ids.subarray(row * k, (row + 1) * k)].flatMap((id, rank) =>
    id < 0 ? [] : [{ id, score: scores[row * k + rank]! }],
  );
}
