import { DataFormatError } from "../data-format-error.ts";
import { readCsv, shown } from "./csv.ts";
import { type Place, parseLandmarkId, parseUsage, requireKnownImage, splitWords } from "./fields.ts";
import { type ImageIds, isHexId } from "./image-ids.ts";
import { Int32List } from "./int32-list.ts";
import type { RecognitionSolution, RetrievalSolution, Usage } from "./landmark-data.ts";

const none = new Int32Array(0);

/** The usage of every row where a recognition solution does not tell leaderboards apart. */
const withoutUsage: ReadonlyMap<string, string> = new Map([["Usage", "Private"]]);

/** The image lists a solution refers to. */
export interface SolutionImages {
  /** The ids of the test images. */
  readonly test: ImageIds;
  /** The ids of the index images. */
  readonly index: ImageIds;
}

/**
 * Reads a `retrieval_solution_v2.1.csv` (`id,images,Usage`): for each query the index images that show
 * its landmark, separated by spaces.
 *
 * `Usage` is `Public`, `Private` or `Ignored`. What stands under `images` in an ignored row, usually
 * `None`, is not looked at, and the query has no relevant images. A blank list in another row is a query
 * without relevant images. A column order other than the published one is understood.
 *
 * @param file - The CSV file.
 * @param images - The ids of the test and the index images; the solution's ids become rows of these.
 * @throws DataFormatError as {@link readTrainCsv}, and for an unknown `Usage`, a query that comes twice or
 * that `test` does not hold, and a relevant image that is malformed, comes twice in its row or that
 * `index` does not hold.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { createImageIds, readRetrievalSolutionCsv } from "@lmk/data";
 *
 * writeFileSync(
 *   "retrieval_solution_v2.1.csv",
 *   "id,images,Usage\n0000000000000001,00000000000000a2 00000000000000a1,Public\n0000000000000002,None,Ignored\n",
 * );
 * const test = createImageIds(["0000000000000001", "0000000000000002"]);
 * const index = createImageIds(["00000000000000a1", "00000000000000a2"]);
 * const solution = await readRetrievalSolutionCsv("retrieval_solution_v2.1.csv", { test, index });
 * console.log(solution.usages, solution.relevant[0]); // => [ 'Public', 'Ignored' ] Int32Array(2) [ 1, 0 ]
 * ```
 */
export async function readRetrievalSolutionCsv(
  file: string,
  images: SolutionImages,
): Promise<RetrievalSolution> {
  const queries = createQueryColumn(file, images.test);
  const relevant: Int32Array[] = [];
  await readCsv(file, ["id", "images", "Usage"], ([id, list, usage], line) => {
    const place = { file, line };
    relevant.push(queries.add(id, usage, place) === "Ignored" ? none : rowsOf(list, images.index, place));
  });
  return { ...queries.columns(), relevant };
}

/**
 * Reads a `recognition_solution_v2.1.csv` (`id,landmarks[,Usage]`): for each test image the landmarks it
 * shows, separated by spaces; blank where it shows none.
 *
 * `Usage` is `Public`, `Private` or `Ignored`. What stands under `landmarks` in an ignored row is not
 * looked at. Without the column every row counts, as `Private`.
 *
 * @param file - The CSV file.
 * @param images - The ids of the test images; the solution's ids become rows of them.
 * @throws DataFormatError as {@link readTrainCsv}, and for an unknown `Usage` and a query that comes twice
 * or that `test` does not hold.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { createImageIds, readRecognitionSolutionCsv } from "@lmk/data";
 *
 * writeFileSync(
 *   "recognition_solution_v2.1.csv",
 *   "id,landmarks,Usage\n0000000000000001,0 12,Public\n0000000000000002,,Private\n",
 * );
 * const test = createImageIds(["0000000000000001", "0000000000000002"]);
 * const solution = await readRecognitionSolutionCsv("recognition_solution_v2.1.csv", { test });
 * console.log(solution.landmarkIds); // => [ Int32Array(2) [ 0, 12 ], Int32Array(0) [] ]
 * ```
 */
export async function readRecognitionSolutionCsv(
  file: string,
  images: Pick<SolutionImages, "test">,
): Promise<RecognitionSolution> {
  const queries = createQueryColumn(file, images.test);
  const landmarkIds: Int32Array[] = [];
  const onRow = ([id, list, usage]: readonly string[], line: number): void => {
    const place = { file, line };
    const words = queries.add(id, usage, place) === "Ignored" ? [] : splitWords(list);
    landmarkIds.push(
      words.length === 0 ? none : Int32Array.from(words, (word) => parseLandmarkId(word, place)),
    );
  };
  await readCsv(file, ["id", "landmarks", "Usage"], onRow, withoutUsage);
  return { ...queries.columns(), landmarkIds };
}

interface QueryColumns {
  readonly queries: Int32Array;
  readonly usages: readonly Usage[];
}

function createQueryColumn(
  file: string,
  test: ImageIds,
): { add(id: string, usage: string, place: Place): Usage; columns(): QueryColumns } {
  const queries = new Int32List();
  const usages: Usage[] = [];
  const seen = new Uint8Array(test.length);
  return {
    add(field, usageField, place) {
      const id = field.trim();
      const row = requireKnownImage(test, id, "the test list", isHexId, place);
      if (seen[row] === 1) {
        const detail = `expected each query once, got ${shown(id)} again`;
        throw new DataFormatError("duplicate-id", file, place.line, detail);
      }
      seen[row] = 1;
      const usage = parseUsage(usageField, place);
      queries.push(row);
      usages.push(usage);
      return usage;
    },
    columns: () => ({ queries: queries.toArray(), usages }),
  };
}

function rowsOf(list: string, index: ImageIds, place: Place): Int32Array {
  const words = splitWords(list);
  if (words.length === 0) return none;
  const rows = new Set<number>();
  for (const id of words) {
    const row = requireKnownImage(index, id, "the index list", isHexId, place);
    if (rows.has(row)) {
      const detail = `expected each relevant image once, got ${shown(id)} again`;
      throw new DataFormatError("duplicate-id", place.file, place.line, detail);
    }
    rows.add(row);
  }
  return Int32Array.from(rows);
}
