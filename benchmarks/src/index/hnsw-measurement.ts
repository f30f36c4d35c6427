import { interleave, summarize } from "../measure/interleave.ts";
import type { PythonProcess } from "../measure/python-process.ts";
import { type Build, type HnswSide, type HnswTask, ourHnswSides, pythonHnswSides } from "./hnsw-sides.ts";
import type { HnswResults, HnswRow } from "./hnsw-tables.ts";
import { createTruth, recallOf } from "./truth.ts";

/** Candidates that a search keeps, tried from the fewest. */
const efs: readonly number[] = [10, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128, 192, 256, 384, 512, 1024];

/** How often everything is run. */
export interface HnswRounds {
  readonly builds: number;
  readonly steps: number;
  readonly warmup: number;
  /** Recall that a search must reach. */
  readonly least: number;
  /** Told of each build. */
  readonly tell?: (text: string) => void;
}

/** Builds all graphs in turns, finds for each the fewest candidates that reach the recall, and searches in turns. */
export async function measureHnsw(
  task: HnswTask,
  { builds, steps, warmup, least, tell = () => undefined }: HnswRounds,
  peer?: PythonProcess,
): Promise<HnswResults> {
  const { queries, database, k, m, efConstruction } = task;
  const truth = createTruth(queries, k);
  truth.add(database);
  const sides = [...ourHnswSides(task), ...(peer === undefined ? [] : pythonHnswSides(peer))];
  try {
    const built = sides.map(() => [] as Build[]);
    for (let round = 0; round < builds; round++) {
      for (const [i, side] of sides.entries()) {
        built[i]!.push(await side.build());
        tell(`build ${round + 1} of ${builds}: ${side.name}, ${side.dtype}, ${side.threads} threads`);
      }
    }
    const reached: { ef: number; recall: number }[] = [];
    for (const side of sides) reached.push(await firstToReach(side, least, truth.ids(), k));
    const peers = sides.map((side, i) => ({
      name: String(i),
      run: () => side.search(reached[i]!.ef),
      close: async () => undefined,
    }));
    const series = await interleave(peers, undefined, { steps, warmup });
    const rows = sides.map(({ name, dtype, threads }, i): HnswRow => {
      const { median, min, max } = series[String(i)]!;
      const stalls = built[i]!.flatMap(({ stall }) => stall ?? []);
      return {
        name,
        dtype,
        threads,
        build: summarize(built[i]!.map(({ milliseconds }) => milliseconds)),
        stall: stalls.length === 0 ? null : Math.max(...stalls),
        ...reached[i]!,
        search: { median, min, max },
      };
    });
    const shape = { rows: database.rows, columns: database.columns, queries: queries.rows };
    return { ...shape, k, m, efConstruction, least, builds, sides: rows };
  } finally {
    for (const side of sides) await side.close();
  }
}

/** Where none reaches it, the most candidates and what they reach. */
async function firstToReach(
  side: HnswSide,
  least: number,
  truth: Int32Array,
  k: number,
): Promise<{ ef: number; recall: number }> {
  let tried = { ef: 0, recall: 0 };
  for (const ef of efs.filter((count) => count >= k)) {
    tried = { ef, recall: recallOf((await side.search(ef)).values, truth, k) };
    if (tried.recall >= least) break;
  }
  return tried;
}
