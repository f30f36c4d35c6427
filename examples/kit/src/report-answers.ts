import type { RecognitionAnswer, RecognitionPrediction } from "@lmk/eval";

const imagesPerSection = 4;

/** A test image, what was said about it, and what is right. */
export interface AnsweredImage {
  readonly prediction: RecognitionPrediction;
  /** Empty for an image without a landmark. */
  readonly landmarks: readonly number[];
}

/** Test images under one heading. */
export interface AnswerSection {
  readonly title: string;
  readonly answered: readonly AnsweredImage[];
}

/** The images that count, by what was said about them, the surest first; equally sure ones as the challenge orders them. */
export function surestFirst(
  predictions: readonly RecognitionPrediction[],
  solution: readonly RecognitionAnswer[],
): AnsweredImage[] {
  const answers = new Map(
    solution.filter(({ usage }) => usage !== "Ignored").map(({ id, landmarks }) => [id, landmarks]),
  );
  return predictions
    .filter(({ id }) => answers.has(id))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .map((prediction) => ({ prediction, landmarks: answers.get(prediction.id)! }));
}

/** Whether the landmark is one of those that the image shows. */
export function isRight({ prediction, landmarks }: AnsweredImage): boolean {
  return landmarks.includes(prediction.label);
}

/** Of each kind of answer the surest ones. */
export function answerSections(
  predictions: readonly RecognitionPrediction[],
  solution: readonly RecognitionAnswer[],
): AnswerSection[] {
  const ranked = surestFirst(predictions, solution);
  const surest = (belongs: (image: AnsweredImage) => boolean): AnsweredImage[] =>
    ranked.filter(belongs).slice(0, imagesPerSection);
  return [
    { title: "Best answers", answered: surest(isRight) },
    {
      title: "Most confident mistakes",
      answered: surest((image) => image.landmarks.length > 0 && !isRight(image)),
    },
    {
      title: "Distractors accepted: test images without a landmark",
      answered: surest(({ landmarks }) => landmarks.length === 0),
    },
  ];
}
