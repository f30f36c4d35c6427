import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  exactSearchAsync,
  knnGraph,
  knnGraphAsync,
  type Matrix,
  type Neighbors,
  stackRows,
} from "@lmk/index";
import { createClusteredVectors } from "../index/clustered-vectors.ts";
import { threads } from "../measure/settings.ts";
import { leastSimilarities, type Pool } from "./pool.ts";

/** Sizes of a set of clustered vectors. */
export interface SetSize {
  readonly rows: number;
  readonly columns: number;
  readonly queries: number;
  /** Rows found for each query. */
  readonly depth: number;
  /** Neighbors of each row. */
  readonly neighborCount: number;
}

/** Up to here graphs are exact; of more rows they would take longer than what is measured. */
const mostExactRows = 150_000;

/** Cells that a larger set is cut into. */
const cellCount = 1024;

const seed = 1;

/** Makes a set and writes it, so that processes of their own can read it without what made it. */
export async function writeSet(folder: string, size: SetSize): Promise<void> {
  const vectors = createClusteredVectors({ columns: size.columns, seed });
  const queries = vectors.queries(size.queries);
  const database = vectors.rows({ rows: size.rows });
  const pool = stackRows([queries, database]);
  const depth = Math.min(size.depth, size.rows);
  const k = Math.min(size.neighborCount, size.rows - 1);
  write(folder, "queries", queries.data);
  write(folder, "database", database.data);
  writeNeighbors(folder, "neighbors", await exactSearchAsync(queries, database, { k: depth, threads }));
  const isExact = size.rows <= mostExactRows;
  const poolGraph = isExact ? await knnGraphAsync(pool, { k, threads }) : await approximateGraph(pool, k);
  writeNeighbors(folder, "pool-graph", poolGraph);
  const least = isExact ? await leastSimilarities(pool) : new Float32Array(pool.rows).fill(-1);
  write(folder, "least", least);
}

/** What {@link writeSet} wrote. */
export function readSet(folder: string, { rows, columns, queries, depth, neighborCount }: SetSize): Pool {
  const k = Math.min(neighborCount, rows - 1);
  const poolGraph = readNeighbors(folder, "pool-graph", queries + rows, k);
  return {
    queries: { data: new Float32Array(read(folder, "queries")), rows: queries, columns },
    database: { data: new Float32Array(read(folder, "database")), rows, columns },
    neighbors: readNeighbors(folder, "neighbors", queries, Math.min(depth, rows)),
    poolGraph,
    graph: databaseGraph(poolGraph, queries),
    leastSimilarities: new Float32Array(read(folder, "least")),
  };
}

/** The graph of the database rows, from that of queries and database: queries drop out of its lists. */
function databaseGraph({ ids, scores, rows, k }: Neighbors, queries: number): Neighbors {
  const count = rows - queries;
  const graph = {
    ids: new Int32Array(count * k).fill(-1),
    scores: new Float32Array(count * k).fill(-Infinity),
    rows: count,
    k,
  };
  for (let row = 0; row < count; row++) {
    let to = row * k;
    for (let from = (queries + row) * k; from < (queries + row + 1) * k; from++) {
      if (ids[from]! < queries) continue;
      graph.ids[to] = ids[from]! - queries;
      graph.scores[to] = scores[from]!;
      to += 1;
    }
  }
  return graph;
}

/** The nearest rows of each row in its own cell of the space, which are found in a fraction of the time. */
async function approximateGraph(rows: Matrix, k: number): Promise<Neighbors> {
  const { ids } = await exactSearchAsync(rows, everyNth(rows, cellCount), { k: 1, threads });
  const graph = {
    ids: new Int32Array(rows.rows * k).fill(-1),
    scores: new Float32Array(rows.rows * k).fill(Number.NEGATIVE_INFINITY),
    rows: rows.rows,
    k,
  };
  for (const cell of cellsOf(ids, 4 * k)) {
    const found = knnGraph(gatherRows(rows, cell), { k });
    for (const [i, row] of cell.entries()) {
      for (let rank = 0; rank < k; rank++) {
        graph.ids[row * k + rank] = cell[found.ids[i * k + rank]!]!;
        graph.scores[row * k + rank] = found.scores[i * k + rank]!;
      }
    }
  }
  return graph;
}

function everyNth({ data, rows, columns }: Matrix, count: number): Matrix {
  const chosen = Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
  return gatherRows({ data, rows, columns }, Int32Array.from(chosen));
}

function gatherRows({ data, columns }: Matrix, chosen: Int32Array): Matrix {
  const gathered = new Float32Array(chosen.length * columns);
  for (const [i, row] of chosen.entries()) {
    gathered.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  return { data: gathered, rows: chosen.length, columns };
}

/** The rows of each cell; cells of fewer than `least` rows are joined to the next. */
function cellsOf(cellOfRow: Int32Array, least: number): Int32Array[] {
  const members = Array.from({ length: cellCount }, () => [] as number[]);
  for (const [row, cell] of cellOfRow.entries()) members[cell]!.push(row);
  const cells: number[][] = [];
  for (const rows of members) {
    if (cells.length > 0 && cells.at(-1)!.length < least) cells.at(-1)!.push(...rows);
    else cells.push(rows);
  }
  const last = cells.length > 1 && cells.at(-1)!.length < least ? cells.pop()! : [];
  cells.at(-1)!.push(...last);
  return cells.map((rows) => Int32Array.from(rows));
}

function writeNeighbors(folder: string, name: string, { ids, scores }: Neighbors): void {
  write(folder, `${name}-ids`, ids);
  write(folder, `${name}-scores`, scores);
}

function readNeighbors(folder: string, name: string, rows: number, k: number): Neighbors {
  const ids = new Int32Array(read(folder, `${name}-ids`));
  return { ids, scores: new Float32Array(read(folder, `${name}-scores`)), rows, k };
}

function write(folder: string, name: string, numbers: Float32Array | Int32Array): void {
  writeFileSync(join(folder, name), new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
}

function read(folder: string, name: string): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = readFileSync(join(folder, name));
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
