import type { Neighbors } from "@lmk/index";
import { type CompletedStage, readLists } from "@lmk-example/kit";
import { namedIds, renumbered } from "./neighbor-rows.ts";

/** The references that queries have found, and those around each of them. */
export interface FoundGraph {
  readonly near: Neighbors;
  readonly around: Neighbors;
  /** The row in `around` of each reference of `near`. */
  readonly rowOf: ReadonlyMap<number, number>;
}

/** Reads the references of all queries, and the graph of these. */
export async function readFoundGraph(found: CompletedStage, graph: CompletedStage): Promise<FoundGraph> {
  const [near, around] = await Promise.all([readLists(found), readLists(graph)]);
  return { near, around, rowOf: new Map(Array.from(namedIds(near), (id, row) => [id, row])) };
}

/** References that some queries need, and their lists by the places of these. */
export interface LocalGraph {
  /** The references, ascending. */
  readonly ids: Int32Array;
  readonly neighbors: Neighbors;
  /** For each of `ids` its nearest references; empty lists for those that are only found by others. */
  readonly graph: Neighbors;
}

/**
 * The part of a graph that some queries need.
 *
 * @param neighbors - References of the queries.
 * @param graph - The nearest references of each of those that any query has found.
 * @param rowOf - Their rows in it.
 */
export function localGraph(
  neighbors: Neighbors,
  graph: Neighbors,
  rowOf: ReadonlyMap<number, number>,
): LocalGraph {
  const { k } = graph;
  const found = namedIds(neighbors);
  const listOf = (id: number): Int32Array => {
    const row = rowOf.get(id)!;
    return graph.ids.subarray(row * k, (row + 1) * k);
  };
  const ids = namedIds({ ids: Int32Array.from(joined(found, listOf)) });
  const places = new Map(Array.from(ids, (id, place) => [id, place]));
  const local = new Int32Array(ids.length * k).fill(-1);
  const scores = new Float32Array(ids.length * k).fill(-Infinity);
  for (const id of found) {
    const at = places.get(id)! * k;
    local.set(
      listOf(id).map((one) => places.get(one) ?? -1),
      at,
    );
    const row = rowOf.get(id)!;
    scores.set(graph.scores.subarray(row * k, (row + 1) * k), at);
  }
  return { ids, neighbors: renumbered(neighbors, ids), graph: { ids: local, scores, rows: ids.length, k } };
}

function* joined(found: Int32Array, listOf: (id: number) => Int32Array): Generator<number> {
  for (const id of found) {
    yield id;
    yield* listOf(id);
  }
}
