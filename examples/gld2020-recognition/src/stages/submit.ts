import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { type CompletedStage, predictionsFile, runStage } from "@lmk-example/kit";
import type { SystemContext } from "../system.ts";

/** Writes what would be handed in: `submission.csv`, and the same compressed. */
export async function submit({ run }: SystemContext, submitted: CompletedStage): Promise<CompletedStage> {
  return runStage(run, "submit", { settings: {}, after: [submitted] }, async (folder) => {
    const path = predictionsFile(submitted);
    await copyFile(path, join(folder, "submission.csv"));
    await copyFile(`${path}.gz`, join(folder, "submission.csv.gz"));
  });
}
