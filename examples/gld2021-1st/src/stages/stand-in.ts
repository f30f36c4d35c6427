import { join } from "node:path";
import {
  type CompletedStage,
  initFileOf,
  runTrainings,
  standInStage,
  trainingsAtOnce,
} from "@lmk-example/kit";
import type { StandInConfig } from "../config.ts";
import { createNetwork } from "../network.ts";
import { type StandInNetwork, standInNetworks } from "../stand-ins.ts";
import type { SystemContext, SystemData } from "../system.ts";
import { imageSide } from "../tokens.ts";
import { writeWeights } from "../weights-file.ts";
import { withDraws } from "../with-draws.ts";

/** Stages whose `model.safetensors` stands in for weights learned on ImageNet, by the stand-in's name. */
export type StandIns = ReadonlyMap<string, CompletedStage>;

/** The file of the weights in the stage's folder. */
export const weightsFile = "model.safetensors";

/** Trains what stands in for weights learned on ImageNet, but for backbones of which `--init` brings them. */
export async function trainStandIns(context: SystemContext, data: SystemData): Promise<StandIns> {
  const { config, options } = context;
  const { standIn } = config;
  if (standIn === undefined) return new Map();
  const networks = standInNetworks(config).filter(
    ({ name, backbone }) =>
      initFileOf(options, backbone) === undefined && (options.backbones?.includes(name) ?? true),
  );
  await runTrainings(
    context,
    networks.map(({ name }) => ({
      name: `stand-in/${name}`,
      after: [],
      stage: "stand-ins",
      options: ["--backbones", name],
    })),
    trainingsAtOnce(context),
  );
  const trained = new Map<string, CompletedStage>();
  for (const network of networks) trained.set(network.name, await train(context, data, network, standIn));
  return trained;
}

function train(
  context: SystemContext,
  { prepared }: SystemData,
  { name, config, size }: StandInNetwork,
  { transformerLearningRate, ...standIn }: StandInConfig,
): Promise<CompletedStage> {
  const { model, backbone, neck } = config;
  const own =
    model === "swin"
      ? { imageSize: imageSide(config, size), learningRate: transformerLearningRate }
      : undefined;
  return standInStage(context, {
    of: name,
    standIn: { ...standIn, ...own },
    settings: { network: { model, backbone, neck }, size },
    prepared,
    createModel: () => withDraws(createNetwork(config, size)),
    write: (folder, weights) => writeWeights(join(folder, weightsFile), weights),
  });
}
