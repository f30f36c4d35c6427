import { type Matrix, type Neighbors, stackRows } from "@lmk/index";
import {
  adjustScoresByLabel,
  expandQueries,
  type LabelPredictions,
  landmark2019Revisions,
  predictLabels,
  rerankByLabel,
} from "@lmk/rerank";
import { gridOf, methodOf, type RankingMethod } from "./method.ts";
import { type PreparedProblem, searchAgain, searchTrain } from "./prepared-problem.ts";

/** Labels of queries and database by a vote; those of the database are made before there are queries. */
interface Votes {
  readonly train: NonNullable<PreparedProblem["train"]>;
  readonly queries: Neighbors;
  readonly database: LabelPredictions;
}

/** The vote over database rows. */
export function voteOnDatabase({ train, votes }: PreparedProblem, neighborCount: number): Votes {
  if (train === undefined || votes === undefined) throw new Error("labels: expected training rows, got none");
  const database = predictLabels(votes.database, train.labels, { neighborCount });
  return { train, queries: votes.queries, database };
}

function voteOnQueries({ train }: Votes, nearest: Neighbors, neighborCount: number): LabelPredictions {
  return predictLabels(nearest, train.labels, { neighborCount });
}

interface SortAndInsert {
  /** Training rows that vote. */
  readonly neighborCount: number;
  /** What the sum of both confidences must pass. */
  readonly threshold: number;
}

function sortAndInsert(
  neighbors: Neighbors,
  votes: Votes,
  nearest: Neighbors,
  { neighborCount, threshold }: SortAndInsert,
): Neighbors {
  return rerankByLabel(neighbors, voteOnQueries(votes, nearest, neighborCount), votes.database, {
    ...landmark2019Revisions.final.rerankByLabel,
    threshold: { kind: "sum", above: threshold },
  });
}

/** αQE among queries and database together, the query itself among its ten neighbors, as in the code of 2019. */
export function expandInPool(problem: PreparedProblem, neighborCount: number): Matrix {
  const { queries, database, poolGraph } = problem;
  const nearest = {
    ids: poolGraph.ids.subarray(0, queries.rows * poolGraph.k),
    scores: poolGraph.scores.subarray(0, queries.rows * poolGraph.k),
    rows: queries.rows,
    k: poolGraph.k,
  };
  // The graph leaves out the query, which has weight 1 as its own neighbor too.
  return expandQueries(queries, stackRows([queries, database]), nearest, {
    neighborCount: neighborCount - 1,
  });
}

function expandSortInsert(problem: PreparedProblem, votes: Votes, expanded: Matrix, settings: SortAndInsert) {
  return sortAndInsert(
    searchAgain(problem, expanded, problem.database),
    votes,
    searchTrain(expanded, votes.train.vectors),
    settings,
  );
}

const thresholds = [-Infinity, 0, 0.3, 0.6, 0.9, 1.2];

/** Methods that need labelled training rows. */
export const labelMethods: readonly RankingMethod[] = [
  methodOf({
    name: "label sort",
    calls: "predictLabels, rerankByLabel without insertion",
    needs: "train labels",
    defaults: { neighborCount: 3 },
    grid: gridOf({ neighborCount: [1, 3, 5, 10, 20] }),
    prepare: (problem, { neighborCount }) => voteOnDatabase(problem, neighborCount),
    run: ({ neighbors }, { neighborCount }, votes) =>
      rerankByLabel(neighbors, voteOnQueries(votes, votes.queries, neighborCount), votes.database, {
        insert: false,
      }),
  }),
  methodOf({
    name: "label sort + insert",
    calls: "predictLabels, rerankByLabel",
    needs: "train labels",
    defaults: { neighborCount: 3, threshold: 0.6 },
    grid: gridOf({ neighborCount: [1, 3, 5, 10, 20], threshold: thresholds }),
    prepare: (problem, { neighborCount }) => voteOnDatabase(problem, neighborCount),
    run: ({ neighbors }, settings, votes) => sortAndInsert(neighbors, votes, votes.queries, settings),
  }),
  methodOf({
    name: "αQE + label sort + insert",
    calls: "expandQueries, predictLabels, rerankByLabel",
    needs: "train labels",
    defaults: { expansion: 10, neighborCount: 3, threshold: 0.6 },
    grid: gridOf({ expansion: [2, 5, 10], neighborCount: [1, 3, 10], threshold: thresholds }),
    prepare: (problem, { neighborCount }) => voteOnDatabase(problem, neighborCount),
    run: (problem, { expansion, neighborCount, threshold }, votes) => {
      const { queries, database, neighbors } = problem;
      const expanded = expandQueries(queries, database, neighbors, {
        neighborCount: expansion,
      });
      return expandSortInsert(problem, votes, expanded, { neighborCount, threshold });
    },
  }),
  methodOf({
    name: "soft up/down by label",
    calls: "predictLabels, adjustScoresByLabel",
    needs: "train labels",
    defaults: { neighborCount: 3, up: 1, down: 0.1 },
    grid: gridOf({ neighborCount: [1, 3, 10], up: [0.25, 0.5, 1, 2], down: [0, 0.1, 0.5] }),
    prepare: (problem, { neighborCount }) => voteOnDatabase(problem, neighborCount),
    run: ({ neighbors }, { neighborCount, up, down }, votes) =>
      adjustScoresByLabel(neighbors, voteOnQueries(votes, votes.queries, neighborCount), votes.database, {
        up,
        down,
      }),
  }),
];

/** As the code of 2019, whose αQE finds neighbors among the other queries too. */
export const pooledMethods: readonly RankingMethod[] = [
  methodOf({
    name: "pooled αQE",
    calls: "expandQueries on a pool",
    needs: "pool graph",
    defaults: { neighborCount: 10 },
    grid: gridOf({ neighborCount: [2, 3, 5, 10, 20] }),
    run: (problem, { neighborCount }) =>
      searchAgain(problem, expandInPool(problem, neighborCount), problem.database),
  }),
  methodOf({
    name: "pooled αQE + label sort + insert",
    calls: "expandQueries on a pool, predictLabels, rerankByLabel",
    needs: "train labels, pool graph",
    defaults: { expansion: 10, neighborCount: 3, threshold: 0.6 },
    prepare: (problem, { neighborCount }) => voteOnDatabase(problem, neighborCount),
    run: (problem, { expansion, neighborCount, threshold }, votes) =>
      expandSortInsert(problem, votes, expandInPool(problem, expansion), { neighborCount, threshold }),
  }),
];
