import {
  createExactIndex,
  type Embeddings,
  exactSearch,
  exactSearchAsync,
  type Matrix,
  type Neighbors,
  toHalf,
  toInt8,
} from "@lmk/index";
import type { PythonProcess } from "../measure/python-process.ts";
import { threads } from "../measure/settings.ts";
import type { ExactSide, ExactTask, Precision } from "./exact-side.ts";
import type { LatencySide } from "./latency.ts";

/** A side of ours, whose scores can be seen, too. */
export interface OurSide extends ExactSide {
  search(): Promise<Neighbors>;
}

/** The engines of `@lmk/index` that are compared. */
export const engines: readonly ("onnxruntime" | "wasm")[] = ["onnxruntime", "wasm"];

/** Our searches: in one call from a matrix, and of rows that stay in the threads. */
export async function ourSides({ queries, database, k }: ExactTask): Promise<OurSide[]> {
  const sides = [
    ourSide("lmk exactSearch", "float32", 1, queries.rows, async () => exactSearch(queries, database, { k })),
    ...engines.map((engine) =>
      ourSide(`lmk exactSearchAsync, ${engine}`, "float32", threads, queries.rows, () =>
        exactSearchAsync(queries, database, { k, engine, threads }),
      ),
    ),
  ];
  const forms: readonly [Precision, Embeddings][] = [
    ["float32", database],
    ["float16", toHalf(database)],
    ["int8", toInt8(database)],
  ];
  for (const [precision, rows] of forms) {
    for (const engine of engines) {
      const index = await createExactIndex(rows, { engine, threads });
      const note = precision === "float32" ? "" : `, ${precision}`;
      sides.push({
        ...ourSide(`lmk createExactIndex, ${engine}${note}`, precision, threads, queries.rows, () =>
          index.search(queries, { k }),
        ),
        close: async () => index.dispose(),
      });
    }
  }
  return sides;
}

function ourSide(
  name: string,
  precision: Precision,
  threads: number,
  queries: number,
  search: () => Promise<Neighbors>,
): OurSide {
  return {
    name,
    precision,
    threads,
    queries,
    search,
    run: async () => {
      const begin = performance.now();
      const { ids } = await search();
      return { milliseconds: performance.now() - begin, values: ids };
    },
    close: async () => undefined,
  };
}

/** Our indexes and faiss, asked for one query at a time; by one thread and by two. */
export async function latencySides(
  { queries, database, k }: ExactTask,
  peer: PythonProcess | undefined,
): Promise<LatencySide[]> {
  const sides: LatencySide[] = [];
  for (const count of [1, threads]) {
    for (const engine of engines) {
      const index = await createExactIndex(database, { engine, threads: count });
      sides.push({
        name: `lmk createExactIndex, ${engine}`,
        threads: count,
        latencies: async (places) => {
          const times: number[] = [];
          for (const place of places) {
            const query = rowOf(queries, place);
            const begin = performance.now();
            await index.search(query, { k });
            times.push(performance.now() - begin);
          }
          return times;
        },
        close: async () => index.dispose(),
      });
    }
    if (peer === undefined) continue;
    sides.push({
      name: "faiss IndexFlatIP",
      threads: count,
      latencies: async (places) => {
        const request = { single: "faiss IndexFlatIP", threads: count, queries: places };
        return (await peer.ask<{ milliseconds: number[] }>(request)).milliseconds;
      },
      close: async () => undefined,
    });
  }
  return sides;
}

function rowOf({ data, columns }: Matrix, row: number): Matrix {
  return { data: data.slice(row * columns, (row + 1) * columns), rows: 1, columns };
}
