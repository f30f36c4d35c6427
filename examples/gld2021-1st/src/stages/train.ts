import { join } from "node:path";
import type { NamedArrays } from "@lmk/models";
import {
  type CompletedStage,
  imageOptions,
  initFileOf,
  runStage,
  runTrainings,
  trainInStage,
  usableRows,
} from "@lmk-example/kit";
import type { MemberName } from "../ensembles.ts";
import { createNetwork } from "../network.ts";
import type { NetworkConfig, TrainTable } from "../network-config.ts";
import { backbonesOf, pretrainedWeights } from "../pretrained.ts";
import type { RecipeStep } from "../recipes.ts";
import { runTraining } from "../run-training.ts";
import { type StandInNetwork, standInsOf } from "../stand-ins.ts";
import { type StepData, stepData } from "../step-data.ts";
import type { SystemContext, SystemData, TrainedNetworks } from "../system.ts";
import { readWeights } from "../weights-file.ts";
import { readBackbones } from "./backbone-weights.ts";
import { type StandIns, weightsFile } from "./stand-in.ts";

/** Trains the networks, step by step of their recipes. */
export async function trainNetworks(
  context: SystemContext,
  data: SystemData,
  standIns: StandIns,
): Promise<TrainedNetworks> {
  const { recipes, training } = context.config;
  const { trainings, threads } = context.options;
  await runTrainings(
    context,
    recipes.map(({ member, steps }) => ({
      name: stageName(steps.at(-1)!.config),
      after: [],
      stage: "chains",
      options: ["--members", member],
    })),
    trainings ?? (training.oneThreadEach ? threads : 1),
  );
  const ofTable = tablesOf(data);
  const trained = new Map<MemberName, CompletedStage>();
  for (const { member, steps } of recipes) {
    const own = standInsOf(context.config, member);
    let before: Before | undefined;
    for (const step of steps) {
      const stage = await train(context, { data, ofTable, step, member, own, standIns, before });
      before = { stage, config: step.config };
    }
    trained.set(member, before!.stage);
  }
  return trained;
}

/** The step before, whose weights a step goes on from. */
interface Before {
  readonly stage: CompletedStage;
  readonly config: NetworkConfig;
}

interface StepInputs {
  readonly data: SystemData;
  readonly ofTable: (table: TrainTable) => StepData;
  readonly step: RecipeStep;
  readonly member: MemberName;
  /** The stand-ins of this network. */
  readonly own: readonly StandInNetwork[];
  readonly standIns: StandIns;
  readonly before: Before | undefined;
}

function train(context: SystemContext, inputs: StepInputs): Promise<CompletedStage> {
  const { config, options, notice } = context;
  const { data, ofTable, step, member, own, standIns, before } = inputs;
  const { name } = step.config;
  const { normalization, kernel } = config.images;
  const size = config.sizes[member];
  const { augmentation, headRate, checkpointEverySteps } = config.training;
  const { maxSteps, headClasses, provider } = options;
  const names = [...backbonesOf(step.config).keys()];
  const files = names.map((backbone) => [backbone, initFileOf(options, backbone)] as const);
  const begun = own
    .filter(({ backbone }) => names.includes(backbone))
    .flatMap((network) => {
      const stage = standIns.get(network.name);
      return stage === undefined ? [] : [{ network, stage }];
    });
  const settings = {
    step,
    size,
    seed: config.seed,
    training: { augmentation, headRate, checkpointEverySteps },
    images: { normalization, kernel },
    init: Object.fromEntries(files),
    ...{ maxSteps, headClasses, provider },
  };
  const after = [data.prepared.stage, data.lists, before?.stage, ...begun.map(({ stage }) => stage)];
  const stages = { settings, after: after.filter((stage) => stage !== undefined) };
  return runStage(context.run, stageName(step.config), stages, async (folder) => {
    const backbones = await readBackbones(files, begun);
    const missing = names.filter((backbone) => backbones[backbone] === undefined);
    if (missing.length > 0) {
      notice(`${name}: random weights of ${missing.join(", ")}; --init brings those learned on ImageNet`);
    }
    const loaded = before && (await readBefore(before, context, member));
    const images = await imageOptions(context);
    await trainInStage(context, name, (surroundings) =>
      runTraining({
        ...surroundings,
        config: step.config,
        devices: step.devices,
        size,
        data: ofTable(step.config.train_df),
        paths: data.prepared.data.train.paths,
        usable: usableRows(data.prepared, "train"),
        pretrained: pretrainedWeights(step.config, backbones),
        ...(loaded === undefined ? {} : { loaded }),
        weights: join(folder, weightsFile),
        folder,
        seed: config.seed,
        ...{ augmentation, headRate, checkpointEverySteps },
        ...(maxSteps === undefined ? {} : { maxSteps }),
        ...(headClasses === undefined ? {} : { headClasses }),
        ...images,
      }),
    );
  });
}

function readBefore(
  { stage, config }: Before,
  context: SystemContext,
  member: MemberName,
): Promise<NamedArrays> {
  const model = createNetwork(config, context.config.sizes[member]);
  return readWeights(join(stage.folder, weightsFile), model, config);
}

function stageName({ name }: Pick<NetworkConfig, "name">): string {
  return `train/${name}`;
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
