import type { Metric } from "../matrix.ts";
import type { AllowedIds, Graph } from "./graph.ts";
import type { GraphRequest, OpenRequest } from "./graph-messages.ts";
import { createHnswlibGraph, type HnswlibModule } from "./hnswlib-graph.ts";
import { IdTable } from "./id-table.ts";
import { createUsearchGraph, type UsearchModule } from "./usearch-graph.ts";

/** What a request is answered with, and which buffers are moved rather than copied. */
export interface GraphAnswer {
  readonly value?: unknown;
  readonly transfer?: readonly ArrayBufferLike[];
}

interface OpenSearch {
  readonly k: number;
  readonly ef: number;
  readonly allowed: AllowedIds | undefined;
}

const done: GraphAnswer = {};

/** Holds one graph and does what its owner asks, one request at a time. */
export function createGraphServer(): (request: GraphRequest) => GraphAnswer | Promise<GraphAnswer> {
  let graph: Graph;
  let rebuilt: Graph | undefined;
  let makeEmpty: () => Graph;
  let dimension = 0;
  let metric: Metric = "dot";
  const table = new IdTable();
  const searches = new Map<number, OpenSearch>();

  async function open(request: OpenRequest): Promise<GraphAnswer> {
    const { url, folder, settings, threads, capacity, file } = request;
    // A script run from a text has the folder ".", from which usearch's ES module would look upwards without end.
    (globalThis as { __dirname?: string }).__dirname = folder;
    const loaded = (await import(url)) as { readonly default: HnswlibModule & UsearchModule };
    const make = (rows: number, path?: string): Graph =>
      settings.library === "hnswlib"
        ? createHnswlibGraph(loaded.default, settings, rows, path)
        : createUsearchGraph(loaded.default, settings, threads, path);
    ({ dimension, metric } = settings);
    makeEmpty = () => make(Math.max(capacity, table.count));
    graph = make(capacity, file.path);
    if (file.path !== undefined) table.insert(graph.ids(file.end));
    table.removeRanges(file.removed, file.end);
    const value = table.ids();
    return { value, transfer: [value.buffer] };
  }

  function search(key: number, queries: Float32Array): GraphAnswer {
    scaleRows(queries, dimension, metric);
    const query = { queries, rows: queries.length / dimension, table, ...searches.get(key)! };
    const { ids, scores } = graph.search(query);
    return { value: { ids, scores }, transfer: [ids.buffer, scores.buffer] };
  }

  return (request) => {
    switch (request.kind) {
      case "open":
        return open(request);
      case "add":
        scaleRows(request.rows, dimension, metric);
        graph.add(request.ids, request.rows);
        table.insert(request.ids);
        return done;
      case "remove":
        graph.remove(request.ids);
        table.remove(request.ids);
        return done;
      case "beginSearch": {
        const { k, ef, bitmap } = request;
        searches.set(request.search, { k, ef, allowed: bitmap && countAllowed(bitmap, table) });
        return done;
      }
      case "search":
        return search(request.search, request.queries);
      case "endSearch":
        searches.delete(request.search);
        return done;
      case "save":
        graph.save(request.path);
        return done;
      case "beginRebuild":
        rebuilt = makeEmpty();
        return done;
      case "rebuild": {
        const rows = request.rows ?? rowsOf(graph, request.ids, dimension);
        scaleRows(rows, dimension, metric);
        rebuilt!.add(request.ids, rows);
        return done;
      }
      case "endRebuild":
        if (request.keep) graph = rebuilt!;
        rebuilt = undefined;
        return done;
    }
  };
}

/** Scales rows to length 1 where only their direction counts: in double precision, which no length overflows. */
function scaleRows(rows: Float32Array, dimension: number, metric: Metric): void {
  if (metric !== "cosine") return;
  for (let start = 0; start < rows.length; start += dimension) {
    const length = rowLength(rows, start, dimension);
    for (let i = start; i < start + dimension; i++) rows[i] = rows[i]! / length;
  }
}

function rowLength(rows: Float32Array, start: number, dimension: number): number {
  let square = 0;
  for (let i = start; i < start + dimension; i++) square += rows[i]! * rows[i]!;
  return Math.sqrt(square);
}

function rowsOf(graph: Graph, ids: Int32Array, dimension: number): Float32Array {
  const rows = new Float32Array(ids.length * dimension);
  for (let row = 0; row < ids.length; row++) rows.set(graph.row(ids[row]!)!, row * dimension);
  return rows;
}

function countAllowed(bitmap: Uint8Array, table: IdTable): AllowedIds {
  let count = 0;
  for (let id = 0; id < bitmap.length; id++) if (bitmap[id] === 1 && table.has(id)) count += 1;
  return { bitmap, count };
}
