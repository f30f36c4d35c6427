import { DataFormatError, readLabelledPathsCsv } from "@lmk/data";
import { type Matrix, normalizeRows } from "@lmk/index";
import { readNpy } from "@lmk/index/npy";
import { createRandom } from "../measure/random.ts";
import type { RetrievalProblem, RetrievalSet } from "./retrieval-set.ts";

/** Which rows are searched for in which. */
export type Protocol = "folds" | "leave-one-out";

/** Embeddings with what each shows. */
export interface LabelledEmbeddings {
  readonly vectors: Matrix;
  /** What each row shows, as text up to a colon for its part of the set. */
  readonly places: readonly string[];
  /** `query`, `gallery` or `both`; rows of another role are left out. */
  readonly roles: readonly string[];
}

/** What {@link readEmbeddings} reads. */
export interface EmbeddingFiles {
  /** A `.npy` file. */
  readonly vectors: string;
  /** A CSV file with the columns id, place and, where rows differ in it, role; in the order of the vectors. */
  readonly labels: string;
  /** Whether columns are brought to mean 0 and standard deviation 1 first, over all rows. */
  readonly standardize: boolean;
}

const foldCount = 5;
const seed = 1;

/** Reads embeddings; rows come back with length 1. */
export async function readEmbeddings(files: EmbeddingFiles): Promise<LabelledEmbeddings> {
  const raw = await readNpy(files.vectors);
  const placed = await readLabelledPathsCsv(files.labels, { pathColumn: "id", labelColumn: "place" });
  const places = Array.from(placed.landmarkIds, (id) => placed.labels[id]!);
  if (places.length !== raw.rows)
    throw new Error(
      `expected ${files.labels} to have ${raw.rows} rows like ${files.vectors}, got ${places.length}`,
    );
  const roles = await readRoles(files.labels, places.length);
  return { vectors: normalizeRows(files.standardize ? standardizeColumns(raw) : raw), places, roles };
}

async function readRoles(file: string, rows: number): Promise<string[]> {
  try {
    const { landmarkIds, labels } = await readLabelledPathsCsv(file, {
      pathColumn: "id",
      labelColumn: "role",
    });
    return Array.from(landmarkIds, (id) => labels[id]!);
  } catch (error) {
    if (error instanceof DataFormatError && error.code === "bad-header") return Array(rows).fill("both");
    throw error;
  }
}

/** Each column less its mean, over its standard deviation; a column of equal numbers becomes 0. */
export function standardizeColumns({ data, rows, columns }: Matrix): Matrix {
  const scaled = new Float32Array(data.length);
  for (let column = 0; column < columns; column++) {
    let mean = 0;
    for (let row = 0; row < rows; row++) mean += data[row * columns + column]! / rows;
    let squares = 0;
    for (let row = 0; row < rows; row++) squares += (data[row * columns + column]! - mean) ** 2;
    const deviation = Math.sqrt(squares / rows);
    if (deviation === 0) continue;
    for (let i = column; i < data.length; i += columns) scaled[i] = (data[i]! - mean) / deviation;
  }
  return { data: scaled, rows, columns };
}

/**
 * Makes problems of labelled embeddings.
 *
 * - `folds`: rows of role `both` are dealt into five parts, place by place. Each part is once searched for in three
 *   others, and the fourth is the labelled training set. Rows of role `query` are dealt to the parts too; those
 *   of role `gallery` are in every database.
 * - `leave-one-out`: rows of role `both` and `query` are searched for among those of role `both` and `gallery`, where
 *   the row itself does not count. There is no training set, and graphs of queries and database hold a row of role
 *   `both` twice.
 */
export function embeddingsSet(
  name: string,
  embeddings: LabelledEmbeddings,
  protocol: Protocol,
): RetrievalSet {
  const { vectors, roles } = embeddings;
  const all = Int32Array.from({ length: vectors.rows }, (_, row) => row);
  if (protocol === "leave-one-out") {
    const queries = all.filter((row) => roles[row] === "both" || roles[row] === "query");
    const database = all.filter((row) => roles[row] === "both" || roles[row] === "gallery");
    const description = `Leave one out: each query among the ${database.length} rows that may be found, but itself; no training set.`;
    return { name, description, problems: [problemOf(embeddings, queries, database, undefined, true)] };
  }
  const parts = dealParts(embeddings);
  const problems = Array.from({ length: foldCount }, (_, fold) => {
    const trainFold = (fold + 1) % foldCount;
    const isShared = (row: number) => roles[row] === "both";
    const queries = all.filter((row) => parts[row] === fold);
    const train = all.filter((row) => isShared(row) && parts[row] === trainFold);
    const database = all.filter(
      (row) => roles[row] === "gallery" || (isShared(row) && parts[row] !== fold && parts[row] !== trainFold),
    );
    return problemOf(embeddings, queries, database, train, false);
  });
  const sizes = problems.map(({ queries, database, train }) => [
    queries.rows,
    database.rows,
    train?.vectors.rows,
  ]);
  const description = `${foldCount} folds, dealt place by place: each row that may be both is a query once, a labelled training row once and a database row thrice; queries, database and training rows of the first fold: ${sizes[0]!.join(", ")}.`;
  return { name, description, problems };
}

/** The part of each row that is dealt: shuffled within its place, then in turns. */
function dealParts({ places, roles }: LabelledEmbeddings): Int32Array {
  const random = createRandom(seed);
  const drawn = places.map((place, row) => ({ place, row, chance: random() }));
  const sorted = drawn
    .filter(({ row }) => roles[row] === "both" || roles[row] === "query")
    .toSorted((a, b) => (a.place < b.place ? -1 : Number(a.place > b.place)) || a.chance - b.chance);
  const parts = new Int32Array(places.length).fill(-1);
  for (const [i, { row }] of sorted.entries()) parts[row] = i % foldCount;
  return parts;
}

function problemOf(
  { vectors, places }: LabelledEmbeddings,
  queries: Int32Array,
  database: Int32Array,
  train: Int32Array | undefined,
  isLeaveOneOut: boolean,
): RetrievalProblem {
  const labelOf = new Map([...new Set(places)].map((place, label) => [place, label]));
  return {
    queries: takeRows(vectors, queries),
    database: takeRows(vectors, database),
    relevant: Array.from(queries, (query) =>
      Int32Array.from(database.keys()).filter(
        (i) => places[database[i]!] === places[query] && !(isLeaveOneOut && database[i] === query),
      ),
    ),
    groups: Array.from(queries, (query) => places[query]!.split(":")[0]!),
    train:
      train === undefined || train.length === 0
        ? undefined
        : { vectors: takeRows(vectors, train), labels: train.map((row) => labelOf.get(places[row]!)!) },
    own: isLeaveOneOut ? queries.map((row) => database.indexOf(row)) : undefined,
  };
}

function takeRows({ data, columns }: Matrix, rows: Int32Array): Matrix {
  const taken = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries()) {
    taken.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  return { data: taken, rows: rows.length, columns };
}
