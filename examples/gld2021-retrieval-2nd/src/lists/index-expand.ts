import { expandIndex, type ImageIds, type LandmarkData, type SearchGroundTruth } from "@lmk/data";
import { UserError } from "@lmk-example/kit";

/** The validation set `index_expand`: queries with a landmark, and an index that holds all that is right for them. */
export interface IndexExpand {
  /** For each query its row in `test`. */
  readonly queries: Int32Array;
  /** For each searched image its row in `index`: the images of the contest, then those that were added. */
  readonly images: Int32Array;
  /** How many of them, the last ones, were added. */
  readonly added: number;
  /** For each query the places in `images` that are right. */
  readonly relevant: readonly Int32Array[];
  /** For each query the places in `images` that do not count. */
  readonly ignored: readonly Int32Array[];
}

/** Options of {@link indexExpand}. */
export interface IndexExpandOptions {
  /**
   * The index images of the contest.
   *
   * @defaultValue all of `index`, to which nothing is added
   */
  readonly contest?: ImageIds;
  /**
   * What is right for each query, such as `readSearchGroundTruthPickle` reads it.
   *
   * @defaultValue what the data's solution says: {@link groundTruthOf}
   */
  readonly truth?: SearchGroundTruth;
}

/** What a data set can be validated by. */
type ValidationData = Pick<LandmarkData, "index" | "test" | "retrieval">;

/**
 * Makes the set by which the second place validates. The paper's has 1129 queries, and 78,959 images: the 76,176 index
 * images of the contest of 2021 and those that are right for a query.
 *
 * @throws UserError if there is no ground truth, or the data lacks one of its images or of the contest's.
 */
export function indexExpand(data: ValidationData, options: IndexExpandOptions = {}): IndexExpand {
  const { contest = data.index.ids, truth = groundTruthOf(data) } = options;
  const { ids, relevant, ignored } = expandIndex(contest, truth);
  const queries = Int32Array.from(truth.queries, (id) => rowIn(data.test.ids, "test", id));
  const images = Int32Array.from({ length: ids.length }, (_, place) =>
    rowIn(data.index.ids, "index", ids.at(place)),
  );
  return { queries, images, added: images.length - contest.length, relevant, ignored };
}

/**
 * The queries of a data set's solution that are not ignored, with what is right for them; each query's own image does not
 * count.
 *
 * @throws UserError if the data has no solution.
 */
export function groundTruthOf({ index, test, retrieval }: ValidationData): SearchGroundTruth {
  if (retrieval === undefined) {
    throw new UserError(
      "index_expand: expected a data set with a retrieval solution, got none; put retrieval_solution_v2.1.csv into its folder",
    );
  }
  const counted = Array.from(retrieval.queries.keys()).filter((i) => retrieval.usages[i] !== "Ignored");
  const queries = counted.map((i) => test.ids.at(retrieval.queries[i]!));
  return {
    queries,
    relevant: counted.map((i) => Array.from(retrieval.relevant[i]!, (row) => index.ids.at(row))),
    ignored: queries.map((id) => [id]),
  };
}

function rowIn(ids: ImageIds, split: string, id: string): number {
  const row = ids.rowOf(id);
  if (row >= 0) return row;
  throw new UserError(
    `index_expand: expected ${split} to hold all images of the validation set, got none of id ${id}; use all of Google Landmarks v2`,
  );
}
