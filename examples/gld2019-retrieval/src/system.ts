import { augmentations, createSizeTemplate, type SizeTemplate, sizeTemplates } from "@lmk/data";
import { arcFace, arcFaceParameters, softmax, softmaxParameters } from "@lmk/losses";
import {
  createEfficientNet,
  createEmbeddingModel,
  createResNet,
  type EmbeddingModel,
  gem,
  linearNeck,
  type NamedArrays,
  type Parameters,
} from "@lmk/models";
import type { LossContext, LossResult } from "@lmk/train";
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Config, LossConfig, TemplatesConfig } from "./config.ts";

/** The network of the 2019 system: a backbone, GeM, a linear layer, batch norm. */
export function createModel({ model }: Config): EmbeddingModel {
  const { backbone, width, poolingPower, poolingPowerLearnable, dimension } = model;
  return createEmbeddingModel({
    backbone:
      backbone === "tf_efficientnet_lite0" ? createEfficientNet(backbone) : createResNet(backbone, { width }),
    pooling: gem({ power: poolingPower, learnable: poolingPowerLearnable }),
    neck: dimension === "pooled" ? null : linearNeck({ dimension }),
  });
}

/** A loss on the network's embeddings. */
export function createLoss(model: EmbeddingModel, loss: LossConfig) {
  return (
    parameters: Parameters,
    inputs: Readonly<Record<string, Tensor>>,
    context: LossContext,
  ): LossResult => {
    const { embedding, statistics } = model.apply(parameters, inputs.images as Tensor4D, context);
    const labels = inputs.labels as Tensor1D;
    const weight = parameters["final.weight"] as Tensor2D;
    if (loss.kind === "arcface") return { loss: arcFace(embedding, weight, labels, loss), statistics };
    return { loss: softmax(embedding, weight, parameters["final.bias"] as Tensor1D, labels), statistics };
  };
}

/** Initial weights of a loss's classifier. */
export function createClassifier(
  loss: LossConfig,
  options: { readonly classes: number; readonly dimension: number; readonly seed: number },
): NamedArrays {
  return loss.kind === "arcface" ? arcFaceParameters(options) : softmaxParameters(options);
}

/** The sizes that images are warped to. */
export function templateOf(config: TemplatesConfig): SizeTemplate {
  if (typeof config === "string") return sizeTemplates[config];
  return createSizeTemplate(
    config.edges,
    config.sizes.map(([width, height]) => ({ width, height })),
  );
}

/** The random changes to training images. */
export function augmentationOf({ images }: Config): (typeof augmentations)[keyof typeof augmentations] {
  return augmentations[images.augmentation];
}
