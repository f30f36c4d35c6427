import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { assignClassIds, augmentations, type ClassIds, holdOutAtRandom } from "@lmk/data";
import { type EmbeddingModel, fromReferenceLayout, type NamedArrays, toReferenceLayout } from "@lmk/models";
import { loadWeights } from "@lmk/models/checkpoints";
import {
  cosineSchedule,
  type JsonLinesLog,
  openCheckpoints,
  readJsonLinesLog,
  readSafetensors,
  sgd,
  type TrainProgress,
  writeSafetensors,
} from "@lmk/train";
import {
  type CompletedStage,
  groupsOf,
  imageOptions,
  initFileOf,
  initHashOf,
  type PreparedData,
  runStage,
  runTrainings,
  type Training,
  trainEmbedding,
  trainInStage,
  trainingsAtOnce,
  UserError,
  usableRows,
} from "@lmk-example/kit";
import { type CleanLists, rowsOfList, stageOfList } from "../clean-lists.ts";
import type { Job } from "../config.ts";
import type { EnsembleContext, EnsembleData } from "../context.ts";
import { createClassifier, createLoss, createModel, templateOf } from "../networks.ts";
import { dataOf } from "./prepare.ts";

/** Finished trainings by the names of their jobs. */
export type TrainedJobs = Map<string, CompletedStage>;

/** What trainings read. */
export interface TrainingInputs {
  readonly data: EnsembleData;
  /** `undefined` as long as no list is made; then only jobs that need none can be trained. */
  readonly lists: CleanLists | undefined;
}

/** Runs the trainings that are not complete, in the order given, and adds them to `trained`. */
export async function trainJobs(
  context: EnsembleContext,
  inputs: TrainingInputs,
  jobs: readonly Job[],
  trained: TrainedJobs,
): Promise<void> {
  const left = jobs.filter(({ name }) => !trained.has(name));
  await runTrainings(context, left.map(trainingOf), trainingsAtOnce(context));
  for (const job of jobs) {
    if (!trained.has(job.name)) trained.set(job.name, await trainJob(context, inputs, job, trained));
  }
}

/** How a process of its own does a job. */
function trainingOf({ name, from }: Job): Training {
  const after = typeof from === "object" ? [`train/${from.job}`] : [];
  return { name: `train/${name}`, after, stage: "train", options: ["--only", name] };
}

async function trainJob(
  context: EnsembleContext,
  inputs: TrainingInputs,
  job: Job,
  trained: TrainedJobs,
): Promise<CompletedStage> {
  const { config, options, run } = context;
  const { normalization, kernel } = config.images;
  const { checkpointEverySteps: _, ...training } = config.training;
  const settings = {
    job,
    seed: config.seed,
    training,
    images: { normalization, kernel },
    init: job.from === "imagenet" ? await initHashOf(options, job.network.backbone) : undefined,
    maxSteps: options.maxSteps,
    headClasses: options.headClasses,
    provider: options.provider,
  };
  const prepared = dataOf(inputs.data, job.data.set);
  const parent = typeof job.from === "object" ? trained.get(job.from.job)! : undefined;
  const list = job.data.set === "v2-clean" ? stageOfList(inputs.lists!, job.data) : undefined;
  const after = [prepared.stage, parent, list].filter((stage) => stage !== undefined);
  return runStage(run, `train/${job.name}`, { settings, after }, async (folder) => {
    const start = await startOf(context, job, parent);
    const weights = job.epochs === 0 ? start : await train(context, inputs, job, start, folder);
    await writeSafetensors(join(folder, "model.safetensors"), toReferenceLayout(weights));
  });
}

/** The network's weights before training. */
async function startOf(
  context: EnsembleContext,
  job: Job,
  parent: CompletedStage | undefined,
): Promise<NamedArrays> {
  if (parent !== undefined) return readWeights(parent);
  const model = createModel(job.network);
  const drawn = model.initialize({ seed: seedOf(context, job) });
  const init = job.from === "imagenet" ? initFileOf(context.options, job.network.backbone) : undefined;
  if (init === undefined) return drawn;
  const head = Object.entries(drawn).filter(([name]) => /^(neck|pooling)\./.test(name));
  return loadWeights(model, init, { initial: Object.fromEntries(head) });
}

/** Each job draws its own numbers: as the authors did, from the letters that describe it. */
function seedOf({ config }: EnsembleContext, { name }: Job): number {
  return config.seed + [...name].reduce((sum, letter) => sum + letter.codePointAt(0)!, 0);
}

/** Trains a network, on larger images in the end where the job says so, and gives its weights without the classifier. */
async function train(
  context: EnsembleContext,
  inputs: TrainingInputs,
  job: Job,
  start: NamedArrays,
  folder: string,
): Promise<NamedArrays> {
  const { scaleUp, epochs } = job;
  if (scaleUp === undefined) return trainOn(context, inputs, job, start, folder);
  const before = { ...job, stopAfterEpoch: epochs - 1 };
  const larger = join(folder, "scale-up");
  if (!existsSync(larger)) {
    await trainOn(context, inputs, before, start, folder);
    await carryOver(folder, larger, createModel(job.network).shapes);
  }
  return trainOn(context, inputs, { ...job, templates: scaleUp }, start, larger, { frozenBatchNorm: true });
}

/** Takes the last checkpoint to another folder, without the momentum of batch norms, which do not move there. */
async function carryOver(from: string, to: string, shapes: EmbeddingModel["shapes"]): Promise<void> {
  const { checkpoint } = await (await openCheckpoints<TrainProgress>(join(from, "checkpoints"))).latest();
  const norms = Object.keys(shapes).flatMap((name) => /^(.*)\.running_mean$/.exec(name)?.[1] ?? []);
  const frozen = new Set(
    norms.flatMap((norm) => [`sgd/momentum/${norm}.weight`, `sgd/momentum/${norm}.bias`]),
  );
  const arrays = Object.entries(checkpoint!.arrays).filter(([name]) => !frozen.has(name));
  const making = `${to}.${process.pid}`;
  const target = await openCheckpoints<TrainProgress>(join(making, "checkpoints"));
  await target.save({ ...checkpoint!, arrays: Object.fromEntries(arrays) });
  await rename(making, to);
}

async function trainOn(
  context: EnsembleContext,
  inputs: TrainingInputs,
  job: Job,
  start: NamedArrays,
  folder: string,
  { frozenBatchNorm = false }: { readonly frozenBatchNorm?: boolean } = {},
): Promise<NamedArrays> {
  const { config, options } = context;
  const { training } = config;
  const prepared = dataOf(inputs.data, job.data.set);
  const chosen = chooseClasses(job, prepared, inputs.lists);
  const model = createModel(job.network);
  const template = templateOf(job.templates);
  const seed = seedOf(context, job);
  const classes = Math.max(chosen.landmarkIds.length, options.headClasses ?? 0);
  const classifier = createClassifier(job.loss, { classes, dimension: model.dimension, seed });
  const images = await imageOptions(context);
  const { parameters } = await trainInStage(context, job.name, (surroundings) =>
    trainEmbedding({
      ...surroundings,
      folder,
      paths: prepared.data.train.paths,
      ...rowsToTrainOn(chosen, groupsOf(prepared, "train", template)),
      template,
      augmentation: augmentations[job.augmentation],
      ...images,
      seed,
      epochs: job.epochs,
      ...(job.stopAfterEpoch === undefined ? {} : { stopAfterEpoch: job.stopAfterEpoch }),
      ...(options.maxSteps === undefined ? {} : { maxSteps: options.maxSteps }),
      batchSize: job.batchSize,
      parameters: { ...start, ...classifier },
      loss: createLoss(model, job.loss),
      optimizer: sgd({ momentum: training.momentum, weightDecay: training.weightDecay }),
      schedule: (steps) =>
        cosineSchedule({ base: job.learningRate, minimum: job.minimumLearningRate, steps }),
      frozenBatchNorm,
      checkpointEverySteps: training.checkpointEverySteps,
    }),
  );
  return Object.fromEntries(Object.keys(start).map((name) => [name, parameters[name]!]));
}

/** The landmarks to classify, and the train images that show them. */
function chooseClasses(job: Job, prepared: PreparedData, lists: CleanLists | undefined): ClassIds {
  const { train, clean } = prepared.data;
  const usable = usableRows(prepared, "train");
  const listed = job.data.set === "v2-clean" ? rowsOfList(lists!, job.data) : clean;
  const readable = new Set(usable);
  const wanted = listed === undefined || job.data.set === "v1" || job.data.set === "v2" ? usable : listed;
  const rows = wanted.filter((row) => readable.has(row));
  const kept = job.holdOut > 0 ? heldIn(rows, job.holdOut) : rows;
  const topK = job.classTopK > 0 ? { classTopK: job.classTopK } : {};
  const chosen = assignClassIds(train.landmarkIds, { rows: kept, ...topK });
  if (chosen.landmarkIds.length >= 2) return chosen;
  throw new UserError(
    `train ${job.name}: expected images of at least 2 landmarks, got ${chosen.landmarkIds.length}; check --data`,
  );
}

function heldIn(rows: Int32Array, part: number): Int32Array {
  return holdOutAtRandom(rows.length, { part })
    .train.map((place) => rows[place]!)
    .sort();
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

/** The weights that a training ended with. */
export async function readWeights(stage: CompletedStage): Promise<NamedArrays> {
  const { arrays } = await readSafetensors(join(stage.folder, "model.safetensors"));
  return fromReferenceLayout(arrays);
}

/** The steps of a training; none where nothing was trained. */
export async function readHistory(stage: CompletedStage): Promise<JsonLinesLog["steps"]> {
  const files = [stage.folder, join(stage.folder, "scale-up")]
    .map((folder) => join(folder, "history.jsonl"))
    .filter((file) => existsSync(file));
  return (await Promise.all(files.map(async (file) => (await readJsonLinesLog(file)).steps))).flat();
}
