import type { Matrix } from "@lmk/index";
import type { PythonProcess } from "../measure/python-process.ts";
import { threads } from "../measure/settings.ts";
import { type ExactSide, type ExactTask, fewQueries, type Precision } from "./exact-side.ts";
import { loadHnswlibNode, loadUsearch } from "./native-libraries.ts";

/** Libraries of JavaScript that search exactly, as far as they are installed. */
export function librarySides({ queries: all, database, k }: ExactTask): ExactSide[] {
  const count = fewQueries(all.rows);
  const queries = { ...all, data: all.data.subarray(0, count * all.columns), rows: count };
  const usearch = loadUsearch();
  const hnswlib = loadHnswlibNode();
  const sides: ExactSide[] = [];
  if (usearch !== undefined) {
    const { columns } = queries;
    sides.push(
      librarySide("usearch exactSearch", threads, count, () => {
        const { keys } = usearch.exactSearch(database.data, queries.data, columns, k, "ip", threads);
        return () => Int32Array.from(keys, Number);
      }),
    );
  }
  if (hnswlib !== undefined) {
    const index = new hnswlib.BruteforceSearch("ip", database.columns);
    index.initIndex(database.rows);
    for (let row = 0; row < database.rows; row++) index.addPoint(numbersOf(database, row), row);
    const points = Array.from({ length: queries.rows }, (_, row) => numbersOf(queries, row));
    sides.push(
      librarySide("hnswlib-node BruteforceSearch", 1, count, () => {
        const found = points.map((point) => index.searchKnn(point, k).neighbors);
        return () => Int32Array.from(found.flat());
      }),
    );
  }
  return sides;
}

/** `search` gives what makes ids of its results, which is not timed. */
function librarySide(
  name: string,
  threads: number,
  queries: number,
  search: () => () => Int32Array,
): ExactSide {
  return {
    name,
    precision: "float32",
    threads,
    queries,
    run: async () => {
      const begin = performance.now();
      const idsOf = search();
      return { milliseconds: performance.now() - begin, values: idsOf() };
    },
    close: async () => undefined,
  };
}

function numbersOf({ data, columns }: Matrix, row: number): number[] {
  return Array.from(data.subarray(row * columns, (row + 1) * columns));
}

/** What the Python peer runs, and in which precision. */
export const pythonSideNames: Readonly<Record<string, Precision>> = {
  "faiss IndexFlatIP": "float32",
  numpy: "float32",
  "usearch, Python": "float32",
  "faiss SQfp16": "float16",
  "faiss SQ8": "int8",
};

const slowPythonSides: readonly string[] = ["usearch, Python", "faiss SQfp16", "faiss SQ8"];

/** The searches of a Python process. */
export function pythonSides(peer: PythonProcess, queries: number): ExactSide[] {
  return Object.entries(pythonSideNames).map(([name, precision]) => {
    const count = slowPythonSides.includes(name) ? fewQueries(queries) : queries;
    return {
      name,
      precision,
      threads,
      queries: count,
      run: () => peer.run({ run: name, queries: count }),
      close: async () => undefined,
    };
  });
}
