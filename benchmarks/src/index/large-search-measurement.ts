import { join } from "node:path";
import { createNpyWriter, writeNpy } from "@lmk/index/npy";
import { summarize } from "../measure/interleave.ts";
import { readIds } from "../measure/python-process.ts";
import { threads } from "../measure/settings.ts";
import { type ClusterOptions, createClusteredVectors } from "./clustered-vectors.ts";
import { engines } from "./exact-sides.ts";
import { type LargeRun, type LargeTask, searchByNode, searchByPython } from "./large-search-processes.ts";
import type { LargeResults } from "./large-search-tables.ts";
import { createTruth, recallOf } from "./truth.ts";

/** Rows that are made at once. */
const chunkRows = 20_000;

/** What is searched. */
export interface LargeShape extends ClusterOptions {
  readonly rows: number;
  readonly queries: number;
  readonly k: number;
  /** Queries whose neighbors are compared with the true ones. */
  readonly sampled: number;
}

/** How the search is run. */
export interface LargeSettings {
  readonly steps: number;
  /** For the files. */
  readonly folder: string;
  /** Has faiss-cpu; without it faiss is left out. */
  readonly python?: string;
  /** Told of each run. */
  readonly tell?: (text: string) => void;
}

interface LargeFiles {
  readonly queries: string;
  readonly float32: string;
  readonly float16: string;
  readonly truth: Int32Array;
}

/** Writes the files, then searches them in fresh processes in turns; the first round is not counted. */
export async function measureLargeSearch(
  shape: LargeShape,
  { steps, folder, python, tell = () => undefined }: LargeSettings,
): Promise<{ readonly results: LargeResults; readonly versions: Readonly<Record<string, string>> }> {
  const { k } = shape;
  const files = await writeFiles(shape, folder);
  const ids = join(folder, "ids.bin");
  const task = (database: string): Omit<LargeTask, "engine"> => {
    return { queries: files.queries, database, k, threads, file: ids };
  };
  const sides: { name: string; runs: LargeRun[]; recall: number; run(): Promise<LargeRun> }[] = [];
  for (const precision of ["float32", "float16"] as const) {
    for (const engine of engines) {
      const name = `lmk exactSearchAsync, ${engine}, ${precision} file`;
      const run = () => searchByNode({ ...task(files[precision]), engine });
      sides.push({ name, runs: [], recall: 0, run });
    }
  }
  if (python !== undefined) {
    const run = () => searchByPython(python, task(files.float32));
    sides.push({ name: "faiss knn, float32 in memory", runs: [], recall: 0, run });
  }
  for (let step = -1; step < steps; step++) {
    for (const side of sides) {
      const run = await side.run();
      if (step >= 0) side.runs.push(run);
      side.recall = recallOf(readIds(ids), files.truth, k);
      tell(`${step + 1} of ${steps}: ${side.name}, ${(run.total / 1000).toFixed(1)} s`);
    }
  }
  const versions = Object.assign({}, ...sides.map(({ runs }) => runs[0]?.versions));
  const { rows, columns, queries, sampled } = shape;
  const results = { rows, columns, queries, k, sampled, sides: sides.map(summarizeSide) };
  return { results, versions };
}

function summarizeSide({ name, runs, recall }: { name: string; runs: readonly LargeRun[]; recall: number }) {
  const searches = runs.flatMap(({ search }) => search ?? []);
  return {
    name,
    ...summarize(runs.map(({ total }) => total)),
    search: searches.length === 0 ? null : summarize(searches).median,
    loaded: summarize(runs.map(({ loaded }) => loaded)).median,
    peak: Math.max(...runs.map(({ peak }) => peak)),
    recall,
  };
}

async function writeFiles(
  { rows, queries, k, sampled, ...options }: LargeShape,
  folder: string,
): Promise<LargeFiles> {
  const { columns } = options;
  const vectors = createClusteredVectors(options);
  const asked = vectors.queries(queries);
  const count = Math.min(sampled, queries);
  const truth = createTruth({ data: asked.data.subarray(0, count * columns), rows: count, columns }, k);
  const paths = {
    queries: join(folder, "queries.npy"),
    float32: join(folder, "float32.npy"),
    float16: join(folder, "float16.npy"),
  };
  await writeNpy(paths.queries, asked);
  const float32 = await createNpyWriter(paths.float32, { columns, dtype: "float32" });
  const float16 = await createNpyWriter(paths.float16, { columns, dtype: "float16" });
  for (let firstRow = 0; firstRow < rows; firstRow += chunkRows) {
    const block = vectors.rows({ rows: Math.min(chunkRows, rows - firstRow), firstRow });
    await float32.append(block);
    await float16.append(block);
    truth.add(block);
  }
  await float32.close();
  await float16.close();
  return { ...paths, truth: truth.ids() };
}
