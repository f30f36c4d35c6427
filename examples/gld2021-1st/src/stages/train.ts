import { join } from "node:path";
import {
  type CompletedStage,
  imageOptions,
  looksOf,
  runStage,
  runTrainings,
  trainInStage,
  trainingsAtOnce,
  usableRows,
} from "@lmk-example/kit";
import type { MemberName } from "../ensembles.ts";
import type { TrainTable } from "../network-config.ts";
import { stepStage, trainingsOf } from "../recipe-trainings.ts";
import type { RecipeStep } from "../recipes.ts";
import { runTraining } from "../run-training.ts";
import { type StepData, stepData } from "../step-data.ts";
import type { SystemContext, SystemData, TrainedNetworks } from "../system.ts";
import { type StandIns, weightsFile } from "./stand-in.ts";
import { type StepStart, stepStart, type TrainedStep } from "./step-start.ts";

/** Trains the networks, step by step of their recipes. */
export async function trainNetworks(
  context: SystemContext,
  data: SystemData,
  standIns: StandIns,
): Promise<TrainedNetworks> {
  await runTrainings(context, trainingsOf(context.config), trainingsAtOnce(context));
  const ofTable = tablesOf(data);
  const trained = new Map<MemberName, CompletedStage>();
  for (const { member, steps } of context.config.recipes) {
    let before: TrainedStep | undefined;
    for (const step of steps) {
      const { config } = step;
      const start = stepStart(context, { member, config }, { standIns, before });
      before = { stage: await train(context, { data, ofTable, step, member, start }), config };
    }
    trained.set(member, before!.stage);
  }
  return trained;
}

interface StepInputs {
  readonly data: SystemData;
  readonly ofTable: (table: TrainTable) => StepData;
  readonly step: RecipeStep;
  readonly member: MemberName;
  readonly start: StepStart;
}

async function train(
  context: SystemContext,
  { data, ofTable, step, member, start }: StepInputs,
): Promise<CompletedStage> {
  const { config, options } = context;
  const { normalization, kernel } = config.images;
  const size = config.sizes[member];
  const { augmentation, checkpointEverySteps } = config.training;
  const { maxSteps, headClasses, provider } = options;
  const settings = {
    step,
    size,
    seed: config.seed,
    training: { augmentation },
    images: { normalization, kernel },
    init: await start.init(),
    ...{ maxSteps, headClasses, provider },
  };
  const stages = { settings, after: [data.prepared.stage, data.lists, ...start.after] };
  return runStage(context.run, stepStage(step.config), stages, async (folder) => {
    const weights = await start.read();
    const images = await imageOptions(context);
    await trainInStage(context, step.config.name, (surroundings) =>
      runTraining({
        ...surroundings,
        config: step.config,
        devices: step.devices,
        size,
        data: ofTable(step.config.train_df),
        paths: data.prepared.data.train.paths,
        usable: usableRows(data.prepared, "train"),
        ...weights,
        weights: join(folder, weightsFile),
        folder,
        seed: config.seed,
        ...{ augmentation, checkpointEverySteps },
        ...looksOf(options),
        ...images,
      }),
    );
  });
}

/** The images of each table, chosen once. */
function tablesOf({ prepared }: SystemData): (table: TrainTable) => StepData {
  const known = new Map<TrainTable, StepData>();
  return (table) => {
    const chosen = known.get(table) ?? stepData(prepared.data, table);
    known.set(table, chosen);
    return chosen;
  };
}
