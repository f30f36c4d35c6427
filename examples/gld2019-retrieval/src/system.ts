import { augmentations, createSizeTemplate, type SizeTemplate, sizeTemplates } from "@lmk/data";
import { arcFace } from "@lmk/losses";
import { createEmbeddingModel, createResNet, type EmbeddingModel, type Parameters } from "@lmk/models";
import type { LossContext, LossResult } from "@lmk/train";
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Config, TemplatesConfig } from "./config.ts";

/** The network of the 2019 system: ResNet, GeM, a linear layer, batch norm. */
export function createModel({ model }: Config): EmbeddingModel {
  return createEmbeddingModel({
    backbone: createResNet(model.backbone, { width: model.width }),
    poolingPower: model.poolingPower,
    learnablePower: model.poolingPowerLearnable,
    dimension: model.dimension,
  });
}

/** ArcFace on the network's embeddings. */
export function createLoss(model: EmbeddingModel, { loss }: Config) {
  return (
    parameters: Parameters,
    { images, labels }: Readonly<Record<string, Tensor>>,
    context: LossContext,
  ): LossResult => {
    const { embedding, statistics } = model.apply(parameters, images as Tensor4D, context);
    const weight = parameters["final.weight"] as Tensor2D;
    return { loss: arcFace(embedding, weight, labels as Tensor1D, loss), statistics };
  };
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
