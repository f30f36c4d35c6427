import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Matrix } from "@lmk/index";
import { createHnswIndex, type HnswDtype, type HnswIndex, type HnswLibrary } from "@lmk/index/hnsw";
import type { PeerRun } from "../measure/peer.ts";
import type { PythonProcess } from "../measure/python-process.ts";
import { threads } from "../measure/settings.ts";

/** What graphs are built of, and how. */
export interface HnswTask {
  readonly queries: Matrix;
  readonly database: Matrix;
  readonly k: number;
  readonly m: number;
  readonly efConstruction: number;
}

/** What building took. */
export interface Build {
  readonly milliseconds: number;
  /** The longest time between two turns of a timer of 5 ms of this process; nothing of sides in other processes. */
  readonly stall?: number;
}

/** A library that builds a graph and searches it. */
export interface HnswSide {
  readonly name: string;
  readonly dtype: HnswDtype;
  readonly threads: number;
  /** Builds the graph anew. */
  build(): Promise<Build>;
  /** Searches the graph that was built last; its values are ids. */
  search(ef: number): Promise<PeerRun>;
  close(): Promise<void>;
}

interface Form {
  readonly library: HnswLibrary;
  readonly dtype: HnswDtype;
  readonly threads: number;
}

/** Milliseconds. */
const stallResolution = 5;

/** What is compared; hnswlib-node has one thread. */
const forms: readonly Form[] = [
  { library: "hnswlib", dtype: "float32", threads: 1 },
  { library: "usearch", dtype: "float32", threads: 1 },
  { library: "usearch", dtype: "float32", threads },
  { library: "usearch", dtype: "float16", threads },
  { library: "usearch", dtype: "int8", threads },
];

/** int8 numbers keep directions only. */
const metricOf = (dtype: HnswDtype): "dot" | "cosine" => (dtype === "int8" ? "cosine" : "dot");

/** Graphs of `@lmk/index`, on each library that it works with. */
export function ourHnswSides(task: HnswTask): HnswSide[] {
  return forms.map((form) => ourHnswSide(task, form));
}

function ourHnswSide({ queries, database, k, m, efConstruction }: HnswTask, form: Form): HnswSide {
  let index: HnswIndex | undefined;
  return {
    name: `lmk, ${form.library === "hnswlib" ? "hnswlib-node" : "usearch"}`,
    dtype: form.dtype,
    threads: form.threads,
    build: async () => {
      await index?.dispose();
      // Python's hnswlib is told how many rows will come; usearch takes no such hint.
      const room = form.library === "hnswlib" ? { capacity: database.rows } : {};
      const metric = metricOf(form.dtype);
      const shape = { dimension: database.columns, metric, m, efConstruction };
      index = await createHnswIndex({ ...shape, ...form, ...room });
      const delay = monitorEventLoopDelay({ resolution: stallResolution });
      delay.enable();
      const begin = performance.now();
      await index.add(database);
      const milliseconds = performance.now() - begin;
      delay.disable();
      return { milliseconds, stall: delay.max / 1e6 };
    },
    search: async (ef) => {
      const begin = performance.now();
      const { ids } = await index!.search(queries, { k, ef });
      return { milliseconds: performance.now() - begin, values: ids };
    },
    close: async () => index?.dispose(),
  };
}

/** The same libraries in a Python process; its hnswlib has threads, too. */
export function pythonHnswSides(peer: PythonProcess): HnswSide[] {
  const threaded: Form = { library: "hnswlib", dtype: "float32", threads };
  return [...forms.slice(0, 1), threaded, ...forms.slice(1)].map((form) => {
    const side = { ...form, metric: metricOf(form.dtype) };
    return {
      name: `${form.library}, Python`,
      dtype: form.dtype,
      threads: form.threads,
      build: () => peer.ask<Build>({ ...side, build: true }),
      search: (ef) => peer.run({ ...side, ef }),
      close: async () => undefined,
    };
  });
}
