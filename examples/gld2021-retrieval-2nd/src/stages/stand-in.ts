import { join } from "node:path";
import { type CompletedStage, type StandIn, standInStage } from "@lmk-example/kit";
import type { NetworkName } from "../chains.ts";
import { createNetwork } from "../network.ts";
import { weightsFile } from "../network-weights.ts";
import type { SystemContext, SystemData } from "../system.ts";
import { writeWeights } from "../weights-file.ts";
import type { YmlConfig } from "../yml-config.ts";

/** Trains what stands in for a network's weights learned on ImageNet. */
export function standInFor(
  context: SystemContext,
  { prepared }: Pick<SystemData, "prepared">,
  network: { readonly name: NetworkName; readonly yml: YmlConfig; readonly standIn: StandIn },
): Promise<CompletedStage> {
  const { name, yml, standIn } = network;
  const size = context.config.sizes[name];
  return standInStage(context, {
    of: name,
    standIn,
    settings: { model: yml.MODEL, size },
    prepared,
    createModel: () => createNetwork(yml, size),
    write(folder, weights, model) {
      // What the runs after it never train must be as they begin with it.
      const frozen = new Set(model.frozen);
      const kept = Object.entries(weights).filter(([array]) => !frozen.has(array));
      return writeWeights(join(folder, weightsFile), Object.fromEntries(kept));
    },
  });
}
