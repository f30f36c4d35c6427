import { exactSearch, type Matrix, type Neighbors } from "@lmk/index";
import { type Pool, preparePool } from "./pool.ts";
import type { RetrievalProblem } from "./retrieval-set.ts";

/** The most that methods may start from. */
export interface PreparedProblem extends Pool, RetrievalProblem {
  /** Nearest training rows; undefined where there are none. */
  readonly votes: { readonly queries: Neighbors; readonly database: Neighbors } | undefined;
}

/** Lists of the first search, and of graphs; sets of fewer rows have lists of all. */
const longest = 1000;
/** Training rows found for each row. */
export const voteCount = 20;

/** Searches for what methods start from. */
export async function prepareProblem(problem: RetrievalProblem): Promise<PreparedProblem> {
  const { queries, database, train } = problem;
  const pool = await preparePool(queries, database, { depth: longest, neighborCount: longest });
  return {
    ...problem,
    ...pool,
    neighbors: withoutOwn(pool.neighbors, problem.own),
    votes:
      train === undefined
        ? undefined
        : { queries: searchTrain(queries, train.vectors), database: searchTrain(database, train.vectors) },
  };
}

/** Searches the database for other queries than those of the problem. */
export function searchAgain(
  { neighbors, own }: PreparedProblem,
  queries: Matrix,
  database: Matrix,
): Neighbors {
  const k = own === undefined ? neighbors.k : neighbors.k + 1;
  return withoutOwn(exactSearch(queries, database, { k }), own);
}

/** Nearest training rows, as many as vote at most. */
export function searchTrain(queries: Matrix, train: Matrix): Neighbors {
  return exactSearch(queries, train, { k: Math.min(voteCount, train.rows) });
}

/** Lists that are shorter by one: without the query's own row, or without the last where it is not listed. */
export function withoutOwn(neighbors: Neighbors, own: Int32Array | undefined): Neighbors {
  if (own === undefined) return neighbors;
  const { ids, scores, rows, k } = neighbors;
  const rest = {
    ids: new Int32Array(rows * (k - 1)),
    scores: new Float32Array(rows * (k - 1)),
    rows,
    k: k - 1,
  };
  for (let row = 0; row < rows; row++) {
    const list = ids.subarray(row * k, (row + 1) * k);
    const found = list.indexOf(own[row]!);
    const left = found < 0 ? k - 1 : found;
    for (let i = 0, to = row * (k - 1); i < k; i++) {
      if (i === left) continue;
      rest.ids[to] = list[i]!;
      rest.scores[to] = scores[row * k + i]!;
      to += 1;
    }
  }
  return rest;
}
