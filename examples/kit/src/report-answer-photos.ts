import { type PreparedData, usableRows } from "./prepared-data.ts";
import type { Report } from "./report.ts";
import type { AnsweredImage, AnswerSection } from "./report-answers.ts";
import { reportQuery, type ShownImage, type ShownQuery } from "./report-queries.ts";

/** A train image that speaks for a landmark. */
export interface SupportingImage {
  /** Row of the train table. */
  readonly row: number;
  /** How much it counts, such as "cosine 0.87". */
  readonly caption: string;
}

/** What the report shows test images from. */
export interface ShownAnswers {
  readonly prepared: PreparedData;
  /** The train images that were looked at for a test image, given by its place among the usable ones. */
  readonly supportOf: (place: number) => readonly SupportingImage[];
  /** What else was looked at, as words below the photo of the test image; `undefined` for nothing. */
  readonly remarkOf?: (place: number) => string | undefined;
  /** Rows of the train table that images of the right landmark are taken from, and how many. */
  readonly exampleRows: Int32Array;
  readonly exampleCount: number;
}

/** Reads the photos of all sections for the report. */
export function answerPhotos(
  shown: ShownAnswers,
  sections: readonly AnswerSection[],
): Promise<Report["sections"]> {
  return Promise.all(
    sections.map(async ({ title, answered }) => ({
      title,
      queries: await Promise.all(answered.map((one) => reportQuery(shownAnswer(shown, one)))),
    })),
  );
}

/** A test image with the train images that were looked at, and with some of the landmark that is right. */
export function shownAnswer(shown: ShownAnswers, { prediction, landmarks }: AnsweredImage): ShownQuery {
  const { prepared, supportOf, remarkOf } = shown;
  const { test, train } = prepared.data;
  const row = test.ids.rowOf(prediction.id);
  const place = usableRows(prepared, "test").indexOf(row);
  const said = nameOf(shown, prediction.label);
  const remark = remarkOf?.(place);
  const caption = [prediction.id, said, `score ${shortNumber(prediction.score)}`, remark];
  return {
    query: {
      path: test.paths.at(row),
      caption: caption.filter((part) => part !== undefined).join(" · "),
    },
    before: {
      label: `votes for ${said}`,
      photos: supportOf(place).map((image) => {
        const landmark = train.landmarkIds[image.row]!;
        return {
          path: train.paths.at(image.row),
          caption: `${landmark} · ${image.caption}`,
          right: landmarks.includes(landmark),
        };
      }),
    },
    after: {
      label:
        landmarks.length === 0
          ? "no landmark is right"
          : `right: ${landmarks.map((id) => nameOf(shown, id)).join(", ")}`,
      photos: examplesOf(shown, landmarks),
    },
  };
}

function examplesOf(
  { prepared, exampleRows, exampleCount }: ShownAnswers,
  landmarks: readonly number[],
): ShownImage[] {
  const { train } = prepared.data;
  return [...exampleRows.filter((row) => landmarks.includes(train.landmarkIds[row]!))]
    .slice(0, exampleCount)
    .map((row) => ({ path: train.paths.at(row), caption: `${train.landmarkIds[row]}` }));
}

function nameOf({ prepared }: ShownAnswers, landmark: number): string {
  const name = prepared.data.landmarkNames.get(landmark);
  return name === undefined ? `landmark ${landmark}` : `landmark ${landmark}, ${name}`;
}

/** Three digits: scores of some methods are far below 0.001. */
function shortNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}
