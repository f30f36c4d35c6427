import { knnGraph, stackRows } from "@lmk/index";
import { summarize } from "../measure/interleave.ts";
import type { Need } from "./method.ts";
import { searchTrain } from "./prepared-problem.ts";
import type { RetrievalProblem } from "./retrieval-set.ts";

/** Milliseconds that making it takes, for all queries and problems together. */
export type NeedCosts = Readonly<Record<Exclude<Need, "nothing">, number>>;

/** Neighbors of each row in the graphs that are timed. */
export const timedNeighborCount = 100;

/** Times exact graphs, and the search of queries and database in the training rows; on one thread. */
export function measureNeeds(problems: readonly RetrievalProblem[], repeats: number): NeedCosts {
  const time = (make: (problem: RetrievalProblem) => unknown): number => {
    const times = Array.from({ length: repeats + 1 }, () => {
      const begin = performance.now();
      for (const problem of problems) make(problem);
      return performance.now() - begin;
    });
    return summarize(times.slice(1)).median;
  };
  const graph = time(({ database }) => {
    return knnGraph(database, { k: Math.min(timedNeighborCount, database.rows - 1) });
  });
  const pool = time(({ queries, database }) => {
    const rows = stackRows([queries, database]);
    return knnGraph(rows, { k: Math.min(timedNeighborCount, rows.rows - 1) });
  });
  const labels = time(({ queries, database, train }) =>
    train === undefined ? undefined : [queries, database].map((rows) => searchTrain(rows, train.vectors)),
  );
  return { graph, "pool graph": pool, "train labels": labels, "train labels, pool graph": labels + pool };
}
