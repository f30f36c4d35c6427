import type { RecognitionAnswer, RecognitionPrediction } from "@lmk/eval";

const imagesPerSection = 4;

/** A test image, what was said about it, and what is right. */
export interface AnsweredImage {
  readonly prediction: RecognitionPrediction;
  readonly landmarks: readonly number[];
}

/** Of each kind of answer the surest ones. */
export function sectionsOf(
  predictions: readonly RecognitionPrediction[],
  solution: readonly RecognitionAnswer[],
): { title: string; answered: AnsweredImage[] }[] {
  const answers = new Map(
    solution.filter(({ usage }) => usage !== "Ignored").map(({ id, landmarks }) => [id, landmarks]),
  );
  const answered = predictions
    .filter(({ id }) => answers.has(id))
    .sort((a, b) => b.score - a.score)
    .map((prediction) => ({ prediction, landmarks: answers.get(prediction.id)! }));
  const surest = (belongs: (image: AnsweredImage) => boolean): AnsweredImage[] =>
    answered.filter(belongs).slice(0, imagesPerSection);
  const isRight = ({ prediction, landmarks }: AnsweredImage): boolean => landmarks.includes(prediction.label);
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
