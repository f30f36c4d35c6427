import { join } from "node:path";
import { type CompletedStage, type StandIn, standInStage } from "@lmk-example/kit";
import { createNetwork } from "../network.ts";
import type { SystemContext, SystemData } from "../system.ts";
import type { EnetType } from "../train-run.ts";
import { writeWeights } from "../weights-file.ts";
import { weightsFile } from "./embed.ts";

/** Trains what stands in for weights learned on ImageNet. */
export function standInFor(
  context: SystemContext,
  { prepared, folds }: SystemData,
  enetType: EnetType,
  standIn: StandIn,
): Promise<CompletedStage> {
  const size = context.config.sizes[enetType];
  return standInStage(context, {
    of: enetType,
    standIn,
    settings: { size },
    prepared,
    after: [folds],
    createModel: () => createNetwork(enetType, size),
    write: (folder, weights) => writeWeights(join(folder, weightsFile), weights),
  });
}
