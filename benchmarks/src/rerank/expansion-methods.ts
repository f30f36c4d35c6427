import type { Matrix, Neighbors } from "@lmk/index";
import {
  augmentDatabase,
  expandQueries,
  expandQueriesDiscriminatively,
  expandQueriesRepeatedly,
  expandQueriesWithDecay,
  rerankBySuperGlobal,
} from "@lmk/rerank";
import { gridOf, methodOf, type RankingMethod } from "./method.ts";
import { type PreparedProblem, searchAgain } from "./prepared-problem.ts";

const counts = [1, 2, 3, 5, 10, 20, 50];

/** αQE with the lists of the first search, and the second search. */
export function expandAndSearch(
  problem: PreparedProblem,
  options: { readonly neighborCount: number; readonly alpha: number },
  database: Matrix = problem.database,
): Neighbors {
  const expanded = expandQueries(problem.queries, problem.database, problem.neighbors, options);
  return searchAgain(problem, expanded, database);
}

/** DBA with settings that count the row itself among its neighbors, as the published code does. */
function augment({ database, graph }: PreparedProblem, neighborCount: number, alpha: number): Matrix {
  return augmentDatabase(database, graph, { neighborCount: neighborCount - 1, alpha });
}

/** Methods that search again, or need no graph. */
export const expansionMethods: readonly RankingMethod[] = [
  methodOf({
    name: "first search",
    calls: "exactSearch of @lmk/index",
    needs: "nothing",
    defaults: {},
    run: (problem) => searchAgain(problem, problem.queries, problem.database),
  }),
  methodOf({
    name: "AQE",
    calls: "expandQueries, alpha 0",
    needs: "nothing",
    defaults: { neighborCount: 10 },
    grid: gridOf({ neighborCount: counts }),
    run: (problem, { neighborCount }) => expandAndSearch(problem, { neighborCount, alpha: 0 }),
  }),
  methodOf({
    name: "AQE with decay",
    calls: "expandQueriesWithDecay",
    needs: "nothing",
    defaults: { neighborCount: 8 },
    grid: gridOf({ neighborCount: counts }),
    run: (problem, options) => {
      const { queries, database, neighbors } = problem;
      return searchAgain(problem, expandQueriesWithDecay(queries, database, neighbors, options), database);
    },
  }),
  methodOf({
    name: "αQE",
    calls: "expandQueries",
    needs: "nothing",
    defaults: { neighborCount: 10, alpha: 3 },
    grid: gridOf({ neighborCount: counts, alpha: [1, 2, 3, 5] }),
    run: expandAndSearch,
  }),
  methodOf({
    name: "iterated αQE",
    calls: "expandQueriesRepeatedly",
    needs: "nothing",
    defaults: { passes: 2, base: "previous" as "previous" | "first", neighborCount: 10 },
    grid: gridOf({
      passes: [2, 3],
      base: ["previous", "first"] as const,
      neighborCount: [2, 5, 10, 20],
    }),
    run: async (problem, { passes, base, neighborCount }) => {
      const { queries, database, neighbors } = problem;
      const expanded = await expandQueriesRepeatedly(
        queries,
        database,
        (current) => searchAgain(problem, current, database),
        { passes, base, neighbors, expand: (q, d, n) => expandQueries(q, d, n, { neighborCount }) },
      );
      return searchAgain(problem, expanded, database);
    },
  }),
  methodOf({
    name: "DQE",
    calls: "expandQueriesDiscriminatively",
    needs: "nothing",
    defaults: { neighborCount: 20, negativeCount: 20, c: Infinity },
    grid: gridOf({ neighborCount: [2, 5, 20], negativeCount: [20, 100], c: [1] }),
    run: (problem, options) => {
      const { queries, database, neighbors } = problem;
      return searchAgain(
        problem,
        expandQueriesDiscriminatively(queries, database, neighbors, options),
        database,
      );
    },
  }),
  methodOf({
    name: "SuperGlobal",
    calls: "rerankBySuperGlobal",
    needs: "nothing",
    defaults: { depth: 400, neighborCount: 9, beta: 0.15 },
    grid: [
      ...gridOf({ depth: [100], neighborCount: [9, 20], beta: [0.15, 0.5] }),
      { depth: 400, neighborCount: 20, beta: 0.5 },
    ],
    run: ({ queries, database, neighbors }, settings) =>
      rerankBySuperGlobal(queries, database, neighbors, settings),
  }),
  methodOf({
    name: "DBA",
    calls: "augmentDatabase",
    needs: "graph",
    defaults: { neighborCount: 10, alpha: 3 },
    grid: gridOf({ neighborCount: [2, 3, 5, 10, 20], alpha: [0, 1, 3, 5] }),
    prepare: (problem, { neighborCount, alpha }) => augment(problem, neighborCount, alpha),
    run: (problem, _, augmented) => searchAgain(problem, problem.queries, augmented),
  }),
  methodOf({
    name: "DBA + αQE",
    calls: "augmentDatabase, expandQueries",
    needs: "graph",
    defaults: { neighborCount: 10, alpha: 3 },
    grid: gridOf({ neighborCount: [2, 3, 5, 10, 20], alpha: [0, 1, 3, 5] }),
    prepare: (problem, { neighborCount, alpha }) => augment(problem, neighborCount, alpha),
    run: (problem, settings, augmented) => expandAndSearch(problem, settings, augmented),
  }),
];
