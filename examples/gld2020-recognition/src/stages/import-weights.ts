import { join } from "node:path";
import { type CompletedStage, fileHash, runStage, UserError } from "@lmk-example/kit";
import { classCenters } from "../head-file.ts";
import { createNetwork, headName } from "../network.ts";
import type { SystemContext } from "../system.ts";
import { type Chain, lastRun } from "../train-run.ts";
import { readWeights, writeWeights } from "../weights-file.ts";
import { weightsFile } from "./embed.ts";

/** Where weights come from. */
export interface ImportOptions {
  readonly chain: Chain;
  /** A file that `readWeights` reads. */
  readonly path: string;
  /** Classes that its head must have. */
  readonly classes: number;
}

/** Takes a network's weights from a file, in place of its training. */
export async function importWeights(
  { run, config }: Pick<SystemContext, "run" | "config">,
  { chain, path, classes }: ImportOptions,
): Promise<CompletedStage> {
  const { enetType } = lastRun(chain);
  const size = config.sizes[enetType];
  const settings = { file: await fileHash(path), size, classes };
  return runStage(run, `weights/${chain.name}`, { settings }, async (folder) => {
    const weights = await readWeights(path, createNetwork(enetType, size));
    requireClasses(path, weights[headName]?.shape[0], classes);
    await writeWeights(join(folder, weightsFile), weights);
  });
}

function requireClasses(path: string, rows: number | undefined, classes: number): void {
  if (rows === classCenters * classes) return;
  const got = rows === undefined ? "no head" : `one of ${rows / classCenters}`;
  throw new UserError(
    `${path}: expected a head of ${classes} classes, as many as the landmarks of --idx2landmark-id, got ${got}; pass the two files of one training`,
  );
}
