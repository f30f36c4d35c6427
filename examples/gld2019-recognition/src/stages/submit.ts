import { createReadStream, createWriteStream } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type CompletedStage, predictionsFile, runStage } from "@lmk-example/kit";
import type { RecognitionContext } from "../context.ts";

/** Writes what would be handed in: `submission.csv` and, as the authors did, `submission.csv.gz`. */
export async function submit(
  { run }: RecognitionContext,
  submitted: CompletedStage,
): Promise<CompletedStage> {
  return runStage(run, "recognition/submit", { settings: {}, after: [submitted] }, async (folder) => {
    const path = join(folder, "submission.csv");
    await copyFile(predictionsFile(submitted), path);
    await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`));
  });
}
