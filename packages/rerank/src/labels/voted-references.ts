// The second place of 2021 kept this step in its code (category_expansion) and did not submit it.

import { requireUsedRows } from "../expansion/require-expansion.ts";
import type { Matrix, Neighbors } from "../matrix.ts";
import { emptyNeighbors } from "../ranking.ts";
import {
  requireFiniteNumber,
  requireMatrix,
  requireNeighbors,
  requirePositiveInteger,
  requireRows,
} from "../require.ts";
import { runMethod } from "../threads/method.ts";
import { dot } from "../vectors.ts";
import { requireTags } from "./tag-votes.ts";

/** Options of {@link rerankByVotedReferences}. */
export interface RerankByVotedReferencesOptions {
  /** Embeddings of length 1 of labelled images. */
  readonly references: Matrix;
  /** The label of each reference; -1 for none. */
  readonly labels: Int32Array;
  /** For each query its nearest references, best first. */
  readonly referenceNeighbors: Neighbors;
  /**
   * References whose labels count, 1 or more; of shorter lists, all.
   *
   * @defaultValue 3, the number of the second place of 2021
   */
  readonly neighborCount?: number;
  /**
   * Cosine above which an image belongs to a label; finite.
   *
   * @defaultValue 0.6, the number of the second place of 2021
   */
  readonly threshold?: number;
}

/**
 * Puts those retrieved images first that are near to any reference of the labels which a query's nearest references
 * have (category expansion of the second place of 2021); both groups keep their order.
 *
 * Time per query: `neighbors.k` times the number of references of its labels times `columns` multiplications, at most.
 *
 * @param neighbors - Search results of the queries in the index, best first; scores are not read.
 * @param database - Embeddings of length 1 that `neighbors.ids` number.
 * @returns Lists of `neighbors.k`, newly allocated. Scores are no similarities: rank `r`, from 0, has `1 - r / k`.
 * @throws RangeError if shapes do not fit, an id is no row, an image of the lists or a labelled reference has not length
 * 1 within 0.0005, or an option is out of range.
 *
 * @example
 * ```ts
 * import { rerankByVotedReferences } from "@lmk/rerank";
 *
 * const database = { data: Float32Array.of(0.8, 0.6, 0, 1), rows: 2, columns: 2 };
 * const neighbors = { ids: Int32Array.of(0, 1), scores: Float32Array.of(0.8, 0), rows: 1, k: 2 };
 * const references = { data: Float32Array.of(1, 0, 0, 1), rows: 2, columns: 2 };
 *
 * const { ids } = rerankByVotedReferences(neighbors, database, {
 *   references,
 *   labels: Int32Array.of(5, 5),
 *   referenceNeighbors: { ids: Int32Array.of(0), scores: Float32Array.of(1), rows: 1, k: 1 },
 *   neighborCount: 1,
 *   threshold: 0.9,
 * });
 * console.log([...ids]); // => [ 1, 0 ]
 * ```
 */
export function rerankByVotedReferences(
  neighbors: Neighbors,
  database: Matrix,
  options: RerankByVotedReferencesOptions,
): Neighbors {
  const { references, labels, referenceNeighbors, neighborCount = 3, threshold = 0.6 } = options;
  const caller = "rerankByVotedReferences";
  requireMatrix(caller, "database", database);
  requireNeighbors(caller, neighbors, database.rows);
  requireMatrix(caller, "references", references);
  if (references.columns !== database.columns) {
    throw new RangeError(
      `${caller}: expected \`references\` to have ${database.columns} columns like \`database\`, got ${references.columns}`,
    );
  }
  requireRows(caller, "labels", labels.length, references.rows);
  requireTags(caller, "labels", labels);
  requireNeighbors(caller, referenceNeighbors, references.rows, "referenceNeighbors");
  requireRows(caller, "referenceNeighbors", referenceNeighbors.rows, neighbors.rows);
  requirePositiveInteger(caller, "neighborCount", neighborCount);
  requireFiniteNumber(caller, "threshold", threshold);

  const { rows, k } = neighbors;
  const voterCount = Math.min(neighborCount, referenceNeighbors.k);
  const members = membersOf(labels);
  runMethod(requireUsedRows(caller, "database", database, marked(neighbors.ids, database.rows)));
  const labelled = Uint8Array.from(labels, (label) => (label < 0 ? 0 : 1));
  runMethod(requireUsedRows(caller, "references", references, labelled));
  const result = emptyNeighbors(rows, k);
  for (let row = 0; row < rows; row++) {
    const start = row * referenceNeighbors.k;
    const voters = referenceNeighbors.ids.subarray(start, start + voterCount);
    const chosen = new Set(Array.from(voters, (id) => (id < 0 ? -1 : labels[id]!)));
    const near = (id: number): boolean =>
      [...chosen].some((label) => isNear(database, id, references, members.get(label) ?? [], threshold));
    const list = neighbors.ids.subarray(row * k, (row + 1) * k).filter((id) => id >= 0);
    const flags = list.map((id) => (near(id) ? 1 : 0));
    const ordered = [...list.filter((_, i) => flags[i] === 1), ...list.filter((_, i) => flags[i] === 0)];
    for (let rank = 0; rank < ordered.length; rank++) {
      result.ids[row * k + rank] = ordered[rank]!;
      result.scores[row * k + rank] = 1 - rank / k;
    }
  }
  return result;
}

function marked(ids: Int32Array, rows: number): Uint8Array {
  const flags = new Uint8Array(rows);
  for (const id of ids) if (id >= 0) flags[id] = 1;
  return flags;
}

/** The references of each label. */
function membersOf(labels: Int32Array): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    if (labels[row]! < 0) continue;
    const group = members.get(labels[row]!);
    if (group === undefined) members.set(labels[row]!, [row]);
    else group.push(row);
  }
  return members;
}

function isNear(
  database: Matrix,
  id: number,
  references: Matrix,
  members: readonly number[],
  threshold: number,
): boolean {
  const { columns } = database;
  for (const member of members) {
    const cosine = dot(database.data, id * columns, references.data, member * columns, columns);
    if (cosine > threshold) return true;
  }
  return false;
}
