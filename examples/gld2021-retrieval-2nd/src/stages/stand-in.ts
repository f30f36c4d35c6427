import { join } from "node:path";
import { type CompletedStage, runStage, type StandIn, trainStandIn } from "@lmk-example/kit";
import type { NetworkName } from "../chains.ts";
import { createNetwork } from "../network.ts";
import { weightsFile } from "../network-weights.ts";
import type { SystemContext, SystemData } from "../system.ts";
import { writeWeights } from "../weights-file.ts";
import type { YmlConfig } from "../yml-config.ts";

/** Trains what stands in for a network's weights learned on ImageNet. */
export async function standInFor(
  context: SystemContext,
  { prepared }: Pick<SystemData, "prepared">,
  network: { readonly name: NetworkName; readonly yml: YmlConfig; readonly standIn: StandIn },
): Promise<CompletedStage> {
  const { config, options, run } = context;
  const { name, yml, standIn } = network;
  const { normalization, kernel } = config.images;
  const { maxSteps, provider } = options;
  const size = config.sizes[name];
  const settings = {
    standIn,
    model: yml.MODEL,
    size,
    seed: config.seed,
    images: { normalization, kernel },
    maxSteps,
    provider,
  };
  const stage = `stand-in/${name}`;
  return runStage(run, stage, { settings, after: [prepared.stage] }, async (folder) => {
    const model = createNetwork(yml, size);
    const { checkpointEverySteps } = config.training;
    const trained = { name: stage, folder, model, standIn, prepared, maxSteps, checkpointEverySteps };
    const weights = await trainStandIn(context, trained);
    // What the runs after it never train must be as they begin with it.
    const frozen = new Set(model.frozen);
    const kept = Object.entries(weights).filter(([array]) => !frozen.has(array));
    await writeWeights(join(folder, weightsFile), Object.fromEntries(kept));
  });
}
