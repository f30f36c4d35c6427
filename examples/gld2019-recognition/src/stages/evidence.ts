import type { Neighbors } from "@lmk/index";
import { type Ensemble, readLists } from "@lmk-example/gld2019-kit";
import { type CompletedStage, trainLabels } from "@lmk-example/kit";
import type { RecognitionConfig } from "../config.ts";
import type { RecognitionContext } from "../context.ts";
import { type BannedNeighbors, type Evidence, frequentRows, recognize } from "../recognize.ts";

/** The stages whose lists a way to recognize reads. */
export interface EvidenceStages {
  readonly neighbors: CompletedStage;
  readonly verified: CompletedStage | undefined;
  readonly reciprocal: CompletedStage | undefined;
  readonly banned: CompletedStage | undefined;
}

/** Reads what {@link recognize} takes. */
export async function readEvidence(
  { config }: Pick<RecognitionContext, "config">,
  { data }: Pick<Ensemble, "data">,
  { neighbors, verified, reciprocal }: EvidenceStages,
  { neighborCount }: RecognitionConfig,
): Promise<Evidence> {
  const found = await readLists(neighbors);
  const labels = trainLabels(data.v2);
  const { reciprocalCount: count } = config.ablations;
  return {
    neighbors: found,
    labels,
    ...(verified === undefined ? {} : { verified: await readLists(verified) }),
    ...(reciprocal === undefined
      ? {}
      : {
          reciprocal: {
            graph: scattered(
              await readLists(reciprocal),
              votersOf(found, neighborCount).map((row) => found.rows + row),
              found.rows + labels.length,
            ),
            count,
          },
        }),
  };
}

/** Reads what {@link searchBanned} found. */
export async function readBanned(
  { config }: Pick<RecognitionContext, "config">,
  { banned }: EvidenceStages,
  evidence: Evidence,
  recognition: RecognitionConfig,
): Promise<BannedNeighbors | undefined> {
  if (banned === undefined) return undefined;
  const frequent = frequentRows(recognize(evidence, recognition), recognition.mostPredictions);
  const lists = await readLists(banned);
  // There are no lists where every image is banned.
  const graph = scattered(lists, frequent.subarray(0, lists.rows), evidence.neighbors.rows);
  return { graph, above: config.ablations.banNeighbors.above };
}

/** The train images that vote for any test image, ascending. */
export function votersOf({ ids, rows, k }: Neighbors, neighborCount: number): Int32Array {
  const voters = new Set<number>();
  for (let row = 0; row < rows; row++) {
    for (let rank = 0; rank < Math.min(neighborCount, k); rank++) {
      const id = ids[row * k + rank]!;
      if (id >= 0) voters.add(id);
    }
  }
  return Int32Array.from(voters).sort();
}

/** Lists of some rows as lists of all `rows`; those of the others are empty. */
function scattered(lists: Neighbors, places: Int32Array, rows: number): Neighbors {
  const { k } = lists;
  const ids = new Int32Array(rows * k).fill(-1);
  const scores = new Float32Array(rows * k).fill(Number.NEGATIVE_INFINITY);
  for (const [list, place] of places.entries()) {
    ids.set(lists.ids.subarray(list * k, (list + 1) * k), place * k);
    scores.set(lists.scores.subarray(list * k, (list + 1) * k), place * k);
  }
  return { ids, scores, rows, k };
}
