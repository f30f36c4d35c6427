import type { EmbeddingModel, NamedArrays } from "@lmk/models";
import type { Context } from "./context.ts";
import type { EnsembleRunOptions } from "./ensemble-options.ts";
import type { PreparedData } from "./prepared-data.ts";
import { type CompletedStage, runStage } from "./run-folder.ts";
import { type StandIn, trainStandIn } from "./stand-in.ts";
import type { SystemConfig } from "./system-config.ts";

/** What {@link standInStage} is told. */
export interface StandInStage {
  /** Names the stage, `stand-in/<of>`. */
  readonly of: string;
  readonly standIn: StandIn;
  /** What else makes it another network. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly prepared: PreparedData;
  /** Stages that count besides that of the data. */
  readonly after?: readonly CompletedStage[];
  readonly createModel: () => EmbeddingModel;
  /** Keeps the weights, which are without a classifier, in the stage's folder. */
  readonly write: (folder: string, weights: NamedArrays, model: EmbeddingModel) => Promise<void>;
}

/** A stage of `trainStandIn`: trains what stands in for a network's weights learned on ImageNet. */
export function standInStage(
  context: Context<SystemConfig, EnsembleRunOptions>,
  { of, standIn, settings: own, prepared, after = [], createModel, write }: StandInStage,
): Promise<CompletedStage> {
  const { config, options, run } = context;
  const { normalization, kernel } = config.images;
  const { maxSteps, provider } = options;
  const { checkpointEverySteps } = config.training;
  const settings = {
    standIn,
    ...own,
    seed: config.seed,
    images: { normalization, kernel },
    maxSteps,
    provider,
  };
  const name = `stand-in/${of}`;
  return runStage(run, name, { settings, after: [prepared.stage, ...after] }, async (folder) => {
    const model = createModel();
    const trained = { name, folder, model, standIn, prepared, maxSteps, checkpointEverySteps };
    await write(folder, await trainStandIn(context, trained), model);
  });
}
