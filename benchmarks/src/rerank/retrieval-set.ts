import type { Matrix } from "@lmk/index";

/** Queries, the database that they are searched in, and what is right. */
export interface RetrievalProblem {
  /** Rows of length 1. */
  readonly queries: Matrix;
  /** Rows of length 1. */
  readonly database: Matrix;
  /** For each query the database rows that are right; numbers from `database.rows` on are right but cannot be found. */
  readonly relevant: readonly Int32Array[];
  /** For each query the part of the set that it is counted with besides the whole. */
  readonly groups: readonly string[];
  /** Labelled rows apart from queries and database; undefined where there are none. */
  readonly train: { readonly vectors: Matrix; readonly labels: Int32Array } | undefined;
  /** For each query the database row that is the query itself and never counts as found, or -1; undefined where none is. */
  readonly own: Int32Array | undefined;
}

/** Problems whose queries are scored together. */
export interface RetrievalSet {
  readonly name: string;
  /** How it came to be, for people, in sentences. */
  readonly description: string;
  readonly problems: readonly RetrievalProblem[];
}

/** How many queries there are, and how many of them have anything to find. */
export function queryCounts({ problems }: RetrievalSet): { readonly all: number; readonly scored: number } {
  const relevant = problems.flatMap((problem) => problem.relevant);
  return { all: relevant.length, scored: relevant.filter((rows) => rows.length > 0).length };
}
