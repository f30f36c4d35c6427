import { join } from "node:path";
import type { LanceIndexOptions } from "@lmk/index/lancedb";
import { writeNpy } from "@lmk/index/npy";
import { summarize } from "../measure/interleave.ts";
import { readIds } from "../measure/python-process.ts";
import { type ClusterOptions, createClusteredVectors } from "./clustered-vectors.ts";
import { buildInProcess, type LanceSetting, type LanceTimes, searchInProcess } from "./lancedb-processes.ts";
import type { LanceResults, LanceRow, LanceSearchRow } from "./lancedb-tables.ts";
import { createTruth, recallOf } from "./truth.ts";

/** Rows that are made at once. */
const chunkRows = 20_000;

/** What is indexed and searched. */
export interface LanceShape extends ClusterOptions {
  readonly rows: number;
  readonly queries: number;
  readonly k: number;
  /** Queries whose neighbors are compared with the true ones, and those of exact searches. */
  readonly sampled: number;
  /** Queries that are asked one at a time. */
  readonly singles: number;
}

/** An index and how it is searched. */
export interface LanceCase {
  readonly index: LanceIndexOptions;
  readonly settings: readonly LanceSetting[];
}

/** The indexes of the benchmark: product quantisation, and graphs over one byte per number. */
export function lanceCases(rows: number): readonly LanceCase[] {
  const probes = [10, 20, 50];
  const refined: LanceSetting[] = probes.flatMap((nprobes) =>
    [5, 20].map((refineFactor) => ({ nprobes, refineFactor })),
  );
  const graphs: LanceSetting[] = [20, 50, 100, 200].flatMap((ef) => [
    { nprobes: 1, ef },
    { nprobes: 1, ef, refineFactor: 2 },
  ]);
  return [
    {
      index: { kind: "ivf-pq", numPartitions: Math.round(Math.sqrt(rows)), numSubVectors: 32 },
      settings: [...probes.map((nprobes) => ({ nprobes })), ...refined, { exact: true }],
    },
    { index: { kind: "ivf-hnsw-sq", numPartitions: 1, m: 20, efConstruction: 150 }, settings: graphs },
  ];
}

/** Builds and searches a table for each case, in fresh processes. */
export async function measureLance(
  shape: LanceShape,
  cases: readonly LanceCase[],
  { steps, folder }: { readonly steps: number; readonly folder: string },
): Promise<LanceResults> {
  const { rows, queries, k, sampled, singles, ...vectors } = shape;
  const file = join(folder, "queries.npy");
  await writeNpy(file, createClusteredVectors(vectors).queries(queries));
  const truth = trueNeighbors(shape);
  const tables: LanceRow[] = [];
  for (const [i, { index, settings }] of cases.entries()) {
    const table = join(folder, `table-${i}`);
    const build = await buildInProcess({ stage: "build", folder: table, vectors, rows, index });
    console.error(`${index.kind}: built in ${((build.write + build.train) / 1000).toFixed(1)} s`);
    const ids = join(folder, `ids-${i}`);
    const found = await searchInProcess({
      stage: "search",
      folder: table,
      queries: file,
      k,
      settings,
      steps,
      singles,
      exactQueries: sampled,
      ids,
    });
    const searches = settings.map((setting, place) => {
      const recall = recallOf(readIds(`${ids}.${place}`), truth, k);
      return searchRow(setting, found.settings[place]!, recall);
    });
    tables.push({ index, ...build, loaded: found.loaded, searchPeak: found.peak, searches });
    console.error(`${index.kind}: searched`);
  }
  return { rows, columns: vectors.columns, queries, k, sampled, tables };
}

function trueNeighbors({ rows, queries, k, sampled, singles: _, ...vectors }: LanceShape): Int32Array {
  const made = createClusteredVectors(vectors);
  const truth = createTruth(made.queries(Math.min(sampled, queries)), k);
  for (let firstRow = 0; firstRow < rows; firstRow += chunkRows) {
    truth.add(made.rows({ rows: Math.min(chunkRows, rows - firstRow), firstRow }));
  }
  return truth.ids();
}

function searchRow(setting: LanceSetting, times: LanceTimes, recall: number): LanceSearchRow {
  const sorted = times.singles.toSorted((a, b) => a - b);
  return {
    setting,
    recall,
    queries: times.queries,
    ...summarize(times.runs),
    latency: summarize(sorted).median,
    p95: sorted[Math.ceil(0.95 * sorted.length) - 1]!,
  };
}
