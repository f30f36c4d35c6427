import { predictLabels } from "@lmk/rerank";
import { voteOnDatabase } from "./label-methods.ts";
import type { PreparedProblem } from "./prepared-problem.ts";

/** How far voted labels tell right rows from wrong ones: shares of pairs of a query and a row that have the same. */
export interface SameLabels {
  readonly right: number;
  readonly wrong: number;
}

const voters = 3;

/** Of the queries of a group that have anything to find; undefined without training rows. */
export function sameLabels(problems: readonly PreparedProblem[], group: string): SameLabels | undefined {
  const same = { right: 0, wrong: 0 };
  const all = { right: 0, wrong: 0 };
  for (const problem of problems) {
    const { train, votes, relevant, groups } = problem;
    if (train === undefined || votes === undefined) return undefined;
    const { labels } = voteOnDatabase(problem, voters).database;
    const queries = predictLabels(votes.queries, train.labels, { neighborCount: voters });
    for (const [query, rows] of relevant.entries()) {
      if (groups[query] !== group || rows.length === 0) continue;
      const right = new Set(rows);
      for (const [row, label] of labels.entries()) {
        const kind = right.has(row) ? "right" : "wrong";
        all[kind] += 1;
        if (label === queries.labels[query]) same[kind] += 1;
      }
    }
  }
  return { right: same.right / all.right, wrong: same.wrong / all.wrong };
}
