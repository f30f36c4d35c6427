import { stringify } from "csv-stringify";
import { writeFileWhole } from "./write-file.ts";

/** One row of a retrieval submission. */
export interface RetrievalSubmissionRow {
  /** The id of the test image. */
  readonly id: string;
  /** The ids of the index images found, best first; the challenge looks at the first 100. */
  readonly images: readonly string[];
}

/** One row of a recognition submission. */
export interface RecognitionSubmissionRow {
  /** The id of the test image. */
  readonly id: string;
  /** The landmark and how sure that is, higher is surer; `undefined` predicts that there is none. */
  readonly prediction: { readonly landmarkId: number; readonly score: number } | undefined;
}

/**
 * Writes a retrieval submission (`id,images`) as Kaggle takes it: the images of a row separated by spaces.
 *
 * The rows are streamed into a hidden file beside `file`, which takes its place once it is complete and
 * on disk, so that no half-written submission is ever seen under that name.
 *
 * @param file - The CSV file to write; its folder must exist.
 * @param rows - The rows, in the order to write.
 * @returns The number of rows.
 * @throws RangeError if an id is empty, holds a blank, comma or quote, or is that of an earlier row. The
 * errors of the file system pass as they are. In each case `file` stays as it was.
 *
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { writeRetrievalSubmission } from "@lmk/data";
 *
 * await writeRetrievalSubmission("submission.csv", [{ id: "a1", images: ["b2", "b1"] }]);
 * console.log(readFileSync("submission.csv", "utf8")); // => id,images
 * // a1,b2 b1
 * ```
 */
export function writeRetrievalSubmission(
  file: string,
  rows: Iterable<RetrievalSubmissionRow> | AsyncIterable<RetrievalSubmissionRow>,
): Promise<number> {
  return writeRows("writeRetrievalSubmission", file, ["id", "images"], rows, ({ id, images }) => {
    for (const image of images) requireId("writeRetrievalSubmission", "images", image);
    return [id, images.join(" ")];
  });
}

/**
 * Writes a recognition submission (`id,landmarks`) as Kaggle takes it: the landmark and its score
 * separated by a space, or nothing.
 *
 * Scores are written with all digits they need to be read back unchanged. The file is replaced as a whole,
 * as by {@link writeRetrievalSubmission}.
 *
 * @param file - The CSV file to write; its folder must exist.
 * @param rows - The rows, in the order to write.
 * @returns The number of rows.
 * @throws RangeError as {@link writeRetrievalSubmission}, and if a landmark id is not an integer of at
 * least 0 or a score is not finite.
 *
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { writeRecognitionSubmission } from "@lmk/data";
 *
 * await writeRecognitionSubmission("recognition.csv", [
 *   { id: "a1", prediction: { landmarkId: 12, score: 0.25 } },
 *   { id: "a2", prediction: undefined },
 * ]);
 * console.log(readFileSync("recognition.csv", "utf8")); // => id,landmarks
 * // a1,12 0.25
 * // a2,
 * ```
 */
export function writeRecognitionSubmission(
  file: string,
  rows: Iterable<RecognitionSubmissionRow> | AsyncIterable<RecognitionSubmissionRow>,
): Promise<number> {
  const caller = "writeRecognitionSubmission";
  return writeRows(caller, file, ["id", "landmarks"], rows, ({ id, prediction }) => {
    if (prediction === undefined) return [id, ""];
    const { landmarkId, score } = prediction;
    if (!Number.isSafeInteger(landmarkId) || landmarkId < 0) {
      throw new RangeError(`${caller}: expected \`landmarkId\` to be an integer >= 0, got ${landmarkId}`);
    }
    if (!Number.isFinite(score)) {
      throw new RangeError(`${caller}: expected \`score\` to be finite, got ${score}`);
    }
    return [id, `${landmarkId} ${score}`];
  });
}

async function writeRows<Row extends { readonly id: string }>(
  caller: string,
  file: string,
  columns: readonly string[],
  rows: Iterable<Row> | AsyncIterable<Row>,
  fieldsOf: (row: Row) => readonly string[],
): Promise<number> {
  const seen = new Set<string>();
  const records = async function* (): AsyncGenerator<readonly string[]> {
    for await (const row of rows) {
      requireId(caller, "id", row.id);
      if (seen.has(row.id)) {
        throw new RangeError(`${caller}: expected each \`id\` once, got ${JSON.stringify(row.id)} again`);
      }
      seen.add(row.id);
      yield fieldsOf(row);
    }
  };
  await writeFileWhole(file, records(), stringify({ header: true, columns: [...columns] }));
  return seen.size;
}

function requireId(caller: string, argument: string, id: string): void {
  if (id !== "" && !/[\s,"]/.test(id)) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be ids without blanks, commas and quotes, got ${JSON.stringify(id)}`,
  );
}
