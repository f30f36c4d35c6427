import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@lmk-example/kit";
import { type Chain, lastRun } from "./train-run.ts";
import { weightsName } from "./weights-name.ts";

/** The files that may hold a network's weights: as the authors published them, then as `train` writes them. */
export function weightsNamesOf(chain: Chain): readonly string[] {
  const { publishedCheckpoint } = chain;
  const run = lastRun(chain);
  const names = [
    `${publishedCheckpoint}.pth`,
    `${publishedCheckpoint}.safetensors`,
    weightsName(run, run.stopAtEpoch ?? run.epochs),
    weightsName(run),
  ];
  return [...new Set(names)];
}

/**
 * The file with a network's weights: the first of {@link weightsNamesOf} that is there, in the folder or in one of the
 * folders in it, of which Kaggle has one for each data set.
 */
export function findWeights(modelDir: string, chain: Chain): string {
  const names = weightsNamesOf(chain);
  const folders = [modelDir, ...foldersIn(modelDir)];
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = paths.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new UserError(
    `${modelDir}: expected the weights of ${chain.name} as ${names.join(" or ")}, got none; train it, or leave it out by --members`,
  );
}

function foldersIn(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`${folder}: expected a folder with weights, got none; check --model-dir`);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => join(folder, name))
    .sort();
}
