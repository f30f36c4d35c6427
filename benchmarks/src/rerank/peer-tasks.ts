import { createExactIndex, exactSearchAsync, type Neighbors, stackRows } from "@lmk/index";
import {
  diffusionMatrix,
  expandQueriesAsync,
  prepareOfflineDiffusionAsync,
  rerankByEgtAsync,
  rerankByGnnAsync,
  rerankByKReciprocalAsync,
  rerankByOfflineDiffusion,
  rerankBySuperGlobalAsync,
  type ThreadPool,
} from "@lmk/rerank";
import { threads as threadCount } from "../measure/settings.ts";
import type { Pool } from "./pool.ts";

/** A method that is timed here and there, on the same vectors. */
export interface PeerTask {
  readonly name: string;
  /** What the time covers on both sides. */
  readonly covers: string;
  /** What the Python process is asked for; of a task without a peer, nothing. */
  readonly request: Readonly<Record<string, unknown>> | null;
  /** Whose program the peer is. */
  readonly peer: string;
  /** The time is told for one of these. */
  readonly unit: "all" | "query" | "node";
  readonly count: number;
  /** Milliseconds for one unit that the project set itself; nothing where none were set. */
  readonly limit: number | null;
  /** Milliseconds, and the best database rows of each query; no rows where the task does not rank. */
  run(): Promise<{ readonly milliseconds: number; readonly ranking: Neighbors }>;
}

const k1 = 20;
const k2 = 6;
const lambda = 0.3;

/** Tasks on a set of the size of Oxford 5k, all ranked to `depth`. */
export function oxfordTasks(pool: Pool, lists: Neighbors, threads: ThreadPool): readonly PeerTask[] {
  const { queries, database, neighbors, graph, poolGraph } = pool;
  const rows = stackRows([queries, database]);
  const negative = { ...rows, data: rows.data.map((value) => -value) };
  const degree = 50;
  const truncation = lists.k;
  return [
    {
      name: `rerankByKReciprocal, k1 ${k1}, k2 ${k2}`,
      covers: "graph and largest distances from vectors, then re-ranking",
      peer: "zhunzhong07",
      request: { run: "k-reciprocal", k1, k2, lambda },
      unit: "all",
      count: 1,
      limit: 500,
      run: () =>
        timed(async () => {
          const index = await createExactIndex(rows, { threads: threadCount });
          const nearest = await index.search(rows, { k: k1 + 1 });
          const furthest = await index.search(negative, { k: 1 });
          index.dispose();
          return rerankByKReciprocalAsync(neighbors, nearest, {
            k1,
            k2,
            lambda,
            distance: {
              kind: "squared-euclidean",
              leastSimilarities: furthest.scores.map((score) => -score),
            },
            embeddings: rows,
            threads,
          });
        }),
    },
    {
      name: `prepareOfflineDiffusion, ${truncation} rows each`,
      covers: "solving, given lists and graph",
      peer: "fyang93",
      request: { run: "offline-diffusion", truncation, neighborCount: degree },
      unit: "node",
      count: rows.rows,
      limit: 0.45,
      run: async () => {
        const matrix = diffusionMatrix(poolGraph, { neighborCount: degree });
        const begin = performance.now();
        const offline = await prepareOfflineDiffusionAsync(matrix, lists, { truncation, threads });
        const milliseconds = performance.now() - begin;
        return { milliseconds, ranking: rerankByOfflineDiffusion(neighbors, offline, { scoring: "rows" }) };
      },
    },
    ...[100, 1000].map((depth): PeerTask => {
      const settings = { neighborCount: 250, threshold: 0.42 };
      return {
        name: `rerankByEgt, p ${depth}, k 250`,
        covers: "traversal, given the graph",
        peer: "layer6ai-labs, Java",
        request: { run: "egt", ...settings, depth },
        unit: "query",
        count: queries.rows,
        limit: depth === 1000 ? 1.5 : null,
        run: () =>
          timed(() =>
            rerankByEgtAsync(neighbors, graph, {
              ...settings,
              k: depth,
              symmetrize: "egt-jar",
              weightDecimals: 3,
              threads,
            }),
          ),
      };
    }),
    {
      name: "rerankBySuperGlobal, 400 rows",
      covers: "re-ranking; the peer's with its search",
      peer: "jifeiluo, torch",
      request: { run: "super-global" },
      unit: "query",
      count: queries.rows,
      limit: null,
      run: () => timed(() => rerankBySuperGlobalAsync(queries, database, neighbors, { threads })),
    },
    {
      name: "rerankByGnn, k1 26, k2 7",
      covers: "re-ranking, given the graph; the peer's with its similarities",
      peer: "jifeiluo, torch",
      request: { run: "gnn", k1: 26, k2: 7, alpha: 2 },
      unit: "all",
      count: 1,
      limit: null,
      run: () =>
        timed(() =>
          rerankByGnnAsync(neighbors, poolGraph, { k1: 26, k2: 7, alpha: 2, compat: "jifeiluo", threads }),
        ),
    },
  ];
}

/** αQE of many queries in a large database, alone and with the second search. */
export function expansionTasks(
  pool: Pick<Pool, "queries" | "database" | "neighbors">,
  k: number,
  threads: ThreadPool,
): readonly PeerTask[] {
  const { queries, database, neighbors } = pool;
  const settings = { neighborCount: neighbors.k, alpha: 3 };
  const expand = () => expandQueriesAsync(queries, database, neighbors, { ...settings, threads });
  const task = {
    peer: "numpy, faiss",
    unit: "query",
    count: queries.rows,
    limit: null,
  } as const;
  return [
    {
      ...task,
      name: `expandQueries, ${neighbors.k} neighbors`,
      covers: "expansion, given the neighbors",
      request: { run: "alpha-expansion", ...settings, search: false },
      run: async () => {
        const begin = performance.now();
        await expand();
        return { milliseconds: performance.now() - begin, ranking: noRanking };
      },
    },
    {
      ...task,
      name: `expandQueries, ${neighbors.k} neighbors, and search`,
      covers: "expansion and the second search",
      request: { run: "alpha-expansion", ...settings, search: true },
      run: () => timed(async () => exactSearchAsync(await expand(), database, { k, threads: threadCount })),
    },
  ];
}

const noRanking: Neighbors = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 1 };

async function timed(
  run: () => Promise<Neighbors>,
): Promise<{ readonly milliseconds: number; readonly ranking: Neighbors }> {
  const begin = performance.now();
  const ranking = await run();
  return { milliseconds: performance.now() - begin, ranking };
}
