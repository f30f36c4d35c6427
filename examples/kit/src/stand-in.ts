import { type AugmentationName, assignClassIds, augmentations, createSizeTemplate } from "@lmk/data";
import { softmax, softmaxParameters } from "@lmk/losses";
import type { EmbeddingModel, NamedArrays, Parameters } from "@lmk/models";
import { adam, constantSchedule, type LossContext, type LossResult } from "@lmk/train";
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { RunOptions } from "./command-line.ts";
import type { Context } from "./context.ts";
import { type ImagesConfig, imageOptions } from "./image-settings.ts";
import { type PreparedData, usableRows } from "./prepared-data.ts";
import { trainEmbedding } from "./train-embedding.ts";
import { trainInStage } from "./train-in-stage.ts";

/** A training from random weights with a plain softmax on the clean images. */
export interface StandIn {
  /** Side of the images, in pixels. */
  readonly imageSize: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Constant. */
  readonly learningRate: number;
  /** @defaultValue "none" */
  readonly augmentation?: AugmentationName;
}

/** What {@link trainStandIn} is told. */
export interface TrainStandInOptions {
  /** Shown with its progress. */
  readonly name: string;
  /** Where checkpoints and the history are kept. */
  readonly folder: string;
  readonly model: EmbeddingModel;
  readonly standIn: StandIn;
  readonly prepared: PreparedData;
  /** Steps that are trained at most. */
  readonly maxSteps?: number | undefined;
  readonly checkpointEverySteps: number;
}

/**
 * Trains a network from random weights with a plain softmax on the images that `clean` lists, in place of weights learned on
 * ImageNet: from random weights ArcFace ends where all embeddings point one way.
 *
 * @returns The network's weights, without the classifier.
 */
export async function trainStandIn(
  context: Context<{ readonly seed: number; readonly images: ImagesConfig }, RunOptions>,
  options: TrainStandInOptions,
): Promise<NamedArrays> {
  const { name, folder, model, standIn, prepared, maxSteps, checkpointEverySteps } = options;
  const { imageSize, epochs, batchSize, learningRate, augmentation = "none" } = standIn;
  const { seed } = context.config;
  const chosen = cleanClasses(prepared);
  const start = model.initialize({ seed });
  const classifier = { classes: chosen.count, dimension: model.dimension, seed };
  const images = await imageOptions(context);
  const { parameters } = await trainInStage(context, name, (surroundings) =>
    trainEmbedding({
      ...surroundings,
      folder,
      paths: prepared.data.train.paths,
      sizeGroups: chosen.sizeGroups,
      classes: chosen.classes,
      template: createSizeTemplate([], [{ width: imageSize, height: imageSize }]),
      augmentation: augmentations[augmentation],
      ...images,
      seed,
      epochs,
      ...(maxSteps === undefined ? {} : { maxSteps }),
      batchSize,
      parameters: { ...start, ...softmaxParameters(classifier) },
      loss: softmaxLoss(model),
      optimizer: adam(),
      schedule: () => constantSchedule({ base: learningRate }),
      checkpointEverySteps,
    }),
  );
  return Object.fromEntries(Object.keys(start).map((array) => [array, parameters[array]!]));
}

/** The classes of clean images by row of the train table, all of one size; −1 for the others. */
function cleanClasses(prepared: PreparedData): {
  readonly sizeGroups: Int32Array;
  readonly classes: Int32Array;
  readonly count: number;
} {
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
  return { sizeGroups, classes, count: chosen.landmarkIds.length };
}

/** The loss of a network and its classifier on `images` `[N, H, W, 3]` and `labels` `[N]`. */
export type EmbeddingLoss = (
  parameters: Parameters,
  inputs: Readonly<Record<string, Tensor>>,
  context: LossContext,
) => LossResult;

/** The softmax of a linear classifier `final` on a network's embeddings. */
export function softmaxLoss(model: EmbeddingModel): EmbeddingLoss {
  return (parameters, inputs, context) => {
    const { embedding, statistics } = model.apply(parameters, inputs.images as Tensor4D, context);
    const weight = parameters["final.weight"] as Tensor2D;
    const bias = parameters["final.bias"] as Tensor1D;
    return { loss: softmax(embedding, weight, bias, inputs.labels as Tensor1D), statistics };
  };
}
