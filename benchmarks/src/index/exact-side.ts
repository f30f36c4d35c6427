import type { Matrix } from "@lmk/index";
import type { Peer } from "../measure/peer.ts";

/** What is searched. */
export interface ExactTask {
  readonly queries: Matrix;
  readonly database: Matrix;
  readonly k: number;
}

/** How a side holds the numbers of the database. */
export type Precision = "float32" | "float16" | "int8";

/** A side of the comparison; its values are the ids it found. */
export interface ExactSide extends Peer {
  readonly precision: Precision;
  readonly threads: number;
  /** How many of the queries it searches for: all, or the first tenth if it is slow. */
  readonly queries: number;
}

/** The queries of a side that needs too long for all. */
export function fewQueries(queries: number): number {
  return Math.ceil(queries / 10);
}
