import { stackRows } from "@lmk/index";
import {
  diffusionMatrix,
  diffusionSpectrum,
  fuseRankings,
  prepareOfflineDiffusion,
  rerankByDiffusion,
  rerankByEgt,
  rerankByFastKReciprocal,
  rerankByGnn,
  rerankByKnnRank,
  rerankByKReciprocal,
  rerankByOfflineDiffusion,
  rerankByRdp,
  rerankBySemiSupervisedEgt,
  rerankBySpectralDiffusion,
  rerankByStml,
  rerankByTruncatedDiffusion,
} from "@lmk/rerank";
import { expandAndSearch } from "./expansion-methods.ts";
import { gridOf, methodOf, type RankingMethod } from "./method.ts";
import type { PreparedProblem } from "./prepared-problem.ts";

const distanceOf = ({ leastSimilarities }: PreparedProblem) =>
  ({ kind: "squared-euclidean", leastSimilarities }) as const;

function kReciprocal(
  problem: PreparedProblem,
  options: { readonly k1: number; readonly k2: number; readonly lambda: number },
) {
  const embeddings = stackRows([problem.queries, problem.database]);
  const { neighbors, poolGraph } = problem;
  return rerankByKReciprocal(neighbors, poolGraph, { ...options, distance: distanceOf(problem), embeddings });
}

/** Methods that need nearest neighbors of database rows, or of queries and database together. */
export const graphMethods: readonly RankingMethod[] = [
  methodOf({
    name: "diffusion",
    calls: "rerankByDiffusion",
    needs: "graph",
    defaults: { neighborCount: 50, queryNeighborCount: 10, alpha: 0.99 },
    grid: gridOf({ neighborCount: [10, 20, 50], queryNeighborCount: [3, 10, 20], alpha: [0.9, 0.99] }),
    prepare: ({ graph }, { neighborCount }) => diffusionMatrix(graph, { neighborCount }),
    run: ({ neighbors }, { queryNeighborCount, alpha }, matrix) =>
      rerankByDiffusion(neighbors, matrix, { queryNeighborCount, alpha }),
  }),
  methodOf({
    name: "truncated diffusion",
    calls: "rerankByTruncatedDiffusion",
    needs: "graph",
    defaults: { truncation: 10_000, neighborCount: 50, queryNeighborCount: 10, alpha: 0.99 },
    grid: gridOf({
      truncation: [100, 200],
      neighborCount: [20, 50],
      queryNeighborCount: [3, 10],
      alpha: [0.9, 0.99],
    }),
    prepare: ({ graph }, { neighborCount }) => diffusionMatrix(graph, { neighborCount }),
    run: ({ neighbors }, { truncation, queryNeighborCount, alpha }, matrix) =>
      rerankByTruncatedDiffusion(neighbors, matrix, {
        truncation,
        queryNeighborCount,
        alpha,
      }),
  }),
  methodOf({
    name: "offline diffusion, by neighbors",
    calls: 'prepareOfflineDiffusion, rerankByOfflineDiffusion with scoring "neighbors"',
    needs: "graph",
    defaults: { truncation: 1000, neighborCount: 50, queryNeighborCount: 10, alpha: 0.99 },
    grid: gridOf({
      truncation: [100, 1000],
      neighborCount: [20, 50],
      queryNeighborCount: [3],
      alpha: [0.9, 0.99],
    }),
    prepare: ({ graph }, { truncation, neighborCount, alpha }) =>
      prepareOfflineDiffusion(graph, graph, { truncation, neighborCount, alpha }),
    run: ({ neighbors }, { queryNeighborCount }, offline) =>
      rerankByOfflineDiffusion(neighbors, offline, { queryNeighborCount }),
  }),
  methodOf({
    name: "offline diffusion, by rows",
    calls: 'prepareOfflineDiffusion, rerankByOfflineDiffusion with scoring "rows"',
    needs: "pool graph",
    defaults: { truncation: 1000, neighborCount: 50, alpha: 0.99 },
    grid: gridOf({ truncation: [100, 1000], neighborCount: [20, 50], alpha: [0.9, 0.99] }),
    prepare: ({ poolGraph }, settings) => prepareOfflineDiffusion(poolGraph, poolGraph, settings),
    run: ({ neighbors }, _, offline) => rerankByOfflineDiffusion(neighbors, offline, { scoring: "rows" }),
  }),
  methodOf({
    name: "spectral diffusion",
    calls: "diffusionSpectrum, rerankBySpectralDiffusion",
    needs: "graph",
    defaults: { rank: 200, neighborCount: 50, queryNeighborCount: 10, alpha: 0.99 },
    grid: gridOf({
      rank: [50, 200],
      neighborCount: [20, 50],
      queryNeighborCount: [3],
      alpha: [0.9, 0.99],
    }),
    prepare: ({ graph }, { rank, neighborCount }) => diffusionSpectrum(graph, { rank, neighborCount }),
    run: ({ neighbors }, { queryNeighborCount, alpha }, spectrum) =>
      rerankBySpectralDiffusion(neighbors, spectrum, { queryNeighborCount, alpha }),
  }),
  methodOf({
    name: "EGT",
    calls: "rerankByEgt",
    needs: "graph",
    defaults: { threshold: 0.42, neighborCount: 100, symmetrize: "none" as "none" | "max" },
    grid: gridOf({
      threshold: [0.2, 0.3, 0.42, 0.5, 0.6, 0.7, 0.8, Infinity],
      neighborCount: [10, 100],
      symmetrize: ["none", "max"] as const,
    }),
    run: ({ neighbors, graph }, settings) => rerankByEgt(neighbors, graph, settings),
  }),
  methodOf({
    name: "EGT through other queries",
    calls: "rerankBySemiSupervisedEgt",
    needs: "graph",
    defaults: { threshold: 0.42, neighborCount: 100 },
    grid: gridOf({ threshold: [0.2, 0.3, 0.42, 0.5, 0.6, 0.7, 0.8, Infinity], neighborCount: [10, 100] }),
    run: ({ neighbors, graph }, settings) => rerankBySemiSupervisedEgt(neighbors, graph, settings),
  }),
  methodOf({
    name: "k-reciprocal",
    calls: "rerankByKReciprocal",
    needs: "pool graph",
    defaults: { k1: 20, k2: 6, lambda: 0.3 },
    grid: gridOf({ k1: [5, 10, 20, 40], k2: [1, 3, 6], lambda: [0, 0.3, 0.6] }),
    run: kReciprocal,
  }),
  methodOf({
    name: "fast k-reciprocal",
    calls: "rerankByFastKReciprocal",
    needs: "graph",
    defaults: { expansionCount: 30, reciprocalCount: 10, averageCount: 3, lambda: 0.5 },
    grid: gridOf({
      expansionCount: [15],
      reciprocalCount: [5, 10],
      averageCount: [3],
      lambda: [0.3, 0.5, 0.7],
    }),
    run: ({ queries, database, neighbors, graph }, settings) =>
      rerankByFastKReciprocal(queries, database, neighbors, graph, settings),
  }),
  methodOf({
    name: "GNN",
    calls: "rerankByGnn",
    needs: "pool graph",
    defaults: { k1: 26, k2: 7, layers: 2 },
    grid: gridOf({ k1: [10, 26, 60], k2: [3, 7, 15], layers: [1, 2] }),
    run: ({ neighbors, poolGraph }, settings) => rerankByGnn(neighbors, poolGraph, settings),
  }),
  methodOf({
    name: "STML",
    calls: "rerankByStml",
    needs: "pool graph",
    defaults: { neighborCount: 20, sigma: 0.1 },
    grid: gridOf({ neighborCount: [5, 10, 20, 40], sigma: [0.1, 0.3, 1] }),
    run: (problem, settings) =>
      rerankByStml(problem.neighbors, problem.poolGraph, { ...settings, distance: distanceOf(problem) }),
  }),
  methodOf({
    name: "RDP",
    calls: "rerankByRdp",
    needs: "pool graph",
    defaults: { neighborCount: 30, sigma: 0.5, mu: 0.3 },
    grid: gridOf({ neighborCount: [5, 10, 20, 30], sigma: [0.25, 0.5], mu: [0.1, 0.3] }),
    run: ({ neighbors, poolGraph }, settings) => rerankByRdp(neighbors, poolGraph, settings),
  }),
  methodOf({
    name: "kNN rank",
    calls: "rerankByKnnRank",
    needs: "pool graph",
    defaults: { neighborCount: 50 },
    grid: gridOf({ neighborCount: [1, 2, 5, 10, 20, 50] }),
    run: ({ neighbors, poolGraph }, settings) => rerankByKnnRank(neighbors, poolGraph, settings),
  }),
  methodOf({
    name: "αQE, k-reciprocal fused",
    calls: "fuseRankings",
    needs: "pool graph",
    defaults: { rankOffset: 60 },
    grid: gridOf({ rankOffset: [0, 10, 60] }),
    run: (problem, { rankOffset }) =>
      fuseRankings(
        [
          expandAndSearch(problem, { neighborCount: 10, alpha: 3 }),
          kReciprocal(problem, { k1: 20, k2: 6, lambda: 0.3 }),
        ],
        { method: "reciprocal-rank", rankOffset },
      ),
  }),
];
