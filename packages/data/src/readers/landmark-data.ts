import type { ImageIds, Names } from "./image-ids.ts";

/** The three parts of a landmark data set. */
export type Split = "train" | "index" | "test";

/** Which leaderboard a query counts for; ignored queries count for none. */
export type Usage = "Public" | "Private" | "Ignored";

/** The images of one split, by row. */
export interface ImageTable {
  /** The id of each row, as submissions name it. */
  readonly ids: ImageIds;
  /** The file of each row. */
  readonly paths: Names;
}

/** Images whose landmark is known. */
export interface LabelledImageTable extends ImageTable {
  /** The landmark of each row, an integer of at least 0. */
  readonly landmarkIds: Int32Array;
}

/** What a retrieval run is measured against. */
export interface RetrievalSolution {
  /** For each query its row in `test`. */
  readonly queries: Int32Array;
  /** For each query its leaderboard. */
  readonly usages: readonly Usage[];
  /** For each query the rows of `index` that show the same landmark; empty for ignored queries. */
  readonly relevant: readonly Int32Array[];
}

/** What a recognition run is measured against. */
export interface RecognitionSolution {
  /** For each query its row in `test`. */
  readonly queries: Int32Array;
  /** For each query its leaderboard. */
  readonly usages: readonly Usage[];
  /** For each query its landmarks; empty where it shows none, and for ignored queries. */
  readonly landmarkIds: readonly Int32Array[];
}

/**
 * A landmark data set, whatever it was read from: labelled images to train on, an index to search, and
 * test images to search for, with what is right.
 */
export interface LandmarkData {
  readonly train: LabelledImageTable;
  readonly index: ImageTable;
  readonly test: ImageTable;
  /** The rows of `train` on the cleaned list, ascending; `undefined` where the data has no such list. */
  readonly clean: Int32Array | undefined;
  /** `undefined` where the data has no retrieval solution. */
  readonly retrieval: RetrievalSolution | undefined;
  /** `undefined` where the data has no recognition solution. */
  readonly recognition: RecognitionSolution | undefined;
  /** The landmarks whose names are known. */
  readonly landmarkNames: ReadonlyMap<number, string>;
}
