import { join } from "node:path";
import * as compiler from "@lmk/compile";
import { assignClassIds, augmentations, createSizeTemplate } from "@lmk/data";
import { openDecodedCache } from "@lmk/data/images";
import { softmax, softmaxParameters } from "@lmk/losses";
import type { EmbeddingModel, NamedArrays, Parameters } from "@lmk/models";
import {
  adam,
  compiledEngine,
  constantSchedule,
  type LossContext,
  type LossResult,
  stopOnInterrupt,
} from "@lmk/train";
import { progressLog } from "@lmk/train/progress";
import {
  type CompletedStage,
  engineSettings,
  InterruptedError,
  runStage,
  trainEmbedding,
  usableRows,
} from "@lmk-example/kit";
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { StandIn } from "../config.ts";
import { createNetwork } from "../network.ts";
import type { SystemContext, SystemData } from "../system.ts";
import type { EnetType } from "../train-run.ts";
import { writeWeights } from "../weights-file.ts";
import { weightsFile } from "./embed.ts";

/**
 * Trains a network from random weights with a plain softmax on the clean images, in place of weights learned on ImageNet:
 * from random weights ArcFace ends where all embeddings point one way.
 */
export async function trainStandIn(
  context: SystemContext,
  { prepared, folds }: SystemData,
  enetType: EnetType,
  standIn: StandIn,
): Promise<CompletedStage> {
  const { config, options, run } = context;
  const { normalization, kernel } = config.images;
  const settings = {
    standIn,
    size: config.sizes[enetType],
    seed: config.seed,
    images: { normalization, kernel },
    maxSteps: options.maxSteps,
    provider: options.provider,
  };
  const name = `stand-in/${enetType}`;
  return runStage(run, name, { settings, after: [prepared.stage, folds] }, async (folder) => {
    const model = createNetwork(enetType, config.sizes[enetType]);
    const start = model.initialize({ seed: config.seed });
    const { train, clean } = prepared.data;
    const { widths } = prepared.sizes.train;
    const rows = clean?.filter((row) => widths[row]! > 0) ?? usableRows(prepared, "train");
    const chosen = assignClassIds(train.landmarkIds, { rows });
    const sizeGroups = new Int32Array(train.landmarkIds.length).fill(-1);
    const classes = new Int32Array(train.landmarkIds.length).fill(-1);
    chosen.rows.forEach((row, i) => {
      sizeGroups[row] = 0;
      classes[row] = chosen.classIds[i]!;
    });
    const { imageSize, epochs, batchSize, learningRate } = standIn;
    const head = softmaxParameters({
      classes: chosen.landmarkIds.length,
      dimension: model.dimension,
      seed: config.seed,
    });
    const stop = stopOnInterrupt();
    const { parameters, step } = await trainEmbedding({
      folder,
      engine: compiledEngine(compiler, engineSettings(context)),
      paths: train.paths,
      sizeGroups,
      classes,
      template: createSizeTemplate([], [{ width: imageSize, height: imageSize }]),
      augmentation: augmentations.none,
      normalization,
      kernel,
      ...(config.images.cache ? { cache: await openDecodedCache(join(run.path, "decoded")) } : {}),
      seed: config.seed,
      epochs,
      ...(options.maxSteps === undefined ? {} : { maxSteps: options.maxSteps }),
      batchSize,
      parameters: { ...start, ...head },
      loss: softmaxLoss(model),
      optimizer: adam(),
      schedule: () => constantSchedule({ base: learningRate }),
      checkpointEverySteps: config.training.checkpointEverySteps,
      callbacks: [progressLog({ label: `  ${name}` })],
      signal: stop.signal,
      onNotice: context.notice,
    }).finally(stop.dispose);
    if (stop.signal.aborted) {
      throw new InterruptedError(`stopped; ${name} is saved at step ${step}`, stop.exitCode());
    }
    const network: NamedArrays = Object.fromEntries(
      Object.keys(start).map((array) => [array, parameters[array]!]),
    );
    await writeWeights(join(folder, weightsFile), network);
  });
}

function softmaxLoss(model: EmbeddingModel) {
  return (
    parameters: Parameters,
    inputs: Readonly<Record<string, Tensor>>,
    context: LossContext,
  ): LossResult => {
    const { embedding, statistics } = model.apply(parameters, inputs.images as Tensor4D, context);
    const weight = parameters["final.weight"] as Tensor2D;
    const bias = parameters["final.bias"] as Tensor1D;
    return { loss: softmax(embedding, weight, bias, inputs.labels as Tensor1D), statistics };
  };
}
