import { marginPresets, subCenterArcFace, subCenterArcFaceParameters, subCenterCosines } from "@lmk/losses";
import {
  type Backbone,
  createEfficientNet,
  createEmbeddingModel,
  createResNeSt,
  createReXNet,
  type EmbeddingModel,
  type NamedArrays,
  spoc,
  swishNeck,
} from "@lmk/models";
import type { EmbeddingLoss } from "@lmk-example/kit";
import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { NetworkSize } from "./config.ts";
import type { EnetType } from "./train-run.ts";

/** The head's rows, three centers of each class, one class after another. */
export const headName = "metric_classify.weight";

const { loss: arcFace } = marginPresets.recognition2020Third;

/** A network: a backbone, its mean over places, a linear layer to 512 numbers, swish. */
export function createNetwork(enetType: EnetType, size: NetworkSize = {}): EmbeddingModel {
  return createEmbeddingModel({
    backbone: createBackbone(enetType, size),
    pooling: spoc(),
    neck: swishNeck(),
  });
}

function createBackbone(enetType: EnetType, { width, depth, depths }: NetworkSize): Backbone {
  const wide = width === undefined ? {} : { width };
  if (enetType === "nest101")
    return createResNeSt("resnest101", { ...wide, ...(depths === undefined ? {} : { depths }) });
  if (enetType === "rex20") return createReXNet("rexnet_200", wide);
  return createEfficientNet(enetType, { ...wide, ...(depth === undefined ? {} : { depth }) });
}

/** Fresh weights of a network and of its head. */
export function initialParameters(
  model: EmbeddingModel,
  { classes, seed }: { readonly classes: number; readonly seed: number },
): NamedArrays {
  const { dimension } = model;
  const { centers } = arcFace;
  const head = subCenterArcFaceParameters({ classes, dimension, centers, seed });
  return { ...model.initialize({ seed }), [headName]: head["final.weight"]! };
}

/**
 * The loss of a network on `images` and `labels`: sub-center ArcFace with a margin for each class.
 *
 * @param head - Scale of the cosines, and margins in radians, one for each class of the head.
 */
export function trainingLoss(
  model: EmbeddingModel,
  { scale, margins }: { readonly scale: number; readonly margins: Float32Array },
): EmbeddingLoss {
  return (parameters, inputs, context) => {
    const { embedding, statistics } = model.apply(parameters, inputs.images as Tensor4D, context);
    const head = parameters[headName] as Tensor2D;
    const options = { ...arcFace, scale, margin: margins };
    return { loss: subCenterArcFace(embedding, head, inputs.labels as Tensor1D, options), statistics };
  };
}

/** Cosines of embeddings `[N, 512]` to each class, `[N, C]`: to the nearest of its centers. */
export function classCosines(embeddings: Tensor2D, head: Tensor2D): Tensor2D {
  return subCenterCosines(embeddings, head, { centers: arcFace.centers });
}
