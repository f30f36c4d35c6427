import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJsonLinesLog } from "@lmk/train";
import { type CompletedStage, type ReportCurve, trainingCurve } from "@lmk-example/kit";

/** The curve of a training that a stage did; `undefined` where it left no history. */
export async function curveOf(title: string, { folder }: CompletedStage): Promise<ReportCurve | undefined> {
  const file = join(folder, "history.jsonl");
  if (!existsSync(file)) return undefined;
  const { steps } = await readJsonLinesLog(file);
  return trainingCurve(title, {
    step: steps.map(({ step }) => step),
    loss: steps.map(({ loss }) => loss),
    learningRate: steps.map(({ learningRate }) => learningRate),
  });
}
