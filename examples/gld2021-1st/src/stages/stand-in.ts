import { join } from "node:path";
import {
  type CompletedStage,
  initFileOf,
  runStage,
  runTrainings,
  type StandIn,
  trainStandIn,
} from "@lmk-example/kit";
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
  const { standIn, training } = config;
  if (standIn === undefined) return new Map();
  const networks = standInNetworks(config).filter(
    ({ name, backbone }) =>
      initFileOf(options, backbone) === undefined && (options.backbones?.includes(name) ?? true),
  );
  await runTrainings(
    context,
    networks.map(({ name }) => ({
      name: stageName(name),
      after: [],
      stage: "stand-ins",
      options: ["--backbones", name],
    })),
    options.trainings ?? (training.oneThreadEach ? options.threads : 1),
  );
  const trained = new Map<string, CompletedStage>();
  for (const network of networks) trained.set(network.name, await train(context, data, network, standIn));
  return trained;
}

function train(
  context: SystemContext,
  { prepared }: SystemData,
  { name, config, size }: StandInNetwork,
  standIn: StandIn,
): Promise<CompletedStage> {
  const { options, run } = context;
  const { normalization, kernel } = context.config.images;
  const { maxSteps, provider } = options;
  const own = {
    ...standIn,
    imageSize: config.model === "swin" ? imageSide(config, size) : standIn.imageSize,
  };
  const settings = {
    standIn: own,
    network: { model: config.model, backbone: config.backbone, neck: config.neck },
    size,
    seed: context.config.seed,
    images: { normalization, kernel },
    maxSteps,
    provider,
  };
  return runStage(run, stageName(name), { settings, after: [prepared.stage] }, async (folder) => {
    const model = withDraws(createNetwork(config, size));
    const { checkpointEverySteps } = context.config.training;
    const trained = { name, folder, model, standIn: own, prepared, maxSteps, checkpointEverySteps };
    await writeWeights(join(folder, weightsFile), await trainStandIn(context, trained));
  });
}

function stageName(name: string): string {
  return `stand-in/${name}`;
}
