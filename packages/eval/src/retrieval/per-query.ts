import { requireOneOf, requireSameLength } from "../require.ts";
import { positionsOf, type Relevant, setOf } from "./relevant-positions.ts";

/** Options about queries that have nothing relevant to find. */
export interface UnanswerableOptions {
  /**
   * What a query without relevant items has: `"exclude"`, NaN, which means leave out; `"right-if-empty"`, 1 if its
   * list is empty too and else 0, which rewards a system that knows when to be silent (open-metric-learning).
   *
   * @defaultValue "exclude"
   */
  readonly unanswerable?: "exclude" | "right-if-empty";
}

/**
 * One number per query from the ranks of its relevant results, counted from 0. `measure` is asked only for queries
 * that have relevant items; `depth` is checked by the caller.
 */
export function perQuery<Id extends string | number>(
  caller: string,
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  depth: number | "relevant",
  unanswerable: "exclude" | "right-if-empty",
  measure: (positions: Int32Array, total: number) => number,
): Float64Array {
  requireSameLength(caller, ["rankings", rankings], ["relevant", relevant]);
  requireOneOf(caller, "unanswerable", unanswerable, ["exclude", "right-if-empty"]);
  const values = new Float64Array(relevant.length);
  for (let query = 0; query < values.length; query++) {
    const ranking = rankings[query]!;
    const answers = setOf(relevant[query]!);
    if (answers.size === 0) {
      values[query] = unansweredValue(ranking.length, unanswerable);
      continue;
    }
    const end = depth === "relevant" ? answers.size : depth;
    values[query] = measure(positionsOf(ranking, answers, end), answers.size);
  }
  return values;
}

function unansweredValue(length: number, unanswerable: "exclude" | "right-if-empty"): number {
  if (unanswerable === "exclude") return Number.NaN;
  return length === 0 ? 1 : 0;
}
