import type { Split } from "@lmk/data";
import { type EmbeddingRows, usableRows, weightedRows } from "@lmk-example/kit";
import type { Member } from "./config.ts";
import type { Ensemble } from "./ensemble.ts";

/**
 * A split's embeddings by some networks: each network's row of length 1 times the network's weight, one after another,
 * brought to length 1. So the similarity of two images is the mean of the networks' cosines, weighed by the squares.
 */
export function rowsOf(
  { data, predictions }: Pick<Ensemble, "data" | "predictions">,
  members: readonly Member[],
  split: Split,
): EmbeddingRows {
  const stages = members.map(({ job }) => {
    const stage = predictions.get(job)?.[split];
    if (stage === undefined) throw new RangeError(`expected embeddings of ${split} by ${job}, got none`);
    return stage;
  });
  const weights = members.map(({ weight }) => weight);
  const rows = usableRows(data.v2, split).length;
  return weightedRows(stages, weights, { rows, settings: { split, weights } });
}
