import { join } from "node:path";
import type { NamedArrays } from "@lmk/models";
import type { CompletedStage } from "@lmk-example/kit";
import { createNetwork } from "../network.ts";
import type { BackboneName, PretrainedBackbones } from "../pretrained.ts";
import type { StandInNetwork } from "../stand-ins.ts";
import { readBackbone, readWeights } from "../weights-file.ts";
import { weightsFile } from "./stand-in.ts";

/** A stand-in that is trained. */
export interface TrainedStandIn {
  readonly network: StandInNetwork;
  readonly stage: CompletedStage;
}

/** Reads the backbones that a step begins with: those of files, and stand-ins for the others. */
export async function readBackbones(
  files: readonly (readonly [BackboneName, string | undefined])[],
  standIns: readonly TrainedStandIn[],
): Promise<PretrainedBackbones> {
  const backbones: Partial<Record<BackboneName, NamedArrays>> = {};
  for (const [backbone, file] of files) {
    if (file !== undefined) backbones[backbone] = await readBackbone(file, backbone);
  }
  for (const { network, stage } of standIns) {
    backbones[network.backbone] = await standInWeights(network, stage);
  }
  return backbones;
}

/** The weights of a stand-in by the names of its backbone; those of a layer behind it are of no network. */
async function standInWeights(
  { config, size }: StandInNetwork,
  { folder }: CompletedStage,
): Promise<NamedArrays> {
  const weights = await readWeights(join(folder, weightsFile), createNetwork(config, size), config);
  const prefix = config.model === "swin" ? "backbone." : "";
  return Object.fromEntries(
    Object.entries(weights)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array]),
  );
}
