import type { Neighbors } from "@lmk/index";
import { type LandmarkEvidence, voteTags } from "@lmk/rerank";
import type { References } from "./searched.ts";

/** What landmarks and countries are found by. */
export interface EvidenceInputs {
  /** References of each query, best first, and what each counts in the vote. */
  readonly ofQueries: Neighbors;
  /** The nearest reference of each index image. */
  readonly ofIndex: Neighbors;
  readonly references: Pick<References, "classes" | "countries">;
  /** References that vote, `VOTE_NUM`. */
  readonly voteCount: number;
}

/** What one network says of landmarks and countries: queries by vote, index images by their nearest reference. */
export function evidenceOf(inputs: EvidenceInputs): LandmarkEvidence {
  const { ofQueries, ofIndex, references, voteCount } = inputs;
  const { classes, countries } = references;
  const options = { neighborCount: voteCount };
  return {
    queryLandmarks: voteTags(ofQueries, classes, options),
    queryCountries: voteTags(ofQueries, countries, options),
    indexLandmarks: nearestOf(ofIndex, classes),
    indexCountries: nearestOf(ofIndex, countries),
  };
}

/** The value of the first neighbor of each list; −1 where it is empty. */
export function nearestOf({ ids, rows, k }: Neighbors, values: Int32Array): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => {
    const id = ids[row * k]!;
    return id < 0 ? -1 : values[id]!;
  });
}
