import type { RecognitionAnswer, RetrievalAnswer, Usage } from "../challenge/answers.ts";
import {
  createIdCheck,
  createInterner,
  problem,
  requireId,
  requireIds,
  requireLabel,
  requireUsage,
  splitWords,
} from "./fields.ts";
import type { FileSource, ReadFileOptions } from "./file-source.ts";
import { readTable, type TableLayout, type TableRow } from "./table.ts";

/** Options of {@link readRetrievalSolution} and {@link readRecognitionSolution}. */
export interface ReadSolutionOptions extends ReadFileOptions {
  /**
   * The usage of every row of a file without a `Usage` column.
   *
   * @defaultValue none: a file without the column is refused
   */
  readonly usage?: Usage;
}

/**
 * Reads a retrieval solution (`id,images,Usage`), such as `retrieval_solution_v2.1.csv`: for each query the index
 * images that show its landmark, separated by spaces.
 *
 * What stands under `images` in an ignored row, usually `None`, is not looked at: the row has no images. A scored
 * row may be blank there, which is a query without relevant images. Columns may stand in any order; blank lines,
 * a byte order mark, CRLF line ends and quoted fields are understood.
 *
 * Memory: the rows, with one copy of each distinct id; the text itself is never held as a whole.
 *
 * @param source - The file: text, bytes, gzipped bytes, or a stream of them.
 * @returns The rows in the order of the file, as `evaluateRetrieval` takes them.
 * @throws FileFormatError with file and line if the header, a quote, the number of fields, an id or a usage is
 * wrong, if a scored row says `None`, or if a query, or an image of one query, comes twice.
 *
 * @example
 * ```ts
 * import { readRetrievalSolution } from "@lmk/eval/files";
 *
 * const solution = await readRetrievalSolution("id,images,Usage\nq1,a b,Public\nq2,None,Ignored\n");
 * console.log(solution[0]); // => { id: 'q1', images: [ 'a', 'b' ], usage: 'Public' }
 * console.log(solution[1]); // => { id: 'q2', images: [], usage: 'Ignored' }
 * ```
 */
export async function readRetrievalSolution(
  source: FileSource,
  options: ReadSolutionOptions = {},
): Promise<RetrievalAnswer[]> {
  const intern = createInterner();
  return readSolution(source, "images", options, intern, (row, id, usage) => {
    const images = usage === "Ignored" ? [] : relevantImages(row).map(intern);
    return { id, images, usage };
  });
}

/**
 * Reads a recognition solution (`id,landmarks,Usage`), such as `recognition_solution_v2.1.csv`: for each test image
 * the landmarks it shows, whole numbers separated by spaces; blank where it shows none.
 *
 * What stands under `landmarks` in an ignored row is not looked at: the row has no landmarks. The form of the file
 * is that of {@link readRetrievalSolution}.
 *
 * @param source - The file: text, bytes, gzipped bytes, or a stream of them.
 * @returns The rows in the order of the file, as `evaluateRecognition` takes them.
 * @throws FileFormatError with file and line if the header, a quote, the number of fields, an id, a label or a
 * usage is wrong, or if an image comes twice.
 *
 * @example
 * ```ts
 * import { readRecognitionSolution } from "@lmk/eval/files";
 *
 * const solution = await readRecognitionSolution("id,landmarks,Usage\na,0 12,Public\nb,,Private\n");
 * console.log(solution[0]); // => { id: 'a', landmarks: [ 0, 12 ], usage: 'Public' }
 * console.log(solution[1]); // => { id: 'b', landmarks: [], usage: 'Private' }
 * ```
 */
export async function readRecognitionSolution(
  source: FileSource,
  options: ReadSolutionOptions = {},
): Promise<RecognitionAnswer[]> {
  return readSolution(source, "landmarks", options, createInterner(), (row, id, usage) => {
    const words = usage === "Ignored" ? [] : splitWords(row.fields[1]!);
    return { id, landmarks: words.map((word) => requireLabel(row, "landmarks", word)), usage };
  });
}

async function readSolution<Answer>(
  source: FileSource,
  column: "images" | "landmarks",
  options: ReadSolutionOptions,
  intern: (text: string) => string,
  answerOf: (row: TableRow, id: string, usage: Usage) => Answer,
): Promise<Answer[]> {
  const { usage } = options;
  const layout: TableLayout = {
    columns: ["id", column, "Usage"],
    ...(usage === undefined ? {} : { lastByDefault: usage }),
  };
  const checkRepeated = createIdCheck();
  const answers: Answer[] = [];
  for await (const rows of readTable(source, layout, options)) {
    for (const row of rows) {
      const id = intern(requireId(row, "id", row.fields[0]!));
      checkRepeated(row, id);
      answers.push(answerOf(row, id, requireUsage(row, row.fields[2]!)));
    }
  }
  return answers;
}

function relevantImages(row: TableRow): string[] {
  const images = requireIds(row, "images", row.fields[1]!);
  if (images.length === 1 && images[0] === "None") {
    throw problem(row, "bad-id", "images", "image ids in a row that is scored", "None");
  }
  const seen = new Set<string>();
  for (const image of images) {
    if (seen.has(image)) throw problem(row, "repeated-id", "images", "each image once", image);
    seen.add(image);
  }
  return images;
}
