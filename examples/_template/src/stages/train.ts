import { join } from "node:path";
import { fromReferenceLayout, type NamedArrays, toReferenceLayout } from "@lmk/models";
import { readSafetensors, writeSafetensors } from "@lmk/train";
import { type CompletedStage, type PreparedData, runStage, trainStandIn } from "@lmk-example/kit";
import type { SystemContext } from "../context.ts";
import { createNetwork } from "../network.ts";

const file = "model.safetensors";

/** Trains the network. */
export async function train(context: SystemContext, prepared: PreparedData): Promise<CompletedStage> {
  const { config, options, run } = context;
  const { seed, network, training, images } = config;
  // Whatever changes the weights is named here: with other settings the stage runs again.
  const settings = {
    seed,
    network,
    training,
    images: { normalization: images.normalization, kernel: images.kernel },
    provider: options.provider,
  };
  return runStage(run, "train", { settings, after: [prepared.stage] }, async (folder) => {
    const model = createNetwork(config);
    const weights = await trainStandIn(context, {
      name: "train",
      folder,
      model,
      standIn: training,
      prepared,
      checkpointEverySteps: 100,
    });
    await writeSafetensors(join(folder, file), toReferenceLayout(weights));
  });
}

/** What {@link train} wrote. */
export async function readWeights({ folder }: CompletedStage): Promise<NamedArrays> {
  return fromReferenceLayout((await readSafetensors(join(folder, file))).arrays);
}
