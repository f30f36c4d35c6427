import { join } from "node:path";
import {
  prepareLandmarks,
  prepareStage,
  resultStages,
  type StageDescription,
  sayFile,
  sayTable,
  stageOfEach,
} from "@lmk-example/kit";
import type { SystemContext } from "./context.ts";
import { embed } from "./stages/embed.ts";
import { evaluate, readScores, resultsTable } from "./stages/evaluate.ts";
import { methods, rank } from "./stages/rank.ts";
import { report } from "./stages/report.ts";
import { submit } from "./stages/submit.ts";
import { train } from "./stages/train.ts";

/** The stages in order; `embed` can be shared by several processes. */
export const stages: readonly StageDescription[] = [
  prepareStage,
  { name: "train", description: "train the network" },
  { name: "embed", description: "embed the test and the index images", shared: true },
  { name: "rank", description: "rank the index images by every method" },
  ...resultStages,
];

/** The system, stage by stage, up to the one that is asked for. A stage that is complete is not done again. */
export async function runUpTo(last: string, context: SystemContext): Promise<void> {
  const prepared = await prepareLandmarks(context);
  if (last === "prepare") return;
  const trained = await train(context, prepared);
  if (last === "train") return;
  const test = await embed(context, prepared, trained, "test");
  const index = await embed(context, prepared, trained, "index");
  if (last === "embed") return;
  const ranked = await stageOfEach(methods, (method) => rank(context, { test, index }, method));
  if (last === "rank") return;
  const evaluated = await evaluate(context, prepared, ranked);
  sayTable(resultsTable(readScores(evaluated)));
  if (last === "evaluate") return;
  const submitted = await submit(context, prepared, ranked.get(methods.at(-1)!.name)!);
  sayFile("submission", join(submitted.folder, "submission.csv"));
  if (last === "submit") return;
  const written = await report(context, { prepared, trained, ranked, evaluated });
  sayFile("report", join(written.folder, "report.html"));
}
