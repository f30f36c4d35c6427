// The official reader finds a repeated id only where the earlier row had a prediction and was not ignored, and an
// unknown one only where there is a prediction. Here each row is checked.
import type { Usage } from "../challenge/answers.ts";
import type { RecognitionPrediction } from "../recognition/predictions.ts";
import {
  createIdCheck,
  createInterner,
  problem,
  requireId,
  requireIds,
  requireLabel,
  requireScore,
  splitWords,
} from "./fields.ts";
import type { FileSource, ReadFileOptions } from "./file-source.ts";
import { readTable, type TableRow } from "./table.ts";

/** What the readers of predictions need of a row of a solution. */
export interface SolutionId {
  /** The query or test image. */
  readonly id: string;
  /** The split; predictions for ignored ones are skipped unread. */
  readonly usage: Usage;
}

/** Options of the readers of predictions. */
export interface ReadPredictionsOptions extends ReadFileOptions {
  /**
   * The solution: ids it does not have are refused, and rows of ids that it ignores are skipped.
   *
   * @defaultValue none: every id is taken
   */
  readonly solution?: readonly SolutionId[];
}

/** One row of retrieval predictions. */
export interface RetrievalPrediction {
  /** The query. */
  readonly id: string;
  /** Index images found, best first; at least one. */
  readonly images: readonly string[];
}

/**
 * Reads retrieval predictions, that is a submission (`id,images`): for each query the index images found, best
 * first, separated by single spaces (one more at the end is allowed).
 *
 * Rows without images are left out, blank lines too; an image that a row repeats stays where it is, the metrics
 * know what to do with it. The form of the file is that of {@link readRetrievalSolution}.
 *
 * Memory: eight bytes per image listed and one copy of each distinct id, 117,577 x 100 of 762k ids in about 0.2 GB;
 * with `solution`, of the rows that are scored only. {@link streamRetrievalPredictions} holds one block of rows.
 *
 * @param source - The file: text, bytes, gzipped bytes, or a stream of them.
 * @returns The images by query, as `evaluateRetrieval` takes them, in the order of the file.
 * @throws FileFormatError with file and line if the header, a quote, the number of fields or an id is wrong, if a
 * query comes twice, or if the solution does not know it.
 *
 * @example
 * ```ts
 * import { evaluateRetrieval } from "@lmk/eval";
 * import { readRetrievalPredictions, readRetrievalSolution } from "@lmk/eval/files";
 *
 * const solution = await readRetrievalSolution("id,images,Usage\nq1,a,Public\nq2,None,Ignored\n");
 * const predictions = await readRetrievalPredictions("id,images\nq1,x a\nq2,x\n", { solution });
 * console.log(predictions); // => Map(1) { 'q1' => [ 'x', 'a' ] }
 * console.log(evaluateRetrieval(predictions, solution).meanAveragePrecision); // => 0.5
 * ```
 */
export async function readRetrievalPredictions(
  source: FileSource,
  options: ReadPredictionsOptions = {},
): Promise<Map<string, readonly string[]>> {
  const predictions = new Map<string, readonly string[]>();
  const intern = createInterner();
  for await (const rows of readPredictionRows(source, "images", options)) {
    for (const row of rows) {
      const images = requireIds(row, "images", row.fields[1]!);
      if (images.length > 0) predictions.set(intern(row.fields[0]!), images.map(intern));
    }
  }
  return predictions;
}

/**
 * Streams retrieval predictions row by row, for files that should not be in memory as a whole.
 *
 * @param source - The file: text, bytes, gzipped bytes, or a stream of them.
 * @returns The rows that have images, in the order of the file.
 * @throws FileFormatError as {@link readRetrievalPredictions}, when the row is reached.
 *
 * @example
 * ```ts
 * import { streamRetrievalPredictions } from "@lmk/eval/files";
 *
 * for await (const { id, images } of streamRetrievalPredictions("id,images\nq1,x a\nq2,\n")) {
 *   console.log(id, images.length); // => q1 2
 * }
 * ```
 */
export async function* streamRetrievalPredictions(
  source: FileSource,
  options: ReadPredictionsOptions = {},
): AsyncGenerator<RetrievalPrediction, void, undefined> {
  for await (const rows of readPredictionRows(source, "images", options)) {
    for (const row of rows) {
      const images = requireIds(row, "images", row.fields[1]!);
      if (images.length > 0) yield { id: row.fields[0]!, images };
    }
  }
}

/**
 * Reads recognition predictions, that is a submission (`id,landmarks`): for each test image a class and how sure
 * that is, separated by one space (one more at the end is allowed), or nothing.
 *
 * Classes are whole numbers. Scores are finite decimals with or without exponent, `1e-86` as pandas writes it
 * included; what is smaller than a double can hold is 0. Rows without prediction are left out, blank lines too.
 * The form of the file is that of {@link readRetrievalSolution}.
 *
 * @param source - The file: text, bytes, gzipped bytes, or a stream of them.
 * @returns The predictions, as `evaluateRecognition` takes them, in the order of the file.
 * @throws FileFormatError with file and line if the header, a quote, the number of fields, an id, the number of
 * words, a class or a score is wrong, if an image comes twice, or if the solution does not know it.
 *
 * @example
 * ```ts
 * import { readRecognitionPredictions } from "@lmk/eval/files";
 *
 * const predictions = await readRecognitionPredictions("id,landmarks\na,12 0.1 \nb,\nc,7 1e-86\n");
 * console.log(predictions[0]); // => { id: 'a', label: 12, score: 0.1 }
 * console.log(predictions[1]); // => { id: 'c', label: 7, score: 1e-86 }
 * ```
 */
export async function readRecognitionPredictions(
  source: FileSource,
  options: ReadPredictionsOptions = {},
): Promise<RecognitionPrediction[]> {
  const predictions: RecognitionPrediction[] = [];
  const intern = createInterner();
  for await (const rows of readPredictionRows(source, "landmarks", options)) {
    for (const row of rows) {
      const words = splitWords(row.fields[1]!);
      if (row.fields[1] === "") continue;
      if (words.length !== 2) {
        throw problem(row, "bad-prediction", "landmarks", "one class and one score", row.fields[1]!);
      }
      const label = requireLabel(row, "landmarks", words[0]!);
      predictions.push({
        id: intern(row.fields[0]!),
        label,
        score: requireScore(row, "landmarks", words[1]!),
      });
    }
  }
  return predictions;
}

/** Rows of known, scored ids; without a solution, all rows. */
async function* readPredictionRows(
  source: FileSource,
  column: "images" | "landmarks",
  options: ReadPredictionsOptions,
): AsyncGenerator<readonly TableRow[]> {
  const { solution } = options;
  const usages = solution && new Map(solution.map(({ id, usage }) => [id, usage]));
  const checkRepeated = createIdCheck();
  const copy = createInterner();
  for await (const rows of readTable(source, { columns: ["id", column] }, options)) {
    const scored: TableRow[] = [];
    for (const row of rows) {
      const id = copy(requireId(row, "id", row.fields[0]!));
      checkRepeated(row, id);
      const usage = usages?.get(id);
      if (usages && usage === undefined) {
        throw problem(row, "unknown-id", "id", "in the solution", id);
      }
      if (usage !== "Ignored") scored.push(row);
    }
    yield scored;
  }
}
