import {
  augmentDatabaseAsync,
  expandQueriesAsync,
  prepareOfflineDiffusionAsync,
  rerankByDiffusionAsync,
  rerankByEgtAsync,
  rerankByGnnAsync,
  rerankByKnnRankAsync,
  rerankByKReciprocalAsync,
  rerankByStmlAsync,
  rerankBySuperGlobalAsync,
  rerankByTruncatedDiffusionAsync,
} from "@lmk/rerank";
import { threads } from "../measure/settings.ts";
import type { Pool } from "./pool.ts";

/** A method with its papers' settings, or what fits a graph of 50 neighbors. */
export type GrowthMethod = (pool: Pool) => Promise<unknown>;

/** Methods whose cost is measured; each starts from what {@link Pool} has. */
export const growthMethods: Readonly<Record<string, GrowthMethod>> = {
  expandQueries: ({ queries, database, neighbors }) =>
    expandQueriesAsync(queries, database, neighbors, { neighborCount: 50, threads }),
  augmentDatabase: ({ database, graph }) => augmentDatabaseAsync(database, graph, { threads }),
  rerankBySuperGlobal: ({ queries, database, neighbors }) =>
    rerankBySuperGlobalAsync(queries, database, neighbors, { threads }),
  rerankByEgt: ({ neighbors, graph }) => rerankByEgtAsync(neighbors, graph, { threads }),
  rerankByTruncatedDiffusion: ({ neighbors, graph }) =>
    rerankByTruncatedDiffusionAsync(neighbors, graph, { threads }),
  rerankByDiffusion: ({ neighbors, graph }) => rerankByDiffusionAsync(neighbors, graph, { threads }),
  prepareOfflineDiffusion: ({ poolGraph }) =>
    prepareOfflineDiffusionAsync(poolGraph, poolGraph, { truncation: 50, threads }),
  rerankByKReciprocal: ({ queries, database, neighbors, poolGraph, leastSimilarities }) =>
    rerankByKReciprocalAsync(neighbors, poolGraph, {
      distance: { kind: "squared-euclidean", leastSimilarities },
      embeddings: stack(queries, database),
      threads,
    }),
  rerankByGnn: ({ neighbors, poolGraph }) => rerankByGnnAsync(neighbors, poolGraph, { threads }),
  rerankByStml: ({ neighbors, poolGraph, leastSimilarities }) =>
    rerankByStmlAsync(neighbors, poolGraph, {
      distance: { kind: "squared-euclidean", leastSimilarities },
      threads,
    }),
  rerankByKnnRank: ({ neighbors, poolGraph }) => rerankByKnnRankAsync(neighbors, poolGraph, { threads }),
};

function stack(queries: Pool["queries"], database: Pool["database"]): Pool["queries"] {
  const data = new Float32Array(queries.data.length + database.data.length);
  data.set(queries.data);
  data.set(database.data, queries.data.length);
  return { data, rows: queries.rows + database.rows, columns: database.columns };
}
