import { join } from "node:path";
import { type CompletedStage, runStage, type StandIn, trainStandIn } from "@lmk-example/kit";
import { createNetwork } from "../network.ts";
import type { SystemContext, SystemData } from "../system.ts";
import type { EnetType } from "../train-run.ts";
import { writeWeights } from "../weights-file.ts";
import { weightsFile } from "./embed.ts";

/** Trains what stands in for weights learned on ImageNet. */
export async function standInFor(
  context: SystemContext,
  { prepared, folds }: SystemData,
  enetType: EnetType,
  standIn: StandIn,
): Promise<CompletedStage> {
  const { config, options, run } = context;
  const { normalization, kernel } = config.images;
  const { maxSteps, provider } = options;
  const size = config.sizes[enetType];
  const settings = {
    standIn,
    size,
    seed: config.seed,
    images: { normalization, kernel },
    maxSteps,
    provider,
  };
  const name = `stand-in/${enetType}`;
  return runStage(run, name, { settings, after: [prepared.stage, folds] }, async (folder) => {
    const model = createNetwork(enetType, size);
    const { checkpointEverySteps } = config.training;
    const trained = { name, folder, model, standIn, prepared, maxSteps, checkpointEverySteps };
    await writeWeights(join(folder, weightsFile), await trainStandIn(context, trained));
  });
}
