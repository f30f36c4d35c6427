import {
  adjustScoresByLabel,
  fuseRankings,
  type LabelPredictions,
  type Neighbors,
  rerankByLabel,
} from "@lmk/rerank";

/** What one network's ranking goes by. */
export interface RetrievalEvidence {
  /** Index images near each query by cosine, best first: of all of them, as in the original, or of many more than are kept. */
  readonly queryIndex: Neighbors;
  /** What each query shows. */
  readonly queryLabels: LabelPredictions;
  /** What each image of the whole index shows. */
  readonly indexLabels: LabelPredictions;
}

/** Numbers of {@link rankSoftly}. */
export interface SoftRankingOptions {
  /**
   * Share of the confidence that is added where labels agree.
   *
   * @defaultValue 1
   */
  readonly up?: number;
  /**
   * Share of the confidence that is taken where they differ.
   *
   * @defaultValue 0.1
   */
  readonly down?: number;
  /**
   * Index images that are kept of each query.
   *
   * @defaultValue 750
   */
  readonly k?: number;
}

/**
 * One network's ranking: index images of the query's landmark go up by how sure theirs is, the others down by a tenth of it.
 *
 * @throws RangeError if shapes do not fit or a number is out of range.
 */
export function rankSoftly(
  { queryIndex, queryLabels, indexLabels }: RetrievalEvidence,
  { up = 1, down = 0.1, k = 750 }: SoftRankingOptions = {},
): Neighbors {
  return adjustScoresByLabel(queryIndex, queryLabels, indexLabels, { up, down, k });
}

/** Numbers of {@link rankHard}. */
export interface HardRankingOptions {
  /**
   * Index images that are re-ranked and given for each query.
   *
   * @defaultValue 100
   */
  readonly depth?: number;
  /**
   * What the confidences of both labels have to add up to more than, for an image to be inserted.
   *
   * @defaultValue 0.6
   */
  readonly above?: number;
}

/**
 * One ranking by the first place of 2019, which the soft one took the place of: images of the query's landmark come first, then
 * others of it that were not found, then the rest.
 *
 * @throws RangeError if shapes do not fit or a number is out of range.
 */
export function rankHard(
  { queryIndex, queryLabels, indexLabels }: RetrievalEvidence,
  { depth = 100, above = 0.6 }: HardRankingOptions = {},
): Neighbors {
  return rerankByLabel(queryIndex, queryLabels, indexLabels, { depth, threshold: { kind: "sum", above } });
}

/**
 * The ensemble's ranking: scores of an index image are added up over the networks' lists, 0 where a list lacks it.
 *
 * @param k - Index images that are given for each query.
 * @throws RangeError if there is no ranking or shapes do not fit.
 */
export function mergeRankings(rankings: readonly Neighbors[], k = 100): Neighbors {
  return fuseRankings(rankings, { k });
}
