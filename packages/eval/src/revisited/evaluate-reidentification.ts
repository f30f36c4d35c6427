import { requirePositiveInteger, requireSameLength } from "../require.ts";
import { trapezoids } from "../retrieval/average-precision-trapezoid.ts";

/** Who is seen in each image and by which camera: parallel lists. */
export interface CameraImages {
  /** Identity of each image; -1 for a distractor that is neither right nor wrong. */
  readonly labels: ArrayLike<number>;
  /** Camera of each image. */
  readonly cameras: ArrayLike<number>;
}

/** Options of {@link evaluateReidentification}. */
export interface EvaluateReidentificationOptions {
  /**
   * The deepest rank of the CMC curve, 1 or more.
   *
   * @defaultValue 10
   */
  readonly depth?: number;
  /**
   * Whether queries that nobody else has seen count with 0, as in the programs that skip them but divide by all
   * queries, instead of being left out.
   *
   * @defaultValue false
   */
  readonly divideByAll?: boolean;
}

/** What {@link evaluateReidentification} finds. */
export interface ReidentificationReport {
  /** Mean average precision, from 0 to 1. */
  readonly meanAveragePrecision: number;
  /** Share of queries with a right image among the first 1, 2, …, `depth`. */
  readonly cumulativeMatches: Float64Array;
  /** Average precision of each query by the trapezoid rule; NaN for one that has nothing right to find. */
  readonly averagePrecisions: Float64Array;
  /** How many queries have something right to find. */
  readonly evaluated: number;
}

/**
 * Scores rankings of re-identification by the rules of Market-1501: an image is right if another camera saw the same
 * identity; images by the query's own camera of the same identity, and those with the label -1, are taken out.
 *
 * @param rankings - For each query, rows of the gallery, best first. A row listed again counts at its first rank only.
 * @param queries - Identity and camera of each query.
 * @param gallery - Identity and camera of each row of the gallery.
 * @returns The scores.
 * @throws RangeError if lists differ in length, `depth` is not a positive integer, or a ranking names a row that the
 * gallery does not have.
 *
 * @example
 * ```ts
 * import { evaluateReidentification } from "@lmk/eval";
 *
 * const gallery = { labels: [7, 7, 8], cameras: [1, 2, 2] };
 * const report = evaluateReidentification([[0, 2, 1]], { labels: [7], cameras: [1] }, gallery, { depth: 2 });
 * console.log(report.meanAveragePrecision, report.cumulativeMatches); // => 0.25 Float64Array(2) [ 0, 1 ]
 * ```
 *
 * @see {@link https://www.cv-foundation.org/openaccess/content_iccv_2015/html/Zheng_Scalable_Person_Re-Identification_ICCV_2015_paper.html | Zheng et al., Scalable Person Re-identification, 2015}
 */
export function evaluateReidentification(
  rankings: readonly ArrayLike<number>[],
  queries: CameraImages,
  gallery: CameraImages,
  options: EvaluateReidentificationOptions = {},
): ReidentificationReport {
  const { depth = 10, divideByAll = false } = options;
  const caller = "evaluateReidentification";
  requireSameLength(caller, ["rankings", rankings], ["queries.labels", queries.labels]);
  requireSameLength(caller, ["queries.labels", queries.labels], ["queries.cameras", queries.cameras]);
  requireSameLength(caller, ["gallery.labels", gallery.labels], ["gallery.cameras", gallery.cameras]);
  requirePositiveInteger(caller, "depth", depth);
  const averagePrecisions = new Float64Array(rankings.length).fill(Number.NaN);
  const matches = new Float64Array(depth);
  let evaluated = 0;
  let sum = 0;
  for (const [query, ranking] of rankings.entries()) {
    const label = queries.labels[query]!;
    const camera = queries.cameras[query]!;
    const total = countSeenElsewhere(gallery, label, camera);
    const positions = seenElsewhere(caller, ranking, gallery, label, camera);
    if (total === 0) continue;
    evaluated += 1;
    averagePrecisions[query] = trapezoids(positions) / total;
    sum += averagePrecisions[query]!;
    const first = positions[0] ?? Infinity;
    if (first < depth) matches[first]! += 1;
  }
  const divisor = divideByAll ? rankings.length : evaluated;
  let matched = 0;
  return {
    meanAveragePrecision: sum / divisor,
    cumulativeMatches: matches.map((count) => {
      matched += count;
      return matched / divisor;
    }),
    averagePrecisions,
    evaluated,
  };
}

function countSeenElsewhere({ labels, cameras }: CameraImages, label: number, camera: number): number {
  let count = 0;
  if (label === -1) return 0;
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === label && cameras[row] !== camera) count += 1;
  }
  return count;
}

/** Ranks from 0 of the right images in the list without those that are taken out. */
function seenElsewhere(
  caller: string,
  ranking: ArrayLike<number>,
  { labels, cameras }: CameraImages,
  label: number,
  camera: number,
): number[] {
  const positions: number[] = [];
  const seen = new Set<number>();
  let rank = 0;
  for (let i = 0; i < ranking.length; i++) {
    const row = ranking[i]!;
    const found = labels[row];
    if (found === undefined) {
      throw new RangeError(
        `${caller}: expected \`rankings\` to hold rows of a gallery of ${labels.length}, got ${row}`,
      );
    }
    if (found === -1 || (found === label && cameras[row] === camera)) continue;
    if (found === label && !seen.has(row)) {
      positions.push(rank);
      seen.add(row);
    }
    rank += 1;
  }
  return positions;
}
