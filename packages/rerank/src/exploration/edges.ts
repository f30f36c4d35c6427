// The published program makes its graph symmetric with a slip: it stores each reverse edge of a node under that node's
// own key, so that only the last one stays. "egt-jar" does the same.
import type { Neighbors } from "../matrix.ts";

/** Which reverse edges join those of the lists. */
export type ReverseEdges = "none" | "max" | "egt-jar";

/**
 * Weighted edges by the node they leave. Nodes are the database rows, then the queries; edges of node `i` go from
 * `starts[i]` to `starts[i + 1]`, in the order in which they are followed.
 */
export interface Edges {
  readonly starts: Int32Array;
  readonly ids: Int32Array;
  readonly weights: Float32Array;
  readonly databaseRows: number;
}

/** What edges are made of. */
export interface EdgeOptions {
  readonly neighborCount: number;
  readonly symmetrize: ReverseEdges;
  /** Whether reverse edges lead to queries too. */
  readonly reachQueries: boolean;
  readonly weightDecimals: number | undefined;
  /** Weights below are raised to it. */
  readonly leastWeight: number;
}

/** Refuses more edges than 32 bits count. */
export function requireEdgeCount(
  caller: string,
  neighbors: Pick<Neighbors, "rows" | "k">,
  graph: Pick<Neighbors, "rows" | "k">,
  { neighborCount, symmetrize }: EdgeOptions,
): void {
  const directed =
    graph.rows * Math.min(neighborCount, graph.k) + neighbors.rows * Math.min(neighborCount, neighbors.k);
  const most = symmetrize === "none" ? directed : 2 * directed;
  if (most < 2 ** 31) return;
  throw new RangeError(
    `${caller}: expected fewer than ${2 ** 31} edges, got up to ${most}; lower \`neighborCount\``,
  );
}

/** Bytes that {@link createEdges} takes at most, its result included. */
export function edgeBytes(neighbors: Neighbors, graph: Neighbors, options: EdgeOptions): number {
  const { neighborCount, symmetrize, reachQueries } = options;
  const nodes = graph.rows + neighbors.rows;
  const ofDatabase = graph.rows * Math.min(neighborCount, graph.k);
  const ofQueries = neighbors.rows * Math.min(neighborCount, neighbors.k);
  const directed = 8 * (ofDatabase + ofQueries) + 4 * (nodes + 1);
  if (symmetrize === "none") return directed;
  if (symmetrize === "egt-jar") return 2 * directed + 24 * nodes;
  return 2 * directed + 16 * (ofDatabase + (reachQueries ? ofQueries : 0)) + 24 * nodes;
}

/** The edges of both tables: lists without the node itself, cut to `neighborCount`, with the reverse edges asked for. */
export function createEdges(neighbors: Neighbors, graph: Neighbors, options: EdgeOptions): Edges {
  const edges = directedEdges(neighbors, graph, options);
  if (options.symmetrize === "egt-jar") return withLastReverseEdge(edges, options.reachQueries);
  if (options.symmetrize === "max") return withReverseEdges(edges, options.reachQueries);
  return edges;
}

function directedEdges(neighbors: Neighbors, graph: Neighbors, options: EdgeOptions): Edges {
  const { neighborCount, weightDecimals, leastWeight } = options;
  const databaseRows = graph.rows;
  const nodes = databaseRows + neighbors.rows;
  const starts = new Int32Array(nodes + 1);
  const capacity =
    databaseRows * Math.min(neighborCount, graph.k) + neighbors.rows * Math.min(neighborCount, neighbors.k);
  const ids = new Int32Array(capacity);
  const weights = new Float32Array(capacity);
  const scale = weightDecimals === undefined ? 0 : 10 ** weightDecimals;
  let count = 0;
  for (let node = 0; node < nodes; node++) {
    const table = node < databaseRows ? graph : neighbors;
    const self = node < databaseRows ? node : -1;
    const start = (node < databaseRows ? node : node - databaseRows) * table.k;
    const most = starts[node]! + neighborCount;
    for (let at = start; at < start + table.k && count < most; at++) {
      const id = table.ids[at]!;
      if (id < 0 || id === self) continue;
      let weight = table.scores[at]!;
      if (scale > 0) weight = Math.round(weight * scale) / scale;
      ids[count] = id;
      weights[count] = Math.max(weight, leastWeight);
      count += 1;
    }
    starts[node + 1] = count;
  }
  return { starts, ids: ids.subarray(0, count), weights: weights.subarray(0, count), databaseRows };
}

/** Nodes in the order of the program's files: queries first. */
function sourceAt(order: number, edges: Edges): number {
  const queries = edges.starts.length - 1 - edges.databaseRows;
  return order < queries ? edges.databaseRows + order : order - queries;
}

/** Each database row gets one reverse edge at its end, to the last node that points at it. */
function withLastReverseEdge(edges: Edges, reachQueries: boolean): Edges {
  const { starts, ids, weights, databaseRows } = edges;
  const nodes = starts.length - 1;
  const lastSource = new Int32Array(databaseRows).fill(-1);
  const lastWeight = new Float64Array(databaseRows);
  for (let order = reachQueries ? 0 : nodes - databaseRows; order < nodes; order++) {
    const source = sourceAt(order, edges);
    for (let at = starts[source]!; at < starts[source + 1]!; at++) {
      lastSource[ids[at]!] = source;
      lastWeight[ids[at]!] = weights[at]!;
    }
  }
  const joinedStarts = new Int32Array(nodes + 1);
  const joinedIds = new Int32Array(ids.length + databaseRows);
  const joinedWeights = new Float32Array(ids.length + databaseRows);
  let count = 0;
  for (let node = 0; node < nodes; node++) {
    const source = node < databaseRows ? lastSource[node]! : -1;
    let weight = source < 0 ? 0 : lastWeight[node]!;
    for (let at = starts[node]!; at < starts[node + 1]!; at++) {
      joinedIds[count] = ids[at]!;
      joinedWeights[count] = weights[at]!;
      if (ids[at] === source) weight = Math.max(weight, weights[at]!);
      count += 1;
    }
    if (source >= 0) {
      joinedIds[count] = source;
      joinedWeights[count] = weight;
      count += 1;
    }
    joinedStarts[node + 1] = count;
  }
  return {
    starts: joinedStarts,
    ids: joinedIds.subarray(0, count),
    weights: joinedWeights.subarray(0, count),
    databaseRows,
  };
}

/** Each edge gets its reverse, of the larger weight where both exist; new ones behind those of the list. */
function withReverseEdges(edges: Edges, reachQueries: boolean): Edges {
  const { starts, ids, weights, databaseRows } = edges;
  const nodes = starts.length - 1;
  const firstOrder = reachQueries ? 0 : nodes - databaseRows;
  const incoming = new Float64Array(databaseRows + 1);
  for (let order = firstOrder; order < nodes; order++) {
    const source = sourceAt(order, edges);
    for (let at = starts[source]!; at < starts[source + 1]!; at++) incoming[ids[at]! + 1]!++;
  }
  for (let node = 0; node < databaseRows; node++) incoming[node + 1]! += incoming[node]!;
  const next = incoming.slice();
  const sources = new Int32Array(incoming[databaseRows]!);
  const sourceWeights = new Float32Array(sources.length);
  for (let order = firstOrder; order < nodes; order++) {
    const source = sourceAt(order, edges);
    for (let at = starts[source]!; at < starts[source + 1]!; at++) {
      const to = next[ids[at]!]!++;
      sources[to] = source;
      sourceWeights[to] = weights[at]!;
    }
  }

  const joinedStarts = new Int32Array(nodes + 1);
  const joinedIds = new Int32Array(ids.length + sources.length);
  const joinedWeights = new Float32Array(joinedIds.length);
  const positions = new Float64Array(nodes).fill(-1);
  let count = 0;
  for (let node = 0; node < nodes; node++) {
    const first = count;
    for (let at = starts[node]!; at < starts[node + 1]!; at++) {
      positions[ids[at]!] = count;
      joinedIds[count] = ids[at]!;
      joinedWeights[count] = weights[at]!;
      count += 1;
    }
    const end = node < databaseRows ? incoming[node + 1]! : 0;
    for (let at = node < databaseRows ? incoming[node]! : 0; at < end; at++) {
      const position = positions[sources[at]!]!;
      if (position >= 0) {
        joinedWeights[position] = Math.max(joinedWeights[position]!, sourceWeights[at]!);
        continue;
      }
      joinedIds[count] = sources[at]!;
      joinedWeights[count] = sourceWeights[at]!;
      count += 1;
    }
    for (let at = first; at < count; at++) positions[joinedIds[at]!] = -1;
    joinedStarts[node + 1] = count;
  }
  return {
    starts: joinedStarts,
    ids: joinedIds.subarray(0, count),
    weights: joinedWeights.subarray(0, count),
    databaseRows,
  };
}
