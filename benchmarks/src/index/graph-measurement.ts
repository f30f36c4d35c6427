import { knnGraphAsync, type Matrix } from "@lmk/index";
import { interleave } from "../measure/interleave.ts";
import type { Peer } from "../measure/peer.ts";
import type { PythonProcess } from "../measure/python-process.ts";
import { threads } from "../measure/settings.ts";
import { engines } from "./exact-sides.ts";
import type { GraphResults } from "./graph-tables.ts";
import { createTruth, recallOf } from "./truth.ts";

/** Finds the neighbors of all rows among one another, each side in turns. */
export async function measureGraph(
  { database, k, sampled }: { readonly database: Matrix; readonly k: number; readonly sampled: number },
  rounds: { readonly steps: number; readonly warmup: number },
  peer?: PythonProcess,
): Promise<GraphResults> {
  const { rows, columns } = database;
  const sample = Array.from({ length: Math.min(sampled, rows) }, (_, i) => Math.floor((i * rows) / sampled));
  const truth = createTruth(pickRows(database, sample), k, sample);
  truth.add(database);
  const sides: Peer[] = engines.map((engine) => ({
    name: `lmk knnGraphAsync, ${engine}`,
    run: async () => {
      const begin = performance.now();
      const { ids } = await knnGraphAsync(database, { k, engine, threads });
      return { milliseconds: performance.now() - begin, values: ids };
    },
    close: async () => undefined,
  }));
  const faissName = "faiss IndexFlatIP, k + 1";
  if (peer !== undefined)
    sides.push({
      name: faissName,
      run: () => peer.run({ run: "faiss graph" }),
      close: async () => undefined,
    });
  const series = await interleave(sides, undefined, rounds);
  const ids = engines.map((_, i) => series[sides[i]!.name]!.last);
  return {
    rows,
    columns,
    k,
    sampled: sample.length,
    enginesDiffer: ids.some((found) => !sameIds(found, ids[0]!)),
    sides: sides.map(({ name }) => {
      const { median, min, max, last } = series[name]!;
      const found = Int32Array.from(
        sample.flatMap((row) => Array.from({ length: k }, (_, i) => last[row * k + i]!)),
      );
      const faiss = series[faissName];
      return {
        name,
        median,
        min,
        max,
        ofFaiss: faiss === undefined ? null : faiss.median / median,
        recall: recallOf(found, truth.ids(), k),
      };
    }),
  };
}

function sameIds(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (id, i) => id === b[i]);
}

function pickRows({ data, columns }: Matrix, rows: readonly number[]): Matrix {
  const picked = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries())
    picked.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  return { data: picked, rows: rows.length, columns };
}
