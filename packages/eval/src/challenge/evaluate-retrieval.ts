import { PredictionError } from "../prediction-error.ts";
import { requireDepth } from "../require.ts";
import { averagePrecisions } from "../retrieval/mean-average-precision.ts";
import { meanOverQueries } from "../retrieval/means.ts";
import { indexSolution, isScored, type RetrievalAnswer, requireSplit } from "./answers.ts";

/** Options of {@link evaluateRetrieval} and {@link evaluateRetrievalStream}. */
export interface EvaluateRetrievalOptions {
  /**
   * Which split to score.
   *
   * @defaultValue "both", public and private together
   */
  readonly usage?: "Public" | "Private" | "both";
  /**
   * Ranks after this one are ignored; 1 or more, or Infinity.
   *
   * @defaultValue 100, as in the challenges
   */
  readonly depth?: number;
}

/** What {@link evaluateRetrieval} and {@link evaluateRetrievalStream} find. */
export interface RetrievalReport<Id extends string | number = string> {
  /** mAP at the depth, from 0 to 1. */
  readonly meanAveragePrecision: number;
  /** The scored queries, in the order of the solution. */
  readonly ids: readonly Id[];
  /** The average precision of each of `ids`; NaN for one without relevant images. */
  readonly averagePrecisions: Float64Array;
  /** How many of `ids` have relevant images, and so count in the mean. */
  readonly evaluated: number;
  /** How many of `ids` have no prediction; those of them that are evaluated count with 0. */
  readonly missing: number;
}

/**
 * Scores a retrieval submission as the Google Landmark Retrieval challenges do.
 *
 * Predictions for ignored queries, and for those of a split that is not scored, are passed over. A scored query
 * without a prediction counts with 0.
 *
 * @param predictions - Index images found for each query, best first.
 * @param solution - The rows of the solution file.
 * @returns The score with what it is made of.
 * @throws PredictionError if a prediction is for a query that the solution does not have.
 * @throws RangeError if the solution names a query twice, `usage` is none of the three, or `depth` is neither a positive
 * integer nor Infinity.
 *
 * @example
 * ```ts
 * import { evaluateRetrieval } from "@lmk/eval";
 *
 * const report = evaluateRetrieval(new Map([["q1", ["x", "a"]], ["q3", ["x"]]]), [
 *   { id: "q1", images: ["a"], usage: "Public" },
 *   { id: "q2", images: ["b"], usage: "Private" },
 *   { id: "q3", images: [], usage: "Ignored" },
 * ]);
 * console.log(report.meanAveragePrecision, report.missing); // => 0.25 1
 * ```
 */
export function evaluateRetrieval<Id extends string | number>(
  predictions: ReadonlyMap<Id, ArrayLike<Id>>,
  solution: readonly RetrievalAnswer<Id>[],
  options: EvaluateRetrievalOptions = {},
): RetrievalReport<Id> {
  const scores = createScores("evaluateRetrieval", solution, options);
  for (const [id, images] of predictions) scores.add(id, images);
  return scores.report();
}

/**
 * {@link evaluateRetrieval} for predictions that come one by one, so that they are never in memory as a whole: the
 * challenge of 2019 has 117,577 lists of 100 images.
 *
 * Memory: the solution, and 9 bytes for each of its rows.
 *
 * @param predictions - Index images found for each query, best first, such as `streamRetrievalPredictions` of
 * `@lmk/eval/files` gives them; queries in any order.
 * @param solution - The rows of the solution file.
 * @returns The score with what it is made of, as {@link evaluateRetrieval} gives it.
 * @throws PredictionError (as rejection) if a prediction is for a query that the solution does not have or that came
 * before; RangeError as {@link evaluateRetrieval}; whatever `predictions` throws.
 *
 * @example
 * ```ts
 * import { evaluateRetrievalStream } from "@lmk/eval";
 * import { streamRetrievalPredictions } from "@lmk/eval/files";
 *
 * const predictions = streamRetrievalPredictions("id,images\nq1,x a\n");
 * const solution = [{ id: "q1", images: ["a"], usage: "Public" as const }];
 * console.log((await evaluateRetrievalStream(predictions, solution)).meanAveragePrecision); // => 0.5
 * ```
 */
export async function evaluateRetrievalStream<Id extends string | number>(
  predictions: AsyncIterable<{ readonly id: Id; readonly images: ArrayLike<Id> }>,
  solution: readonly RetrievalAnswer<Id>[],
  options: EvaluateRetrievalOptions = {},
): Promise<RetrievalReport<Id>> {
  const scores = createScores("evaluateRetrievalStream", solution, options);
  for await (const { id, images } of predictions) scores.add(id, images);
  return scores.report();
}

/** Scores under way. */
interface Scores<Id extends string | number> {
  readonly add: (id: Id, images: ArrayLike<Id>) => void;
  readonly report: () => RetrievalReport<Id>;
}

function createScores<Id extends string | number>(
  caller: string,
  solution: readonly RetrievalAnswer<Id>[],
  options: EvaluateRetrievalOptions,
): Scores<Id> {
  const { usage = "both", depth = 100 } = options;
  requireSplit(caller, usage);
  requireDepth(caller, "depth", depth);
  const rows = indexSolution(caller, solution);
  const values = Float64Array.from(solution, ({ images }) => (images.length > 0 ? 0 : Number.NaN));
  const seen = new Uint8Array(solution.length);
  return {
    add: (id, images) => {
      const row = rows.get(id);
      if (row === undefined) throw unknownQuery(caller, id);
      if (seen[row] === 1) throw repeatedQuery(caller, id);
      seen[row] = 1;
      const answer = solution[row]!;
      if (!isScored(answer.usage, usage)) return;
      values[row] = averagePrecisions([images], [answer.images], { depth })[0]!;
    },
    report: () => {
      const isWanted = (row: number): boolean => isScored(solution[row]!.usage, usage);
      const averages = values.filter((_, row) => isWanted(row));
      return {
        meanAveragePrecision: meanOverQueries(averages),
        ids: solution.filter((_, row) => isWanted(row)).map(({ id }) => id),
        averagePrecisions: averages,
        evaluated: averages.filter((value) => !Number.isNaN(value)).length,
        missing: seen.filter((isSeen, row) => isSeen === 0 && isWanted(row)).length,
      };
    },
  };
}

function unknownQuery(caller: string, id: string | number): PredictionError {
  const expected = "expected `predictions` to be for queries of the solution";
  return new PredictionError(`${caller}: ${expected}, got ${JSON.stringify(id)}`, "unknown-id", id);
}

function repeatedQuery(caller: string, id: string | number): PredictionError {
  const expected = "expected `predictions` to name each query once";
  return new PredictionError(`${caller}: ${expected}, got ${JSON.stringify(id)} twice`, "repeated-id", id);
}
