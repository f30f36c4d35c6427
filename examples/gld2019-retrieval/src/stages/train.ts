import { join } from "node:path";
import * as compiler from "@lmk/compile";
import { assignClassIds, type ClassIds } from "@lmk/data";
import { fromReferenceLayout, type NamedArrays, toReferenceLayout } from "@lmk/models";
import { loadWeights } from "@lmk/models/checkpoints";
import {
  compiledEngine,
  cosineSchedule,
  type JsonLinesLog,
  readJsonLinesLog,
  readSafetensors,
  sgd,
  stopOnInterrupt,
  writeSafetensors,
} from "@lmk/train";
import { progressLog } from "@lmk/train/progress";
import { type CompletedStage, InterruptedError, runStage, trainEmbedding, UserError } from "@lmk-example/kit";
import type { Config, TrainingStage } from "../config.ts";
import { type Context, engineSettings, groupsOf, type PreparedData, usableRows } from "../context.ts";
import { augmentationOf, createClassifier, createLoss, createModel, templateOf } from "../system.ts";

/** Trains the network on the cleaned train images, stage by stage. */
export async function trainNetwork(context: Context, prepared: PreparedData): Promise<CompletedStage> {
  const { config, options, run } = context;
  const { training, images, model } = config;
  const settings = {
    seed: config.seed,
    training,
    images,
    model,
    init: options.init,
    ...engineSettings(context),
  };
  return runStage(run, "train", { settings, after: [prepared.stage] }, async (folder) => {
    const classes = chooseClasses(config, prepared);
    let network = await initialParameters(context);
    for (const stage of training.stages)
      network = await trainStage(context, prepared, classes, stage, network, folder);
    const metadata = { landmarks: [...classes.landmarkIds].join(" ") };
    await writeSafetensors(join(folder, "model.safetensors"), toReferenceLayout(network), { metadata });
  });
}

/** The landmarks to classify, and the train images that show them. */
function chooseClasses({ training }: Config, prepared: PreparedData): ClassIds {
  const { train, clean } = prepared.data;
  const usable = new Set(usableRows(prepared, "train"));
  const rows = (clean ?? Int32Array.from(usable)).filter((row) => usable.has(row));
  const { classTopK } = training;
  const chosen = assignClassIds(train.landmarkIds, { rows, ...(classTopK > 0 ? { classTopK } : {}) });
  if (chosen.landmarkIds.length >= 2) return chosen;
  throw new UserError(
    `train: expected images of at least 2 landmarks, got ${chosen.landmarkIds.length}; check --data`,
  );
}

/** Runs one stage and gives the network without the stage's classifier. */
async function trainStage(
  context: Context,
  prepared: PreparedData,
  chosen: ClassIds,
  stage: TrainingStage,
  network: NamedArrays,
  folder: string,
): Promise<NamedArrays> {
  const { config, notice } = context;
  const { training, seed } = config;
  const model = createModel(config);
  const template = templateOf(config.images.trainTemplates);
  const classifier = createClassifier(stage.loss, {
    classes: chosen.landmarkIds.length,
    dimension: model.dimension,
    seed,
  });
  const stop = stopOnInterrupt();
  const { parameters, step } = await trainEmbedding({
    folder: join(folder, stage.name),
    engine: compiledEngine(compiler, engineSettings(context)),
    paths: prepared.data.train.paths,
    ...rowsToTrainOn(chosen, groupsOf(prepared, "train", template)),
    template,
    augmentation: augmentationOf(config),
    seed,
    epochs: stage.epochs,
    batchSize: training.batchSize,
    parameters: { ...network, ...classifier },
    loss: createLoss(model, stage.loss),
    optimizer: sgd({ momentum: training.momentum, weightDecay: training.weightDecay }),
    schedule: (steps) =>
      cosineSchedule({ base: stage.learningRate, minimum: stage.minimumLearningRate, steps }),
    frozenBatchNorm: stage.frozenBatchNorm,
    checkpointEverySteps: training.checkpointEverySteps,
    callbacks: [progressLog({ label: `  ${stage.name}` })],
    signal: stop.signal,
    onNotice: notice,
  }).finally(stop.dispose);
  if (stop.signal.aborted) {
    throw new InterruptedError(`stopped; ${stage.name} is saved at step ${step}`, stop.exitCode());
  }
  return Object.fromEntries(Object.keys(network).map((name) => [name, parameters[name]!]));
}

/** The size group and the class of each train row; −1 for rows that are not trained on. */
function rowsToTrainOn(
  chosen: ClassIds,
  ofSplit: Int32Array,
): { sizeGroups: Int32Array; classes: Int32Array } {
  const sizeGroups = new Int32Array(ofSplit.length).fill(-1);
  const classes = new Int32Array(ofSplit.length).fill(-1);
  chosen.rows.forEach((row, i) => {
    sizeGroups[row] = ofSplit[row]!;
    classes[row] = chosen.classIds[i]!;
  });
  return { sizeGroups, classes };
}

/** The steps of every stage, one after the other. */
export async function readTrainingHistory(
  { training }: Config,
  stage: CompletedStage,
): Promise<JsonLinesLog["steps"]> {
  const all: JsonLinesLog["steps"][number][] = [];
  for (const { name } of training.stages) {
    const { steps } = await readJsonLinesLog(join(stage.folder, name, "history.jsonl"));
    const before = all.length;
    all.push(...steps.map((entry) => ({ ...entry, step: entry.step + before })));
  }
  return all;
}

/** The network's weights before training: drawn from the seed, or those of `--init` where it has them. */
export async function initialParameters({ config, options }: Context): Promise<NamedArrays> {
  const model = createModel(config);
  const drawn = model.initialize({ seed: config.seed });
  if (options.init === undefined) return drawn;
  const head = Object.entries(drawn).filter(([name]) => /^(neck|pooling)\./.test(name));
  return loadWeights(model, options.init, { initial: Object.fromEntries(head) });
}

/** The weights that the untrained baseline has: random ones where nothing is trained after `--init`. */
export async function untrainedParameters(context: Context): Promise<NamedArrays> {
  const { config } = context;
  if (config.training.stages.length > 0) return initialParameters(context);
  return createModel(config).initialize({ seed: config.seed });
}

/** The network's weights after training. */
export async function trainedParameters(stage: CompletedStage): Promise<NamedArrays> {
  const { arrays } = await readSafetensors(join(stage.folder, "model.safetensors"));
  return fromReferenceLayout(arrays);
}
