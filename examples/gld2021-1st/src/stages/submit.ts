import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { type CompletedStage, predictionsFile, runStage, writeRanking } from "@lmk-example/kit";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import { readRanking } from "./retrieve.ts";

/** What is handed in, of the tasks that the networks are members of. */
export interface Submitted {
  readonly retrieval: CompletedStage | undefined;
  readonly recognition: CompletedStage | undefined;
}

/** The files of the two submissions; each also stands there compressed. */
export const submissionFiles = {
  retrieval: "submission-retrieval.csv",
  recognition: "submission-recognition.csv",
} as const;

/** Writes what would be handed in to both challenges. */
export async function submit(
  { run }: SystemContext,
  { data: { prepared } }: EmbeddedSystem,
  { retrieval, recognition }: Submitted,
): Promise<CompletedStage> {
  const after = [prepared.stage, retrieval, recognition].filter((stage) => stage !== undefined);
  return runStage(run, "submit", { settings: {}, after }, async (folder) => {
    if (retrieval !== undefined) {
      await writeRanking(folder, submissionFiles.retrieval, prepared, await readRanking(retrieval));
    }
    if (recognition === undefined) return;
    const path = predictionsFile(recognition);
    await copyFile(path, join(folder, submissionFiles.recognition));
    await copyFile(`${path}.gz`, join(folder, `${submissionFiles.recognition}.gz`));
  });
}
