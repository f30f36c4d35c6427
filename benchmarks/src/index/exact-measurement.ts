import { interleave } from "../measure/interleave.ts";
import type { PythonProcess } from "../measure/python-process.ts";
import { librarySides, pythonSides } from "./exact-peers.ts";
import type { ExactSide, ExactTask } from "./exact-side.ts";
import { latencySides, type OurSide, ourSides } from "./exact-sides.ts";
import type { ExactResults, ExactRow } from "./exact-tables.ts";
import { measureLatencies } from "./latency.ts";
import { createTruth, recallOf, sameBits } from "./truth.ts";

/** How often everything is run. */
export interface Rounds {
  readonly steps: number;
  readonly warmup: number;
  /** Single searches of each side in a round. */
  readonly singles: number;
}

/** Runs all sides in turns, and then their single searches. */
export async function measureExact(
  task: ExactTask,
  { steps, warmup, singles }: Rounds,
  peer?: PythonProcess,
): Promise<ExactResults> {
  const { queries, database, k } = task;
  const truth = createTruth(queries, k);
  truth.add(database);
  const ours = await ourSides(task);
  const sides: ExactSide[] = [
    ...ours,
    ...librarySides(task),
    ...(peer === undefined ? [] : pythonSides(peer, queries.rows)),
  ];
  let rows: ExactRow[];
  let differing: string[];
  try {
    differing = await differingSides(ours);
    const series = await interleave(sides, undefined, { steps, warmup });
    const faiss = series["faiss IndexFlatIP"];
    rows = sides.map(({ name, precision, threads, queries: count }) => {
      const { median, min, max, last } = series[name]!;
      return {
        name,
        precision,
        threads,
        queries: count,
        median,
        min,
        max,
        ofFaiss: faiss === undefined ? null : (faiss.median * count) / (median * queries.rows),
        recall: recallOf(last, truth.ids().subarray(0, count * k), k),
      };
    });
  } finally {
    for (const side of sides) await side.close();
  }
  const singleSides = await latencySides(task, peer);
  try {
    const rounds = { rounds: steps, each: singles, queries: queries.rows };
    return {
      queries: queries.rows,
      rows: database.rows,
      columns: database.columns,
      k,
      sides: rows,
      differing,
      singles: await measureLatencies(singleSides, rounds),
    };
  } finally {
    for (const side of singleSides) await side.close();
  }
}

/** The sides whose ids or scores are not those of the first one in their precision, to the last bit. */
async function differingSides(sides: readonly OurSide[]): Promise<string[]> {
  const expected = new Map<string, Awaited<ReturnType<OurSide["search"]>>>();
  const differing: string[] = [];
  for (const { name, precision, search } of sides) {
    const found = await search();
    const first = expected.get(precision);
    if (first === undefined) expected.set(precision, found);
    else if (!sameBits(found, first)) differing.push(name);
  }
  return differing;
}
