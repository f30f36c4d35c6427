import type { Names } from "@lmk/data";
import { type CompletedStage, type PreparedData, UserError, usableRows } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import { trainingList } from "./lists/training-lists.ts";
import type { SystemData } from "./system.ts";

/** What is searched for, what it is searched in, and the labelled images that vote; rows of embeddings are places here. */
export interface Searched {
  readonly prepared: PreparedData;
  /** The row in `test` of each query that can be read, ascending. */
  readonly queries: Int32Array;
  /** The row in `index` of each searched image that can be read, ascending. */
  readonly images: Int32Array;
  readonly references: References;
}

/** Labelled images; each column has a value for each of them. */
export interface References {
  /** Tells lists of one data set apart. */
  readonly name: string;
  /** The stage that measured their images. */
  readonly stage: CompletedStage;
  /** The files of the list that they are of. */
  readonly paths: Names;
  /** The row in the list, ascending. */
  readonly rows: Int32Array;
  readonly classes: Int32Array;
  /** The number of the country. */
  readonly countries: Int32Array;
  /** How many of them, the first ones, are train images. */
  readonly trainCount: number;
}

/** Labelled images that vote: train images alone, or labelled index images too. */
export type ReferenceSet = Config["search"]["references"];

/**
 * What is searched of a data set: the queries and the images of its validation set, and the references of a list. Images
 * that cannot be read are left out.
 */
export function searchedOf(data: SystemData, list: ReferenceSet): Searched {
  const { prepared, expand } = data;
  return {
    prepared,
    queries: readable(prepared, "test", expand.queries),
    images: readable(prepared, "index", expand.images),
    references: referencesOf(data, list),
  };
}

/** The references of a list: its rows with a landmark whose image can be read. */
function referencesOf({ prepared, sources, countries }: SystemData, name: ReferenceSet): References {
  const { set, list } = trainingList(name, sources);
  const widths = [prepared.sizes.train.widths, prepared.sizes.index.widths];
  const rows = Int32Array.from(set.classIds.keys()).filter(
    (row) => set.classIds[row]! >= 0 && widths[set.tables[row]!]![set.rows[row]!]! > 0,
  );
  if (rows.length === 0) {
    throw new UserError(`${name}: expected labelled images that can be read, got none; check --data`);
  }
  const classes = rows.map((row) => set.classIds[row]!);
  return {
    name,
    stage: prepared.stage,
    paths: list.paths,
    rows,
    classes,
    countries: classes.map((classId) => countries.numbers[classId]!),
    trainCount: rows.reduce((count, row) => count + (set.tables[row] === 0 ? 1 : 0), 0),
  };
}

function readable(prepared: PreparedData, split: "test" | "index", wanted: Int32Array): Int32Array {
  const known = new Set(wanted);
  return usableRows(prepared, split).filter((row) => known.has(row));
}
