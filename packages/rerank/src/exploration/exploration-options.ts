import type { Neighbors } from "../matrix.ts";
import { requireFiniteScores, requireNeighbors, requireOneOf, requirePositiveInteger } from "../require.ts";
import type { ReverseEdges } from "./edges.ts";

/** Options of both kinds of explore-exploit traversal. */
export interface ExplorationOptions {
  /**
   * Length of the lists that come back; `p` in the paper, which uses up to 1000.
   *
   * @defaultValue `neighbors.k`
   */
  readonly k?: number;
  /**
   * Edges heavier than this are followed before new ones are looked for. Compared with weights as a float32. Infinity
   * follows one edge at a time.
   *
   * @defaultValue 0.42, as in the demo of the published program; it belongs to the cosines of one network, so choose it
   * by the weights of your own edges
   */
  readonly threshold?: number;
  /**
   * How many of a row's nearest rows its edges lead to, the row itself not counted; 1 or more. Of shorter lists, all.
   *
   * @defaultValue all
   */
  readonly neighborCount?: number;
  /**
   * `"none"`: edges lead from a row to its list only. `"max"`: in both directions, with the larger of two weights.
   * `"egt-jar"`: as the published program, which meant the latter, but gives each row one reverse edge only, to the
   * last row whose list it is in.
   *
   * @defaultValue `"none"`, in `rerankBySemiSupervisedEgt` `"max"`, without which it is no other method
   */
  readonly symmetrize?: ReverseEdges;
  /**
   * Decimals that weights are rounded to, halves up: 3 in the files of the published program, which makes many equal.
   * From 0 to 6.
   *
   * @defaultValue not rounded
   */
  readonly weightDecimals?: number;
}

/** Checks the arguments that both kinds share. */
export function requireExploration(
  caller: string,
  neighbors: Neighbors,
  graph: Neighbors,
  options: ExplorationOptions,
): void {
  const {
    k = neighbors.k,
    threshold = 0,
    neighborCount = 1,
    symmetrize = "none",
    weightDecimals = 0,
  } = options;
  requireNeighbors(caller, neighbors, graph.rows);
  requireFiniteScores(caller, "neighbors", neighbors);
  requireNeighbors(caller, graph, graph.rows, "graph");
  requireFiniteScores(caller, "graph", graph);
  requirePositiveInteger(caller, "k", k);
  if (Number.isNaN(threshold)) {
    throw new RangeError(`${caller}: expected \`threshold\` to be a number, got NaN`);
  }
  requirePositiveInteger(caller, "neighborCount", neighborCount);
  requireOneOf(caller, "symmetrize", symmetrize, ["none", "max", "egt-jar"]);
  if (!Number.isInteger(weightDecimals) || weightDecimals < 0 || weightDecimals > 6) {
    throw new RangeError(`${caller}: expected \`weightDecimals\` to be from 0 to 6, got ${weightDecimals}`);
  }
}
