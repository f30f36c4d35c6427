import type { RecognitionAnswer, RetrievalAnswer } from "../challenge/answers.ts";
import type { RecognitionPrediction } from "../recognition/predictions.ts";
import type { RetrievalPrediction } from "./predictions.ts";

/** Rows to write, ready or as they come. */
export type Rows<Row> = Iterable<Row> | AsyncIterable<Row>;

/** Options of the writers of predictions. */
export interface WritePredictionsOptions {
  /**
   * All queries or test images; those without a prediction get an empty row at the end, as the challenges want a
   * row for each.
   *
   * @defaultValue none
   */
  readonly ids?: Iterable<string>;
}

const chunkLength = 1 << 16;

/**
 * Writes retrieval predictions as a submission (`id,images`).
 *
 * A row without images is written too, with nothing after its comma.
 *
 * @param predictions - The rows in the order to write: objects, or the entries of a map from id to images.
 * @returns The text in chunks, for a stream, `saveFile` of `@lmk/eval/file-paths`, or {@link joinText}.
 * @throws RangeError when the row is reached, if an id is empty, holds a blank, comma or quote, or comes twice.
 *
 * @example
 * ```ts
 * import { joinText, writeRetrievalPredictions } from "@lmk/eval/files";
 *
 * const predictions = new Map([["q1", ["x", "a"]], ["q2", []]]);
 * const text = await joinText(writeRetrievalPredictions(predictions));
 * console.log(JSON.stringify(text)); // => "id,images\nq1,x a\nq2,\n"
 * ```
 */
export function writeRetrievalPredictions(
  predictions: Rows<RetrievalPrediction | readonly [id: string, images: readonly string[]]>,
  options: WritePredictionsOptions = {},
): AsyncGenerator<string, void, undefined> {
  const caller = "writeRetrievalPredictions";
  const lines = linesOf(predictions, (row) => {
    const [id, images] = "id" in row ? [row.id, row.images] : row;
    return { id, text: joinIds(caller, images) };
  });
  return writeRows(caller, "id,images", withEmptyRows(lines, options.ids));
}

/**
 * Writes recognition predictions as a submission (`id,landmarks`), scores with all digits that reading them back
 * unchanged takes.
 *
 * @param predictions - The rows in the order to write.
 * @returns The text in chunks, as {@link writeRetrievalPredictions} gives it.
 * @throws RangeError when the row is reached, if an id is empty, holds a blank, comma or quote, or comes twice, a
 * label is not a whole number, or a score is not finite.
 *
 * @example
 * ```ts
 * import { joinText, writeRecognitionPredictions } from "@lmk/eval/files";
 *
 * const text = await joinText(
 *   writeRecognitionPredictions([{ id: "b", label: 12, score: 1e-86 }], { ids: ["a", "b"] }),
 * );
 * console.log(JSON.stringify(text)); // => "id,landmarks\nb,12 1e-86\na,\n"
 * ```
 */
export function writeRecognitionPredictions(
  predictions: Rows<RecognitionPrediction>,
  options: WritePredictionsOptions = {},
): AsyncGenerator<string, void, undefined> {
  const caller = "writeRecognitionPredictions";
  const lines = linesOf(predictions, ({ id, label, score }) => {
    requireLabel(caller, label);
    if (!Number.isFinite(score)) {
      throw new RangeError(`${caller}: expected \`score\` to be finite, got ${score}`);
    }
    return { id, text: `${label} ${score}` };
  });
  return writeRows(caller, "id,landmarks", withEmptyRows(lines, options.ids));
}

/**
 * Writes a retrieval solution (`id,images,Usage`), with `None` as the images of ignored rows, as published.
 *
 * @param solution - The rows in the order to write.
 * @returns The text in chunks, as {@link writeRetrievalPredictions} gives it.
 * @throws RangeError when the row is reached, if an id is empty, holds a blank, comma or quote, or comes twice.
 *
 * @example
 * ```ts
 * import { joinText, writeRetrievalSolution } from "@lmk/eval/files";
 *
 * const solution = [{ id: "q1", images: ["a", "b"], usage: "Public" as const }];
 * const text = await joinText(writeRetrievalSolution(solution));
 * console.log(JSON.stringify(text)); // => "id,images,Usage\nq1,a b,Public\n"
 * ```
 */
export function writeRetrievalSolution(
  solution: Rows<RetrievalAnswer>,
): AsyncGenerator<string, void, undefined> {
  const caller = "writeRetrievalSolution";
  const lines = linesOf(solution, ({ id, images, usage }) => {
    return { id, text: `${usage === "Ignored" ? "None" : joinIds(caller, images)},${usage}` };
  });
  return writeRows(caller, "id,images,Usage", lines);
}

/**
 * Writes a recognition solution (`id,landmarks,Usage`); the landmarks of ignored rows are left blank.
 *
 * @param solution - The rows in the order to write.
 * @returns The text in chunks, as {@link writeRetrievalPredictions} gives it.
 * @throws RangeError when the row is reached, if an id is empty, holds a blank, comma or quote, or comes twice, or
 * a label is not a whole number.
 *
 * @example
 * ```ts
 * import { joinText, writeRecognitionSolution } from "@lmk/eval/files";
 *
 * const solution = [{ id: "a", landmarks: [0, 12], usage: "Private" as const }];
 * const text = await joinText(writeRecognitionSolution(solution));
 * console.log(JSON.stringify(text)); // => "id,landmarks,Usage\na,0 12,Private\n"
 * ```
 */
export function writeRecognitionSolution(
  solution: Rows<RecognitionAnswer>,
): AsyncGenerator<string, void, undefined> {
  const caller = "writeRecognitionSolution";
  const lines = linesOf(solution, ({ id, landmarks, usage }) => {
    for (const label of landmarks) requireLabel(caller, label);
    return { id, text: `${usage === "Ignored" ? "" : landmarks.join(" ")},${usage}` };
  });
  return writeRows(caller, "id,landmarks,Usage", lines);
}

/**
 * Joins the chunks of a writer to one text, for files that fit.
 *
 * @param chunks - The chunks.
 * @returns The text.
 *
 * @example
 * ```ts
 * import { joinText, writeRetrievalSolution } from "@lmk/eval/files";
 *
 * console.log(JSON.stringify(await joinText(writeRetrievalSolution([])))); // => "id,images,Usage\n"
 * ```
 */
export async function joinText(chunks: Rows<string>): Promise<string> {
  const parts: string[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return parts.join("");
}

/** A row of a file: its id, and what follows the comma. */
interface Line {
  readonly id: string;
  readonly text: string;
}

async function* linesOf<Row>(rows: Rows<Row>, lineOf: (row: Row) => Line): AsyncGenerator<Line> {
  for await (const row of rows) yield lineOf(row);
}

async function* withEmptyRows(lines: AsyncIterable<Line>, ids: Iterable<string> = []): AsyncGenerator<Line> {
  const missing = new Set(ids);
  for await (const line of lines) {
    missing.delete(line.id);
    yield line;
  }
  for (const id of missing) yield { id, text: "" };
}

async function* writeRows(
  caller: string,
  header: string,
  lines: AsyncIterable<Line>,
): AsyncGenerator<string, void, undefined> {
  const seen = new Set<string>();
  let chunk = `${header}\n`;
  for await (const { id, text } of lines) {
    requireId(caller, "id", id);
    if (seen.has(id)) {
      throw new RangeError(`${caller}: expected each \`id\` once, got ${JSON.stringify(id)} again`);
    }
    seen.add(id);
    chunk += `${id},${text}\n`;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

function joinIds(caller: string, images: readonly string[]): string {
  for (const image of images) requireId(caller, "images", image);
  return images.join(" ");
}

function requireId(caller: string, argument: string, id: string): void {
  if (id !== "" && !/[\s,"]/.test(id)) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be ids without blanks, commas and quotes, got ${JSON.stringify(id)}`,
  );
}

function requireLabel(caller: string, label: number): void {
  if (Number.isSafeInteger(label)) return;
  throw new RangeError(`${caller}: expected labels to be whole numbers, got ${label}`);
}
